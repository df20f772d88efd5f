// FollowRow: the way of one row through a flow, by a run of its own that has no effects: a breakpoint finds the row, and others tell
// where it comes by. Rows keep their trace id in every run of the same document and run id, so what is before the place
// where it was found is told by a second run.
import { asWeirError } from '@weir/engine-client'
import type { HeldRow } from '@weir/engine-client'
import { createStore } from 'zustand/vanilla'
import type { StoreApi } from 'zustand/vanilla'
import { DocumentParts } from './document-parts.ts'
import type { PartEdge } from './document-parts.ts'
import { outerNode } from './run-figures.ts'
import type { RunFacts, RunPlace, ShownRun } from './shown-run.ts'

export interface RowStep {
  edge: string
  source: string
  target: string
  row: Readonly<Record<string, unknown>>
  types: Readonly<Record<string, string>>
}

/** Where the row did not go on by itself. */
export interface WayEnd {
  node: string
  /** It failed there; else it went in and did not come out as that row. */
  failed: { code: string; message: string } | undefined
  /** No edge leads out of there. */
  isLast: boolean
}

export interface FollowState {
  phase: 'looking' | 'following' | 'found' | 'none' | 'failed' | 'stopped'
  trace: string
  /** In the order in which the row came by. */
  steps: readonly RowStep[]
  ends: readonly WayEnd[]
  /** Why it failed. */
  problem: string
}

export interface RowQuestion {
  /** The edge on which the row is looked for, and a formula over its rows; the first that fits is meant. */
  edge: string
  where: string
}

/** Breakpoints that a run takes, but for a few. */
const kMostEdges = 95
/** So often a row is told at most: one that was made many keeps its trace. */
const kMostSteps = 500

export class FollowRow {
  readonly state: StoreApi<FollowState> = createStore<FollowState>(() => ({
    phase: 'looking',
    trace: '',
    steps: [],
    ends: [],
    problem: ''
  }))
  /** Resolves when all is told. Never rejects. */
  readonly settled: Promise<void>
  private run: ShownRun | undefined
  private disposed = false
  private readonly parts: DocumentParts | undefined

  constructor(
    private readonly place: RunPlace,
    private readonly text: string,
    private readonly question: RowQuestion
  ) {
    this.parts = DocumentParts.of(text)
    this.settled = this.work().catch((reason: unknown) => {
      this.end('failed', asWeirError(reason).message)
    })
  }

  /** Ends its run; what was found stays. */
  stop(): void {
    if (this.isOver) return
    this.end('stopped')
    this.leave()
  }

  /** Frees the run. */
  dispose(): void {
    this.disposed = true
    this.leave()
  }

  private get isOver(): boolean {
    return this.disposed || !['looking', 'following'].includes(this.state.getState().phase)
  }

  private end(phase: FollowState['phase'], problem = ''): void {
    if (!this.isOver) this.state.setState({ phase, problem })
  }

  private leave(): void {
    const { run } = this
    this.run = undefined
    run?.cancel()
    run?.dispose()
  }

  private async work(): Promise<void> {
    const { edges = [] } = this.parts ?? {}
    const at = edges.find(({ id }) => id === this.question.edge)
    if (at === undefined) throw new Error(`There is no edge '${this.question.edge}'.`)
    const way = edgesOnWay(edges, at)
    if (way.length > kMostEdges) throw new Error(`More than ${kMostEdges} edges lead to it and from it.`)
    const runId = `follow-${crypto.randomUUID()}`
    const run = await this.start(runId)
    if (run === undefined) return
    const held = await this.find(run)
    if (this.isOver) return
    if (held === undefined) {
      const failed = run.facts.getState().status === 'failed'
      this.end(failed ? 'failed' : 'none', failed ? (run.facts.getState().result?.error?.message ?? '') : '')
      this.leave()
      return
    }
    const trace = typeof held['traceId'] === 'string' ? held['traceId'] : ''
    if (trace === '') throw new Error('The engine tells no id of the row.')
    this.state.setState({ phase: 'following', trace })
    this.leave()
    const again = await this.start(runId)
    if (again === undefined) return
    await this.watch(again, trace, way)
    await this.tell(again, trace)
    this.leave()
  }

  /** A run without effects whose rows wait at their sources. */
  private async start(runId: string): Promise<ShownRun | undefined> {
    const run = await this.place.start(this.text, { kind: 'test', preview: true, runId, stepped: true })
    if (this.isOver) {
      run.cancel()
      run.dispose()
      return undefined
    }
    this.run = run
    return run
  }

  /** The first row that fits; undefined: none did. */
  private async find(run: ShownRun): Promise<HeldRow | undefined> {
    const { edge, where } = this.question
    const mine = await this.gated(run, () => run.addBreakpoint({ edge, ...(where === '' ? {} : { where }) }))
    return this.eachHeld(run, async (row) => {
      if (row.breakpoint === mine) return true
      // It waits at its source, and goes by the breakpoint there without being asked.
      if (row.edge === edge && (await this.fits(row))) return true
      await run.removeBreakpoint(row.breakpoint)
      return false
    })
  }

