// FigureHistory: what a run has told of itself so far, thinned as it grows: for asking when an alert would have been raised.
import type { RunCounters } from '@weir/engine-client'
import type { FigureStore } from '../run/figure-store.ts'
import type { RunKind, ShownRun } from '../run/shown-run.ts'
import type { EditorSession } from '../session/editor-session.ts'

/** Of a node at one time; `p99` in milliseconds, of the whole run so far. */
export const kNodeSeries = ['rowsIn', 'tried', 'failed', 'retries', 'p99', 'breaker', 'waiting'] as const
export const kEdgeSeries = ['offered', 'dropped', 'fill', 'p99'] as const
export const kRunSeries = ['deadLetters', 'errors', 'usedBytes'] as const

/** Times of one history at most; numbers in all of them (8 bytes each). */
const kMostFrames = 600
const kMostNumbers = 1_000_000
const kLeastStepMs = 200

type Raw = Record<string, unknown>

const numberIn = (raw: Raw, name: string): number => (typeof raw[name] === 'number' ? raw[name] : 0)

function p99(raw: Raw, name: string): number {
  const told = raw[name]
  return typeof told === 'object' && told !== null ? numberIn(told as Raw, 'p99') / 1e6 : 0
}

function share(raw: Raw, part: string, whole: string): number {
  return numberIn(raw, whole) > 0 ? numberIn(raw, part) / numberIn(raw, whole) : 0
}

/** Follows the figures of a run until `stop`. What was told stays as long as the history is held. */
export class FigureHistory {
  /** Milliseconds since the run was first looked at. */
  readonly times: number[] = []
  private readonly frames: Float64Array[] = []
  private readonly nodes = new Map<string, number>()
  private readonly edges = new Map<string, number>()
  private stepMs = kLeastStepMs
  private readonly began: number

  /** `now`: milliseconds of a clock that goes on evenly. */
  constructor(private readonly now: () => number = () => performance.now()) {
    this.began = now()
  }

  get elapsedMs(): number {
    return this.now() - this.began
  }

  /** Until what was told last. */
  get lastMs(): number {
    return this.times.at(-1) ?? 0
  }

  /** Gives what ends it. */
  follow(figures: FigureStore): () => void {
    const take = (): void => {
      if (figures.last !== undefined) this.take(figures.last)
    }
    take()
    return figures.subscribe(take)
  }

  take(counters: RunCounters): void {
    const at = this.now() - this.began
    const last = this.times.at(-1)
    if (last !== undefined && at - last < this.stepMs) return
    const waiting = new Set<unknown>()
    for (const edge of counters.edges) if (numberIn(edge, 'held') > 0) waiting.add(edge['target'])
    for (const { id } of counters.nodes) if (!this.nodes.has(id)) this.nodes.set(id, this.nodes.size)
    for (const { id } of counters.edges) if (!this.edges.has(id)) this.edges.set(id, this.edges.size)
    const frame = new Float64Array(this.width)
    frame.set([counters.deadLetters, counters.errors, counters.usedBytes])
    for (const node of counters.nodes) {
      const failed = numberIn(node, 'failed')
      const rowsIn = numberIn(node, 'rowsIn')
      const open = typeof node['breaker'] === 'string' && node['breaker'] !== 'closed' ? 1 : 0
      const tried = Math.max(rowsIn, numberIn(node, 'rowsOut') + failed)
      const told = [rowsIn, tried, failed, numberIn(node, 'retries'), p99(node, 'stepNanos'), open]
      frame.set([...told, waiting.has(node.id) ? 1 : 0], this.placeOf('node', node.id))
    }
    for (const edge of counters.edges) {
      const fill = Math.max(share(edge, 'held', 'capacityRows'), share(edge, 'heldBytes', 'capacityBytes'))
      const told = [numberIn(edge, 'offered'), numberIn(edge, 'dropped'), fill, p99(edge, 'waitNanos')]
      frame.set(told, this.placeOf('edge', edge.id))
    }
    this.times.push(at)
    this.frames.push(frame)
    this.thin()
  }

  /** Whether anything was told of it. */
  has(of: 'node' | 'edge' | 'run', id: string): boolean {
    return this.times.length > 0 && (of === 'run' || (of === 'node' ? this.nodes : this.edges).has(id))
  }

  /** What was told last before or at a time; what had not come by then is 0. */
  at(of: 'node' | 'edge' | 'run', id: string, series: string, ms: number): number {
    let low = 0
    let high = this.times.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((this.times[middle] ?? 0) <= ms) low = middle
      else high = middle - 1
    }
    const names: readonly string[] = of === 'run' ? kRunSeries : of === 'node' ? kNodeSeries : kEdgeSeries
    return this.frames[low]?.[this.placeOf(of, id) + names.indexOf(series)] ?? 0
  }

  /** Nodes and edges come in turns: who comes later finds room behind all that were there. */
  private placeOf(of: 'node' | 'edge' | 'run', id: string): number {
    if (of === 'run') return 0
    const pair = kNodeSeries.length + kEdgeSeries.length
    return of === 'node'
      ? kRunSeries.length + (this.nodes.get(id) ?? 0) * pair
      : kRunSeries.length + (this.edges.get(id) ?? 0) * pair + kNodeSeries.length
  }

  private get width(): number {
    const most = Math.max(this.nodes.size, this.edges.size)
    return kRunSeries.length + most * (kNodeSeries.length + kEdgeSeries.length)
  }

  /** When there is no more room every second time goes, and later ones are taken half as often. */
  private thin(): void {
    const most = Math.max(20, Math.min(kMostFrames, Math.floor(kMostNumbers / this.width)))
    if (this.times.length <= most) return
    const last = this.times.length - 1
    const kept = this.times.map((_, at) => at).filter((at) => at % 2 === 0 || at === last)
    const [times, frames] = [kept.map((at) => this.times[at] ?? 0), kept.map((at) => this.frames[at])]
    this.times.splice(0, this.times.length, ...times)
    this.frames.splice(0, this.frames.length, ...frames.filter((frame) => frame !== undefined))
    this.stepMs *= 2
  }
}

/** What is kept of the newest run. */
export interface KeptFigures {
  history: FigureHistory
  run: string
  label: string
  kind: RunKind
  place: string
}

class Keeper {
  private current: KeptFigures | undefined
  /** The newest run that was no sample: a sample follows it with the next edit. */
  private whole: KeptFigures | undefined
  private stopRun: () => void = () => undefined

  constructor(private readonly session: EditorSession) {
    const stop = session.run.subscribe(() => {
      this.look()
    })
    session.onClose(() => {
      stop()
      this.stopRun()
    })
    this.look()
  }

  get newest(): KeptFigures | undefined {
    return this.whole ?? this.current
  }

  private look(): void {
    const { shown } = this.session.run.getState()
    if (shown?.id === this.current?.run) return
    this.stopRun()
    this.stopRun = () => undefined
    if (shown !== undefined) this.begin(shown)
  }

  private begin({ id, label, kind, place, figures }: ShownRun): void {
    const history = new FigureHistory()
    this.stopRun = history.follow(figures)
    this.current = { history, run: id, label, kind, place }
    if (kind !== 'sample') this.whole = this.current
  }
}

const kKeepers = new WeakMap<EditorSession, Keeper>()

/** Keeps the figures of the runs that a session shows, from now on; the same keeper each time. */
export function keptFigures(session: EditorSession): { readonly newest: KeptFigures | undefined } {
  const known = kKeepers.get(session)
  if (known !== undefined) return known
  const made = new Keeper(session)
  kKeepers.set(session, made)
  return made
}
