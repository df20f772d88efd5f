// Breakpoints that a person has set, in the run that is shown and in the next: who sets one changes `breakpoints` of the view.
import type { ShownRun } from '../../run/shown-run.ts'
import type { EditorSession } from '../../session/editor-session.ts'
import type { Breakpoint } from '../../session/view-state.ts'

export type BreakpointKind = 'nodes' | 'edges'

function keyOf({ node, edge }: Breakpoint): string {
  return node === undefined ? `edges/${edge ?? ''}` : `nodes/${node}`
}

/** Follows the view and the run that is shown; freed with the session. */
export class Breakpoints {
  /** In the run that is shown: their numbers. */
  private numbers = new Map<string, Promise<number>>()
  private run: ShownRun | undefined
  /** Runs that have had them from their start. */
  private readonly given = new WeakSet<ShownRun>()

  constructor(private readonly session: EditorSession) {
    session.onClose(
      session.view.subscribe(({ breakpoints }, before) => {
        if (breakpoints !== before.breakpoints) this.change(before.breakpoints, breakpoints)
      })
    )
    session.onClose(
      session.run.subscribe(({ shown }) => {
        if (shown !== this.run) this.follow(shown)
      })
    )
    this.follow(session.run.getState().shown)
  }

  has(kind: BreakpointKind, id: string): boolean {
    return this.options.some((breakpoint) => keyOf(breakpoint) === `${kind}/${id}`)
  }

  /** As a start takes them; tell `gave` of the run. */
  get options(): readonly Breakpoint[] {
    return this.session.view.getState().breakpoints
  }

  /** A run was started with `options`: nothing is set in it once more. */
  gave(run: ShownRun): void {
    this.given.add(run)
  }

  /** In the place of one that is there. */
  set(breakpoint: Breakpoint): void {
    const others = this.options.filter((each) => keyOf(each) !== keyOf(breakpoint))
    this.session.view.setState({ breakpoints: [...others, breakpoint] })
  }

  remove(kind: BreakpointKind, id: string): void {
    const breakpoints = this.options.filter((each) => keyOf(each) !== `${kind}/${id}`)
    this.session.view.setState({ breakpoints })
  }

  toggle(kind: BreakpointKind, id: string): void {
    if (this.has(kind, id)) this.remove(kind, id)
    else this.set(kind === 'nodes' ? { node: id } : { edge: id })
  }

  private follow(shown: ShownRun | undefined): void {
    this.run = shown
    this.numbers = new Map()
    if (shown === undefined || this.given.has(shown)) return
    for (const breakpoint of this.options) this.enter(breakpoint)
  }

  private change(before: readonly Breakpoint[], after: readonly Breakpoint[]): void {
    for (const breakpoint of before) if (!after.includes(breakpoint)) this.withdraw(keyOf(breakpoint))
    for (const breakpoint of after) if (!before.includes(breakpoint)) this.enter(breakpoint)
  }

  private enter(breakpoint: Breakpoint): void {
    const { run } = this
    if (run === undefined || isEnded(run)) return
    const number = run.addBreakpoint(breakpoint)
    this.numbers.set(keyOf(breakpoint), number)
    number.catch((reason: unknown) => {
      if (this.run !== run || isEnded(run)) return
      this.session.tell(reason instanceof Error ? reason.message : 'The breakpoint could not be set.', 'warning')
    })
  }

  private withdraw(key: string): void {
    const { run } = this
    const number = this.numbers.get(key) ?? this.heldBy(key)
    this.numbers.delete(key)
    if (run === undefined || number === undefined || isEnded(run)) return
    number.then((known) => run.removeBreakpoint(known)).catch(() => undefined)
  }

  /** A run that has had it from its start tells its number with the row that it holds. */
  private heldBy(key: string): Promise<number> | undefined {
    const held = this.run?.facts
      .getState()
      .held.find((row) => key === `edges/${row.edge}` || key === `nodes/${row.target}`)
    return held === undefined ? undefined : Promise.resolve(held.breakpoint)
  }
}

function isEnded(run: ShownRun): boolean {
  const { status } = run.facts.getState()
  return status === 'done' || status === 'failed' || status === 'cancelled'
}

const kOfSessions = new WeakMap<EditorSession, Breakpoints>()

/** The breakpoints of a session, which follow it from when they are first asked for. */
export function breakpointsOf(session: EditorSession): Breakpoints {
  const known = kOfSessions.get(session)
  if (known !== undefined) return known
  const made = new Breakpoints(session)
  kOfSessions.set(session, made)
  return made
}