  private async fits({ row }: HeldRow): Promise<boolean> {
    if (this.question.where === '') return true
    const [found] = await this.place.evaluate(this.question.where, [row])
    return found?.value === true
  }

  /** Notes wherever the row comes by, until the run ends. */
  private async watch(run: ShownRun, trace: string, way: readonly string[]): Promise<void> {
    const where = `packet.traceId == ${JSON.stringify(trace)}`
    const mine = new Set(
      await this.gated(run, () => Promise.all(way.map((edge) => run.addBreakpoint({ edge, where }))))
    )
    await this.eachHeld(run, async (row) => {
      if (row['traceId'] === trace) this.note(row)
      if (mine.has(row.breakpoint)) await run.goOn(row.held)
      else await run.removeBreakpoint(row.breakpoint)
      return this.state.getState().steps.length >= kMostSteps
    })
  }

  /** Breakpoints are set while all rows wait. */
  private async gated<Numbers>(run: ShownRun, set: () => Promise<Numbers>): Promise<Numbers> {
    await until(run, ({ held, endedAt }) => held.length > 0 || endedAt !== undefined || this.isOver)
    return set()
  }

  private note({ edge, source, target, row, types }: HeldRow): void {
    const { steps } = this.state.getState()
    this.state.setState({ steps: [...steps, { edge, source, target, row, types }] })
  }

  /** Each row that is held, once, until `done` says of one that it is the last; that one. */
  private async eachHeld(run: ShownRun, done: (row: HeldRow) => Promise<boolean>): Promise<HeldRow | undefined> {
    const seen = new Set<number>()
    for (;;) {
      const next = run.facts.getState().held.find(({ held }) => !seen.has(held))
      if (this.isOver) return undefined
      if (next !== undefined) {
        seen.add(next.held)
        if (await done(next)) return next
      } else if (run.facts.getState().endedAt !== undefined) return undefined
      else await until(run, ({ held, endedAt }) => endedAt !== undefined || held.some((row) => !seen.has(row.held)))
    }
  }

  /** Where the row ended: it failed, it was not given on, or nothing leads further. */
  private async tell(run: ShownRun, trace: string): Promise<void> {
    if (this.isOver) return
    const { steps } = this.state.getState()
    const letters = (await run.deadLetters().catch(() => [])).map(readLetter).filter((letter) => letter.trace === trace)
    const left = new Set(steps.map(({ source }) => source))
    const reached = [...new Set(steps.map(({ target }) => target))].filter((node) => !left.has(node))
    const failed = letters.map(({ node }) => node).filter((node) => !reached.includes(node))
    const ends = [...reached, ...failed].map((node): WayEnd => {
      const letter = letters.find((one) => one.node === node)
      const outer = outerNode(node)
      const isLast = this.parts?.edges.some(({ source }) => source.node === outer) !== true
      return { node, failed: letter && { code: letter.code, message: letter.message }, isLast }
    })
    this.state.setState({ phase: 'found', ends })
  }
}

function readLetter(letter: unknown): { trace: string; node: string; code: string; message: string } {
  const members = (typeof letter === 'object' && letter !== null ? letter : {}) as Record<string, unknown>
  const text = (name: string): string => (typeof members[name] === 'string' ? members[name] : '')
  return { trace: text('traceId'), node: text('nodeId'), code: text('code'), message: text('message') }
}

/** Ids of the edges that lead to an edge, and of those that it leads to; itself among them. */
export function edgesOnWay(edges: readonly PartEdge[], at: PartEdge): string[] {
  const walk = (from: string, next: (edge: PartEdge) => string, back: (edge: PartEdge) => string): Set<string> => {
    const nodes = new Set([from])
    for (const node of nodes) for (const edge of edges) if (back(edge) === node) nodes.add(next(edge))
    return nodes
  }
  const after = walk(
    at.target.node,
    ({ target }) => target.node,
    ({ source }) => source.node
  )
  const before = walk(
    at.source.node,
    ({ source }) => source.node,
    ({ target }) => target.node
  )
  // From everything before it, too: a row may go several ways.
  const beside = new Set(
    [...before].flatMap((node) => [
      ...walk(
        node,
        ({ target }) => target.node,
        ({ source }) => source.node
      )
    ])
  )
  return edges
    .filter(({ source }) => before.has(source.node) || after.has(source.node) || beside.has(source.node))
    .map(({ id }) => id)
}

function until(run: ShownRun, holds: (facts: RunFacts) => boolean): Promise<void> {
  return new Promise((resolve) => {
    if (holds(run.facts.getState())) {
      resolve()
      return
    }
    const stop = run.facts.subscribe((facts) => {
      if (!holds(facts)) return
      stop()
      resolve()
    })
  })
}
