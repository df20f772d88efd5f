// FollowRow: the way of one row through a flow, by a run of its own that has no effects: breakpoints find the row, and others tell
// where it comes by. Rows keep their trace id in every run of the same document and run id, so what is before the place
// where it was found is told by a second run; and any other row that was found by one more.
import { asWeirError } from '@weir/engine-client'
import type { HeldRow } from '@weir/engine-client'
import { createStore } from 'zustand/vanilla'
import type { StoreApi } from 'zustand/vanilla'
import { TypeTable } from './document-parts.ts'
import type { PartEdge } from './document-parts.ts'
import { inputEdges, rowDocument } from './row-document.ts'
import type { RowDocument } from './row-document.ts'
import { rowOrigin } from './row-origin.ts'
import type { RowOrigin } from './row-origin.ts'
import { stopReasons, unmet } from './row-stop.ts'
import type { StopReason } from './row-stop.ts'
import { outerNode } from './run-figures.ts'
import type { RunFacts, RunPlace, ShownRun } from './shown-run.ts'
import { randomId } from '@weir/engine-client/random-id'

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
  /** The edge whose filter stopped it, which is before the node. */
  edge?: string
  /** What it did not meet, if that is known. */
  reasons?: readonly StopReason[]
  /** The port that it left by, which leads nowhere. */
  port?: string
}

/** A row that was found. */
export interface RowMatch {
  edge: string
  trace: string
  row: Readonly<Record<string, unknown>>
}

export interface FollowState {
  phase: 'looking' | 'following' | 'found' | 'none' | 'failed' | 'stopped'
  trace: string
  /** In the order in which the row came by. */
  steps: readonly RowStep[]
  ends: readonly WayEnd[]
  /** Why it failed. */
  problem: string
  /** Rows that were found, in the order in which they came. */
  matches: readonly RowMatch[]
  /** There may be more than these: no more were looked for. */
  hasMore: boolean
  /** Where the row was read from; undefined: not known, or not yet. */
  origin: RowOrigin | undefined
}

export interface RowQuestion {
  /** The edge on which the row is looked for; undefined: among all that the flow reads. */
  edge: string | undefined
  /** A formula over its rows; the first that fits is followed. */
  where: string
  /** Rows that are looked for, at most; 1. */
  most?: number
}

/** Breakpoints that a run takes, but for a few. */
const kMostEdges = 95
/** So often a row is told at most: one that was made many keeps its trace. */
const kMostSteps = 500

/** Rows keep their trace id in runs of one id, and a server gives each run another. */
const kNotThere =
  'a server gives each run an id of its own, so a row is not found again there. Follow it in this browser.'
const kEnded = ['run.ended', 'run.not_found', 'live.gone']

export class FollowRow {
  readonly state: StoreApi<FollowState> = createStore<FollowState>(() => ({
    phase: 'looking',
    trace: '',
    steps: [],
    ends: [],
    problem: '',
    matches: [],
    hasMore: false,
    origin: undefined
  }))
  /** Resolves when all is told, also of the row that is followed next. Never rejects. */
  settled: Promise<void>
  private run: ShownRun | undefined
  private disposed = false
  private readonly runId = `follow-${randomId()}`
  private document: RowDocument | undefined
  private types: TypeTable | undefined
  /** As it came by, also at what stands for filters. */
  private came: RowStep[] = []
  private turn = 0

  constructor(
    private readonly place: RunPlace,
    private readonly text: string,
    private readonly question: RowQuestion
  ) {
    this.settled = this.guarded(() => this.work())
  }

  /** Follows another of the rows that were found. */
  follow(match: RowMatch): void {
    if (this.disposed || !this.isOver()) return
    this.state.setState({ phase: 'following', trace: match.trace, steps: [], ends: [], problem: '', origin: undefined })
    this.settled = this.guarded(() => this.tellWay(match))
  }

  private async guarded(work: () => Promise<void>): Promise<void> {
    const turn = ++this.turn
    try {
      await work()
    } catch (reason) {
      if (turn === this.turn) this.end('failed', asWeirError(reason).message)
    }
    if (turn === this.turn) this.leave()
  }

  /** Ends its run; what was found stays. */
  stop(): void {
    if (this.isOver()) return
    this.end('stopped')
    this.leave()
  }

  /** Frees the run. */
  dispose(): void {
    this.disposed = true
    this.leave()
  }

  private isDisposed(): boolean {
    return this.disposed
  }

  private isOver(): boolean {
    return this.disposed || !['looking', 'following'].includes(this.state.getState().phase)
  }

