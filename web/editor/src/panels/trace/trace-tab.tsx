// Trace: where is my row? A row is looked for on an edge, and its way through the flow is told and lit on the canvas.
import { Button } from '@weir/ui/button.tsx'
import { Choice } from '@weir/ui/choice.tsx'
import { createStore } from 'zustand/vanilla'
import { useEffect, useRef, useState } from 'react'
import { useStore } from 'zustand'
import { canvasOf } from '../../canvas/canvas-of.ts'
import { nameOf } from '../../canvas/actions.ts'
import { rewriteHabits } from '../../formula/habits.ts'
import { FollowRow } from '../../run/follow-row.ts'
import type { FollowState, RowStep, WayEnd } from '../../run/follow-row.ts'
import { outerNode } from '../../run/run-figures.ts'
import { usePart, useRevision, useSession } from '../../session/use-session.ts'
import type { EditorSession } from '../../session/editor-session.ts'
import { plainText } from '../data/cell-format.ts'
import { whyNoRun } from '../run/run-to.ts'

const kNone = createStore<FollowState | undefined>(() => undefined)

export function TraceTab() {
  const session = useSession()
  useRevision()
  const place = usePart(session.run, (state) => state.place)
  const edges = session.document.edges()
  const [edge, setEdge] = useState(() => startEdge(session))
  const [where, setWhere] = useState('')
  const [row, setRow] = useState<FollowRow>()
  const state = useStore(row?.state ?? kNone)
  useLit(session, row)
  const known = edges.some(({ id }) => id === edge) ? edge : (edges[0]?.id ?? '')
  const busy = state?.phase === 'looking' || state?.phase === 'following'
  const find = (): void => {
    const why = whyNoRun(session)
    if (place === undefined || why !== '') {
      session.tell(why, 'warning')
      return
    }
    row?.dispose()
    const condition = rewriteHabits(where.trim(), []).text
    setRow(new FollowRow(place, session.document.text(), { edge: known, where: condition }))
  }
  if (edges.length === 0)
    return (
      <p className="grid h-full place-items-center text-mute">There are no edges yet that a row could come along.</p>
    )
  return (
    <div className="flex h-full flex-col">
      <form
        className="flex flex-wrap items-end gap-2 border-b border-line px-4 py-2"
        onSubmit={(event) => {
          event.preventDefault()
          if (!busy) find()
        }}
      >
        <Choice
          label="Where is the row on"
          value={known}
          options={edges.map(
            ({ id, source, target }) =>
              [id, `${nameOf(session, source.node)} → ${nameOf(session, target.node)}`] as const
          )}
          choose={setEdge}
        />
        <label className="grid min-w-[240px] flex-1 gap-1 text-data text-mute">
          for which
          <input
            className="field font-mono text-data text-text"
            value={where}
            placeholder="row.id == 4711"
            spellCheck={false}
            autoComplete="off"
            onChange={(event) => {
              setWhere(event.target.value)
            }}
          />
        </label>
        {busy ? (
          <Button
            onClick={() => {
              row?.stop()
            }}
          >
            Stop
          </Button>
        ) : (
          <Button type="submit" look="main">
            Find the row
          </Button>
        )}
        {row !== undefined && !busy && (
          <Button
            look="quiet"
            onClick={() => {
              row.dispose()
              setRow(undefined)
            }}
          >
            Clear
          </Button>
        )}
      </form>
      <div className="min-h-0 flex-1 overflow-auto px-4 py-2">
        {state === undefined ? (
          <p className="text-mute">
            The first row that fits is followed by a run of its own, in which nothing is written. Its way is lit on the
            canvas.
          </p>
        ) : (
          <Way session={session} state={state} />
        )}
      </div>
    </div>
  )
}

/** The edge that is looked at, else the first. */
function startEdge({ view, selection, document }: EditorSession): string {
  const [chosen] = selection.ids('edges')
  return chosen ?? view.getState().tapped ?? document.edges()[0]?.id ?? ''
}

/** The way is lit as long as it is shown; the run is freed with it. */
function useLit(session: EditorSession, row: FollowRow | undefined): void {
  const last = useRef(row)
  last.current = row
  useEffect(() => {
    if (row === undefined) return undefined
    const light = ({ steps, ends }: FollowState): void => {
      const nodes = new Set(steps.flatMap(({ source, target }) => [outerNode(source), outerNode(target)]))
      for (const { node } of ends) nodes.add(outerNode(node))
      const lit = { nodes, edges: new Set(steps.map(({ edge }) => edge)) }
      session.view.setState({ lit: steps.length === 0 ? undefined : lit })
    }
    light(row.state.getState())
    const stop = row.state.subscribe(light)
    return () => {
      stop()
      session.view.setState({ lit: undefined })
    }
  }, [session, row])
  useEffect(
    () => () => {
      last.current?.dispose()
    },
    []
  )
}

