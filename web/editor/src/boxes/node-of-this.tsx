// *Make a node of this*: the button, and the dialog in which the node gets its name and its ports theirs.
import { idFrom } from '@weir/flow-model'
import { Button } from '@weir/ui/button.tsx'
import { Choice } from '@weir/ui/choice.tsx'
import { Dialog } from '@weir/ui/dialog.tsx'
import { Field } from '@weir/ui/field.tsx'
import { useState } from 'react'
import { countOf } from '../canvas/actions.ts'
import { iconNames } from '../canvas/paint/icons.ts'
import { FlowTaken } from '../page/home/flow-home.ts'
import { useSession, useView } from '../session/use-session.ts'
import type { EditorSession } from '../session/editor-session.ts'
import { boxName } from './inside.ts'
import { parametersFor, partsOf, portsFor } from './make-node.ts'
import type { MadePort, Parts } from './make-node.ts'
import { askForNode, makeNode } from './own-node-actions.ts'
import { ownNodesOf } from './own-nodes.ts'

/** Absent where the flow is kept nowhere, or may not be changed. */
export function NodeOfThis({ session }: { session: EditorSession }) {
  if (ownNodesOf(session) === undefined || (session.options.readOnly ?? '') !== '') return null
  return (
    <Button
      onClick={() => {
        askForNode(session)
      }}
    >
      Make a node of this… <kbd className="text-small text-faint">M</kbd>
    </Button>
  )
}

/** Open while the view says so; about what was chosen when it was opened. */
export function NodeOfThisDialog() {
  const session = useSession()
  const open = useView((state) => state.nodeOfThis)
  return open ? <MakeDialog session={session} /> : null
}

/** As an id of a flow: small letters, digits and hyphens. */
export function flowIdOf(name: string): string {
  return idFrom(name)
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-+|-+$/g, '')
}

function MakeDialog({ session }: { session: EditorSession }) {
  const [parts] = useState(() => partsOf(session))
  const [name, setName] = useState(() => (parts.box === '' ? '' : boxName(session, parts.box)))
  const [about, setAbout] = useState('')
  const [icon, setIcon] = useState('box')
  const [ports, setPorts] = useState<readonly MadePort[]>(() => portsFor(session, parts.nodes))
  const [problem, setProblem] = useState('')
  const [busy, setBusy] = useState(false)
  const id = flowIdOf(name)
  const close = (): void => {
    session.view.setState({ nodeOfThis: false })
  }
  const wrong = wrongPorts(ports)
  const make = async (): Promise<void> => {
    setBusy(true)
    try {
      await makeNode(session, parts, { id, name: name.trim(), about: about.trim(), icon, ports })
      close()
    } catch (error) {
      setBusy(false)
      setProblem(
        error instanceof FlowTaken
          ? `There is a flow called ${id} already: choose another name.`
          : error instanceof Error
            ? error.message
            : String(error)
      )
    }
  }
  return (
    <Dialog
      open
      close={close}
      wide
      title="Make a node of this"
      about={`${countOf(parts.nodes.size, 'node')} go into a flow of their own, and a node that uses it comes in their place.`}
    >
      <form
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          if (id !== '' && wrong === '' && !busy) void make()
        }}
      >
        <div className="grid gap-3 sm:grid-cols-[1fr_160px]">
          <Field
            label="Name"
            value={name}
            autoFocus
            required
            problem={problem}
            help={id === '' ? 'As it is called in the palette' : `kept as the flow ${id}`}
            onChange={(event) => {
              setName(event.target.value)
              setProblem('')
            }}
          />
          <Choice label="Icon" value={icon} options={iconNames().map((one) => [one, one] as const)} choose={setIcon} />
        </div>
        <Field
          label="What it does"
          value={about}
          onChange={(event) => {
            setAbout(event.target.value)
          }}
        />
        <PortNames session={session} ports={ports} set={setPorts} />
        {wrong !== '' && <p className="text-data text-error">✕ {wrong}</p>}
        <Parameters session={session} parts={parts} />
        <div className="flex justify-end gap-2">
          <Button onClick={close}>Cancel</Button>
          <Button type="submit" look="main" disabled={busy || id === '' || wrong !== ''}>
            Make the node
          </Button>
        </div>
      </form>
    </Dialog>
  )
}

/** Why the names cannot stay; empty if they can. */
export function wrongPorts(ports: readonly MadePort[]): string {
  for (const { side, name } of ports) {
    if (name.trim() === '') return 'Each port needs a name.'
    if (ports.filter((one) => one.side === side && one.name === name).length > 1)
      return `Two ${side} are called '${name}'.`
  }
  return ''
}

function PortNames(props: {
  session: EditorSession
  ports: readonly MadePort[]
  set: (ports: readonly MadePort[]) => void
}) {
  const { session, ports, set } = props
  const nodeName = (id: string): string => session.document.node(id)?.name || id
  return (
    <section className="grid gap-2">
      <h3 className="text-small tracking-wide text-mute uppercase">Ports</h3>
      <ul className="grid gap-1.5">
        {ports.map((port, at) => (
          <li
            key={`${port.side} ${port.node} ${port.port}`}
            className="grid grid-cols-[36px_1fr_auto_1fr] items-center gap-2 text-data"
          >
            <span className="text-mute">{port.side === 'inputs' ? 'in' : 'out'}</span>
            <input
              className="field"
              aria-label={`Name of the ${port.side === 'inputs' ? 'input' : 'output'} for ${nodeName(port.node)}`}
              value={port.name}
              spellCheck={false}
              onChange={(event) => {
                set(ports.map((one, index) => (index === at ? { ...one, name: event.target.value } : one)))
              }}
            />
            <code className="text-faint">{port.type}</code>
            <span className="truncate text-mute">
              {nodeName(port.node)} · {port.port}
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}

function Parameters({ session, parts }: { session: EditorSession; parts: Parts }) {
  const names = parametersFor(session, parts)
  if (names.length === 0) return null
  return (
    <p className="text-data text-mute">
      Settings of the node, from parameters of this flow: <code className="text-text">{names.join(', ')}</code>
    </p>
  )
}
