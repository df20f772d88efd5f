// What the top bar says of the run that is shown: which one, who holds it up, what was set aside, rows, rate, time left.
import { createStore } from 'zustand/vanilla'
import { count, rate } from '@weir/ui/figures/figures.ts'
import { useStore } from 'zustand'
import type { Chosen } from '@weir/flow-model'
import { nameOf } from '../../canvas/actions.ts'
import { canvasOf } from '../../canvas/canvas-of.ts'
import { countsOf } from '../../panels/edge/equation.ts'
import { outerNode } from '../../run/run-figures.ts'
import type { RunFacts, ShownRun } from '../../run/shown-run.ts'
import type { EditorSession } from '../../session/editor-session.ts'
import { usePart, useSession } from '../../session/use-session.ts'

const kPill = 'whitespace-nowrap rounded-full border px-2 py-px text-data'

/** Rows as the bar shows them: exact below ten million. */
export function rowsText(rows: number): string {
  return rows < 10_000_000 ? count(rows) : `${(rows / 1e6).toFixed(1)} M`
}

/** 0:25, 1:02:09. */
export function leftText(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  const two = (value: number): string => String(value).padStart(2, '0')
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`
}

const kNone = createStore<RunFacts | undefined>(() => undefined)

function useFacts<Part>(shown: ShownRun | undefined, part: (facts: RunFacts) => Part, without: Part): Part {
  return useStore(shown?.facts ?? kNone, (facts) => (facts === undefined ? without : part(facts)))
}

/** The name of the run that is shown. */
export function RunName() {
  const { run } = useSession()
  const shown = usePart(run, (state) => state.shown)
  const failed = useFacts(shown, (facts) => facts.status === 'failed', false)
  return (
    <span className={`${kPill} ${failed ? 'border-error text-error' : 'border-edge'}`}>
      {failed && <span aria-hidden="true">✕ </span>}
      {shown?.label ?? 'Draft'}
      {failed && <span className="sr-only">, failed</span>}
    </span>
  )
}

/** Edges that rows were dropped on by their rule when they were full, those with the most first. */
export function droppedOn({ figures }: ShownRun): { edge: string; rows: number }[] {
  return (figures.last?.edges ?? [])
    .map((edge) => ({ edge: edge.id, rows: countsOf(edge)?.dropped ?? 0 }))
    .filter(({ rows }) => rows > 0)
    .sort((a, b) => b.rows - a.rows)
}

/** Where it is held up, and what did not arrive. */
export function RunTrouble() {
  const session = useSession()
  const { run, document, selection, view } = session
  const shown = usePart(run, (state) => state.shown)
  const slow = useFacts(shown, (facts) => facts.heldUpBy, undefined)
  const aside = useFacts(shown, (facts) => facts.aside, 0)
  const dropped = useFacts(shown, (facts) => facts.dropped, 0)
  const rows = useFacts(shown, (facts) => facts.rows, 0)
  const ended = useFacts(shown, (facts) => facts.status === 'done', false)
  const name = slow === undefined ? '' : nameOf(session, slow)
  const losses = shown === undefined || dropped === 0 ? [] : droppedOn(shown)
  const [most] = losses
  const end = document.edge(most?.edge ?? '')
  const where =
    end === undefined ? '' : ` on ${nameOf(session, end.source.node)} to ${nameOf(session, end.target.node)}`
  const others = losses.length < 2 ? '' : ` and ${losses.length - 1} more`
  const show = (tab: 'aside' | 'log') => () => {
    view.setState((now) => ({ bottom: { ...now.bottom, tab, open: true } }))
  }
  /** The edge, whose panel writes the equation out, and its rows beside it. */
  const showLoss = (): void => {
    if (end === undefined) {
      show('log')()
      return
    }
    goTo(session, { kind: 'edges', id: end.id })
    view.setState((now) => ({
      tapped: end.id,
      side: { ...now.side, open: true },
      bottom: { ...now.bottom, tab: 'data', open: true }
    }))
  }
  return (
    <>
      {slow !== undefined && (
        <button
          type="button"
          className={`${kPill} max-w-[28ch] truncate border-warn text-warn hover:bg-raised`}
          onClick={() => {
            selection.set([{ kind: 'nodes', id: slow }])
          }}
        >
          <span aria-hidden="true">▲ </span>held up by {name}
        </button>
      )}
      <RunHeld shown={shown} />
      {aside > 0 && (
        <button type="button" className={`${kPill} border-error text-error hover:bg-raised`} onClick={show('aside')}>
          <span aria-hidden="true">✕ </span>
          {count(aside)} set aside
        </button>
      )}
      {dropped > 0 && (
        <button
          type="button"
          className={`${kPill} max-w-[44ch] truncate border-warn text-warn hover:bg-raised`}
          title={`${count(dropped)} dropped by rule${where}${others}`}
          onClick={showLoss}
        >
          <span aria-hidden="true">▲ </span>
          {count(dropped)} dropped by rule{where}
          {others}
        </button>
      )}
      {ended && shown?.kind !== 'sample' && aside === 0 && dropped === 0 && rows > 0 && (
        <span className={`${kPill} border-ok text-ok`}>
          <span aria-hidden="true">✓ </span>nothing lost
        </span>
      )}
    </>
  )
}

/** Where rows are held: it leads to the edge, and to the row beside it. */
function RunHeld({ shown }: { shown: ShownRun | undefined }) {
  const session = useSession()
  const held = useFacts(shown, (facts) => facts.held, kNoRows)
  const [first] = held
  if (first === undefined) return null
  const name = (id: string): string => nameOf(session, outerNode(id))
  const open = () => {
    const { edge, target } = first
    if (session.document.tables.edges.has(edge)) goTo(session, { kind: 'edges', id: edge })
    else goTo(session, { kind: 'nodes', id: outerNode(target) })
    session.view.setState(({ side }) => ({ side: { ...side, open: true } }))
  }
  return (
    <button
      type="button"
      className={`${kPill} max-w-[36ch] truncate border-warn text-warn hover:bg-raised`}
      onClick={open}
    >
      <span aria-hidden="true">‖ </span>
      {held.length === 1 ? 'row held' : `${held.length} rows held`} on {name(first.source)} → {name(first.target)}
    </button>
  )
}

const kNoRows: RunFacts['held'] = []

/** Chooses a thing and has it in view. */
function goTo(session: EditorSession, thing: Chosen): void {
  session.selection.set([thing])
  canvasOf(session)?.reveal(thing)
}

/** Rows, and while it runs how fast and how long still. */
export function RunCount() {
  const { run } = useSession()
  const shown = usePart(run, (state) => state.shown)
  const rows = useFacts(shown, (facts) => rowsText(facts.rows), '')
  const runs = useFacts(shown, (facts) => facts.endedAt === undefined, false)
  const speed = useFacts(shown, (facts) => rate(facts.rate), '')
  const left = useFacts(shown, (facts) => (facts.secondsLeft === undefined ? '' : leftText(facts.secondsLeft)), '')
  if (shown === undefined) return null
  return (
    <span className="whitespace-nowrap font-mono text-data text-mute max-md:hidden">
      <span className="text-figure text-text">{rows}</span> rows
      {runs && ` · ${speed}`}
      {runs && left !== '' && ` · ${left} left`}
    </span>
  )
}

/** How far it is, as a line along the lower edge of the bar. */
export function RunProgress() {
  const { run } = useSession()
  const shown = usePart(run, (state) => state.shown)
  const done = useFacts(shown, (facts) => (facts.endedAt === undefined ? facts.progress : undefined), undefined)
  if (done === undefined) return null
  const percent = Math.round(done * 1000) / 10
  return (
    <div
      role="progressbar"
      aria-label="How far the run is"
      aria-valuenow={Math.round(percent)}
      aria-valuemin={0}
      aria-valuemax={100}
      className="absolute inset-x-0 -bottom-px h-[2px]"
    >
      <div className="h-full bg-water" style={{ width: `${percent}%` }} />
    </div>
  )
}