  private end(phase: FollowState['phase'], problem = ''): void {
    if (!this.isOver()) this.state.setState({ phase, problem })
  }

  private leave(): void {
    const { run } = this
    this.run = undefined
    run?.cancel()
    run?.dispose()
  }

  private async work(): Promise<void> {
    if (this.place.id === 'server') throw new Error(kNotThere)
    this.types = new TypeTable(await this.place.nodes())
    this.document = rowDocument(this.text, this.types.catalogue.newest('logic/filter')?.version)
    const parts = this.document?.parts
    const { edge } = this.question
    const at = edge === undefined ? inputEdges(parts ?? { edges: [] }) : [edge]
    if (edge !== undefined && parts?.edges.some(({ id }) => id === edge) !== true)
      throw new Error(`There is no edge '${edge}'.`)
    if (at.length === 0) throw new Error('No edge leads out of what the flow reads.')
    if (at.length > kMostEdges) throw new Error(`More than ${kMostEdges} edges lead out of what the flow reads.`)
    const run = await this.start()
    if (run === undefined) return
    await this.find(run, at)
    if (this.isOver()) return
    const [first] = this.state.getState().matches
    if (first === undefined) {
      const { status, result } = run.facts.getState()
      const failed = status === 'failed'
      this.end(failed ? 'failed' : 'none', failed ? (result?.error?.message ?? '') : '')
      return
    }
    this.leave()
    this.state.setState({ phase: 'following', trace: first.trace })
    await this.tellWay(first)
  }

  private async tellWay({ edge, trace }: RowMatch): Promise<void> {
    const edges = this.document?.parts.edges ?? []
    const at = edges.find(({ id }) => id === edge)
    if (at === undefined) return
    if (trace === '') throw new Error('The engine tells no id of the row.')
    const way = edgesOnWay(edges, at)
    if (way.length > kMostEdges) throw new Error(`More than ${kMostEdges} edges lead to it and from it.`)
    this.came = []
    const again = await this.start()
    if (again === undefined) return
    await this.watch(again, trace, way)
    await this.tell(again, trace)
    this.leave()
    await this.tellOrigin(trace)
  }

  /** A run without effects whose rows wait at their sources. */
  private async start(): Promise<ShownRun | undefined> {
    const text = this.document?.text ?? this.text
    const run = await this.place.start(text, { kind: 'test', preview: true, runId: this.runId, stepped: true })
    if (this.isOver()) {
      run.cancel()
      run.dispose()
      return undefined
    }
    this.run = run
    return run
  }

  /** Notes rows that fit, until there are enough. */
  private async find(run: ShownRun, edges: readonly string[]): Promise<void> {
    const { where, most = 1 } = this.question
    const condition = where === '' ? {} : { where }
    const mine = new Set(
      await this.gated(run, () => Promise.all(edges.map((edge) => run.addBreakpoint({ edge, ...condition }))))
    )
    await this.eachHeld(run, async (row) => {
      const isMine = mine.has(row.breakpoint)
      // One that waits at its source goes by the breakpoint there without being asked.
      if (isMine || (edges.includes(row.edge) && (await this.fits(row)))) this.match(row)
      if (this.state.getState().matches.length >= most) {
        this.state.setState({ hasMore: most > 1 })
        return true
      }
      await letGo(run, row, isMine)
      return false
    })
  }

  private match({ edge, row, ...rest }: HeldRow): void {
    const trace = typeof rest['traceId'] === 'string' ? rest['traceId'] : ''
    const { matches } = this.state.getState()
    if (matches.some((one) => one.trace === trace)) return
    this.state.setState({ matches: [...matches, { edge, trace, row }] })
  }

