// BoxPanel: a box that is chosen: its name, colour and note, its ports when it is collapsed, and what can be done with it.
import { setValue, unsetValue } from '@weir/flow-model'
import { Button } from '@weir/ui/button.tsx'
import { Check } from '@weir/ui/check.tsx'
import { Field } from '@weir/ui/field.tsx'
import { CollapsedBoxes } from '../../canvas/scene/collapsed.ts'
import { removeBox, setCollapsed } from '../../boxes/box-actions.ts'
import { boxName, goInto, nodesInBox } from '../../boxes/inside.ts'
import { NodeOfThis } from '../../boxes/node-of-this.tsx'
import { countOf } from '../../canvas/actions.ts'
import { useSession } from '../../session/use-session.ts'
import type { EditorSession } from '../../session/editor-session.ts'
import { touches, useChanges, useChosen } from '../form/use-changes.ts'
import { Part } from '../part.tsx'

/** Of the box that is chosen; of several nothing but their number. */
export function BoxPanel() {
  const session = useSession()
  const ids = useChosen(session, 'groups')
  useChanges(session, (changes) => {
    const { added, removed } = changes.kinds.edges
    return touches(changes, 'groups', ids) || added.size + removed.size + changes.kinds.nodes.changed.size > 0
  })
  const [id, ...others] = ids
  const group = id === undefined ? undefined : session.document.group(id)
  if (id === undefined || group === undefined) return null
  if (others.length > 0)
    return (
      <div className="grid content-start gap-4 p-4">
        <Part title={`${ids.length} boxes`}>
          <p className="text-data text-mute">E collapses or opens them.</p>
        </Part>
      </div>
    )
  const set = (path: string, value: string): void => {
    const operation = value === '' ? unsetValue('groups', id, path) : setValue('groups', id, path, value)
    session.do([operation], { label: `Change ${boxName(session, id)}`, coalesce: `groups/${id}${path}` })
  }
  return (
    <div className="grid content-start gap-4 p-4">
      <header>
        <h2 className="text-head font-semibold break-words">{boxName(session, id)}</h2>
        <p className="text-data text-mute">box · {countOf(nodesInBox(session.document, id).length, 'node')}</p>
      </header>
      <Field
        label="Name"
        value={group.name}
        onChange={(event) => {
          set('/name', event.target.value)
        }}
      />
      <Field
        label="Note"
        value={group.note}
        onChange={(event) => {
          set('/note', event.target.value)
        }}
      />
      <Colours
        value={group.color}
        choose={(color) => {
          set('/color', color)
        }}
      />
      <Check
        checked={group.collapsed}
        set={(next) => {
          setCollapsed(session, id, next)
        }}
      >
        <span className="text-data">Collapsed: drawn as one thing with its ports</span>
      </Check>
      <Ports session={session} id={id} />
      <div className="flex flex-wrap gap-2">
        <Button
          onClick={() => {
            goInto(session, id)
          }}
        >
          Go in <kbd className="text-small text-faint">⏎</kbd>
        </Button>
        <NodeOfThis session={session} />
        <Button
          onClick={() => {
            removeBox(session, id)
          }}
        >
          Take the box away
        </Button>
      </div>
    </div>
  )
}

function Ports({ session, id }: { session: EditorSession; id: string }) {
  const box = CollapsedBoxes.of(session.document, session.catalogue, id)
  if (box === undefined || box.inputs.length + box.outputs.length === 0) return null
  return (
    <Part title="What goes in and out">
      <ul className="grid gap-1 text-data">
        {(['inputs', 'outputs'] as const).flatMap((side) =>
          box[side].map((port) => (
            <li key={`${side} ${port.node} ${port.port}`} className="grid grid-cols-[auto_1fr_auto] gap-2">
              <span className="text-mute">{side === 'inputs' ? 'in' : 'out'}</span>
              <span className="truncate">{port.label}</span>
              <code className="text-faint">{port.type}</code>
            </li>
          ))
        )}
      </ul>
    </Part>
  )
}

const kColours: readonly (readonly [name: string, color: string])[] = [
  ['none', ''],
  ['green', '#2f9e6e'],
  ['blue', '#4f7fbf'],
  ['violet', '#6b7fd7'],
  ['orange', '#c77d3a'],
  ['red', '#c2553f'],
  ['grey', '#8a8f98']
]

function Colours({ value, choose }: { value: string; choose: (color: string) => void }) {
  return (
    <fieldset className="grid gap-1">
      <legend className="text-data text-mute">Colour</legend>
      <div className="flex flex-wrap gap-1">
        {kColours.map(([name, color]) => (
          <button
            key={name}
            type="button"
            aria-pressed={value === color}
            className="min-h-[26px] rounded-base border border-edge px-2 text-small hover:bg-raised aria-pressed:border-water aria-pressed:bg-water-dim"
            onClick={() => {
              choose(color)
            }}
          >
            <span aria-hidden="true" style={{ color: color === '' ? undefined : color }}>
              {color === '' ? '□' : '■'}
            </span>{' '}
            {name}
          </button>
        ))}
      </div>
    </fieldset>
  )
}