const kPhases: Record<FollowState['phase'], string> = {
  looking: 'Looking for the row…',
  following: 'Following the row…',
  found: '',
  none: 'No row there fits. All rows of that edge were asked.',
  failed: 'It could not be followed',
  stopped: 'Stopped.'
}

function Way({ session, state }: { session: EditorSession; state: FollowState }) {
  const { phase, steps, ends, problem } = state
  const words = kPhases[phase]
  const lost = phase === 'found' && steps.length === 0
  return (
    <div className="grid gap-2">
      {words !== '' && (
        <p role="status" className={phase === 'failed' ? 'text-error' : 'text-mute'}>
          {phase === 'failed' && <span aria-hidden="true">✕ </span>}
          {words}
          {problem === '' ? '' : `: ${problem}`}
        </p>
      )}
      {lost && (
        <p className="text-warn">
          <span aria-hidden="true">▲</span> The row was there, and did not come again: what this flow reads is another
          each time.
        </p>
      )}
      {steps.length > 0 && (
        <ol aria-label="The way of the row" className="grid gap-1">
          {steps.map((step, at) => (
            <Step
              key={`${at} ${step.edge}`}
              session={session}
              step={step}
              before={steps.slice(0, at).findLast((one) => one.target === step.source)}
            />
          ))}
          {ends.map((end) => (
            <End key={end.node} session={session} end={end} />
          ))}
        </ol>
      )}
      {steps.length === 0 && ends.length > 0 && (
        <ol aria-label="The way of the row" className="grid gap-1">
          {ends.map((end) => (
            <End key={end.node} session={session} end={end} />
          ))}
        </ol>
      )}
    </div>
  )
}

/** One edge that it came along, with its fields as they were there; what the node before changed stands out. */
function Step({ session, step, before }: { session: EditorSession; step: RowStep; before: RowStep | undefined }) {
  const { edge, source, target, row } = step
  const isKnown = session.document.tables.edges.has(edge)
  return (
    <li className="grid gap-0.5 border-b border-line py-1">
      <button
        type="button"
        className="justify-self-start text-left font-semibold hover:text-water disabled:font-normal disabled:text-mute"
        disabled={!isKnown}
        onClick={() => {
          session.selection.set([{ kind: 'edges', id: edge }])
          canvasOf(session)?.reveal({ kind: 'edges', id: edge })
        }}
      >
        {nameAt(session, source)} <span aria-hidden="true">→</span> {nameAt(session, target)}
      </button>
      <p className="flex flex-wrap gap-x-4 font-mono text-data">
        {Object.entries(row).map(([name, value]) => {
          const text = plainText(value)
          const changed = before !== undefined && plainText(before.row[name]) !== text
          return (
            <span key={name} className={changed ? 'text-water' : ''}>
              <span className="text-mute">{name}</span> {text === '' ? '∅' : text}
              {changed && <span className="sr-only"> (changed)</span>}
            </span>
          )
        })}
      </p>
    </li>
  )
}

function End({ session, end: { node, failed, isLast } }: { session: EditorSession; end: WayEnd }) {
  const name = nameAt(session, node)
  const value = session.document.node(outerNode(node))
  const type = value === undefined ? undefined : session.catalogue.typeOf(value)
  const folds = type?.cardinality === 'fold'
  const words =
    failed !== undefined
      ? `it failed in ${name}: ${failed.message}`
      : isLast
        ? `it arrived at ${name}`
        : folds
          ? `it went into ${name}, whose rows are made of many`
          : `it went into ${name} and came out by no edge`
  const [shape, colour] =
    failed !== undefined
      ? ['✕', 'text-error']
      : isLast
        ? ['✓', 'text-ok']
        : folds
          ? ['∑', 'text-mute']
          : ['■', 'text-warn']
  return (
    <li className={`py-1 ${colour}`}>
      <span aria-hidden="true">{shape}</span>{' '}
      <button
        type="button"
        className="text-left hover:underline"
        onClick={() => {
          session.selection.set([{ kind: 'nodes', id: outerNode(node) }])
          canvasOf(session)?.reveal({ kind: 'nodes', id: outerNode(node) })
        }}
      >
        {words}
      </button>
    </li>
  )
}

function nameAt(session: EditorSession, node: string): string {
  const outer = outerNode(node)
  return outer === node ? nameOf(session, node) : `${nameOf(session, outer)} · ${node.slice(outer.length + 1)}`
}