  private async fits({ row, types }: HeldRow): Promise<boolean> {
    if (this.question.where === '') return true
    const fields = Object.entries(types).map(([name, type]) => ({ name, type }))
    const [found] = await this.place.evaluate(this.question.where, [row], fields)
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
      await letGo(run, row, mine.has(row.breakpoint))
      return this.came.length >= kMostSteps
    })
  }

  /** Breakpoints are set while all rows wait. */
  private async gated<Numbers>(run: ShownRun, set: () => Promise<Numbers>): Promise<Numbers> {
    await until(run, ({ held, endedAt }) => held.length > 0 || endedAt !== undefined || this.isOver())
    const { endedAt, result, held } = run.facts.getState()
    if (endedAt !== undefined && held.length === 0)
      throw new Error(result?.error?.message ?? 'Its run gave no row, so there is none to find.')
    return set()
  }

  /** What stands for the filter of an edge is told as that edge: behind it, if the row got through. */
  private note({ edge, source, target, row, types }: HeldRow): void {
    this.came.push({ edge, source, target, row, types })
    const { filters, behind } = this.document ?? {}
    const { steps } = this.state.getState()
    const ofEdge = behind?.get(edge)
    const at = ofEdge === undefined ? -1 : steps.findLastIndex((step) => step.edge === ofEdge)
    if (at >= 0) {
      this.state.setState({
        steps: steps.map((step, index) => (index === at ? { ...step, target, row, types } : step))
      })
      return
    }
    const filtered = filters?.get(target)
    const meant = this.document?.parts.edges.find(({ id }) => behind?.get(id) === filtered && filtered !== undefined)
    this.state.setState({ steps: [...steps, { edge, source, target: meant?.target.node ?? target, row, types }] })
  }

  /** Each row that is held, once, until `done` says of one that it is the last; that one. */
  private async eachHeld(run: ShownRun, done: (row: HeldRow) => Promise<boolean>): Promise<HeldRow | undefined> {
    const seen = new Set<number>()
    for (;;) {
      const next = run.facts.getState().held.find(({ held }) => !seen.has(held))
      if (this.isOver()) return undefined
      if (next !== undefined) {
        seen.add(next.held)
        if (await done(next)) return next
      } else if (run.facts.getState().endedAt !== undefined) return undefined
      else await until(run, ({ held, endedAt }) => endedAt !== undefined || held.some((row) => !seen.has(row.held)))
    }
  }

  /** Where the row ended: it failed, it was not given on, or nothing leads further. */
  private async tell(run: ShownRun, trace: string): Promise<void> {
    if (this.isOver()) return
    const letters = (await run.deadLetters().catch(() => [])).map(readLetter).filter((letter) => letter.trace === trace)
    const left = new Set(this.came.map(({ source }) => source))
    const reached = [...new Set(this.came.map(({ target }) => target))].filter((node) => !left.has(node))
    const failed = letters.map(({ node }) => node).filter((node) => !reached.includes(node))
    const ends: WayEnd[] = []
    for (const node of [...reached, ...failed]) {
      const letter = letters.find((one) => one.node === node)
      ends.push(await this.endAt(node, letter && { code: letter.code, message: letter.message }))
    }
    if (this.isOver()) return
    this.state.setState({ ends })
    this.state.setState({ phase: 'found' })
  }

  /** What a row met where it ended. */
  private async endAt(node: string, failed: WayEnd['failed']): Promise<WayEnd> {
    const { parts, filters } = this.document ?? {}
    const stopped = this.came.findLast(({ target }) => target === node)
    const edge = filters?.get(node)
    const inner = parts?.nodes.find(({ id }) => id === node)
    if (edge !== undefined && inner !== undefined) {
      const condition = inner.settings.get('condition')
      const behind = parts?.edges.find(({ source }) => source.node === node)?.target.node ?? node
      const asked = failed === undefined && stopped !== undefined && typeof condition === 'string'
      const reasons = asked ? await unmet(this.place, condition, '/filter', stopped) : []
      return { node: behind, failed, isLast: false, edge, reasons }
    }
    const isLast = parts?.edges.some(({ source }) => source.node === outerNode(node)) !== true
    const type = inner === undefined ? undefined : this.types?.of(inner)
    if (failed !== undefined || stopped === undefined || inner === undefined || type?.cardinality !== 'filter')
      return { node, failed, isLast }
    const reasons = await stopReasons(this.place, inner, type, stopped)
    // It meets all: the port that such rows leave by leads nowhere.
    const port = reasons.length > 0 ? undefined : type.outputs[0]?.name
    return { node, failed, isLast: isLast && reasons.length === 0, reasons, ...(port !== undefined && { port }) }
  }

  /** The file and the line, after all else: the files are read once more for it. */
  private async tellOrigin(trace: string): Promise<void> {
    const [first] = this.came
    const fed = new Set(this.document?.parts.edges.map(({ target }) => target.node))
    if (first === undefined || fed.has(first.source) || this.isDisposed()) return
    const origin = await rowOrigin(this.place, this.text, first.source, first, (run) => {
      this.run = run
    }).catch(() => undefined)
    if (!this.isDisposed() && this.state.getState().trace === trace) this.state.setState({ origin })
  }
}

/** With the last row a run may end before it answers: that is no failure. */
async function letGo(run: ShownRun, row: HeldRow, staysSet: boolean): Promise<void> {
  try {
    if (staysSet) await run.goOn(row.held)
    else await run.removeBreakpoint(row.breakpoint)
  } catch (reason) {
    if (!kEnded.includes(asWeirError(reason).code)) throw reason
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
