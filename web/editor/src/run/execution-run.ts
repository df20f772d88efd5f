// ExecutionRun: one execution of an engine, as the canvas shows it.
import { RunWatch, asWeirError, rowsOf } from '@weir/engine-client'
import type {
  Batch,
  Control,
  Execution,
  RunCounters,
  RunFiles,
  RunResult,
  Tap,
  TapOptions,
  Watcher
} from '@weir/engine-client'
import { createStore } from 'zustand/vanilla'
import type { StoreApi } from 'zustand/vanilla'
import { DocumentParts } from './document-parts.ts'
import type { PortPlace } from './document-parts.ts'
import { Failures } from './failures.ts'
import { FigureStore } from './figure-store.ts'
import { KeptPorts } from './kept-ports.ts'
import { LogLines } from './log-lines.ts'
import { RaisedAlerts } from './raised-alerts.ts'
import { kKeptRows, portKey } from './run-document.ts'
import type { RunDocument } from './run-document.ts'
import { RunFigures } from './run-figures.ts'
import type { HeldBack, LogLine, RunFacts, RunKind, RunStatus, ShownRun } from './shown-run.ts'

/** Rows of what was held back that are shown. */
const kShownHeldBack = 100
/** A sample of sources that go on and on, or are slow, ends after this long. */
const kSampleMs = 5000

export interface ExecutionRunOptions {
  kind: RunKind
  label: string
  place: string
  /** As the person has it, not as the engine was given it. */
  documentText: string
  document: RunDocument
  sampled?: ShownRun['sampled']
  parameters?: ShownRun['parameters']
  /** It runs some of the document's nodes only. */
  isPart?: boolean
  kept?: boolean
  /** Milliseconds since 1970. */
  now: () => number
}

interface RunEventData {
  atMicros?: number
  severity?: string
  kind?: string
  subject?: string
  message?: string
  key?: string
}

const kLevels: Record<string, LogLine['level']> = {
  debug: 'debug',
  info: 'info',
  warning: 'warning',
  error: 'error',
  critical: 'error'
}
/** Why nothing is told of a run that has ended, or that a server tells nothing of while it goes on. */
const kUntold = ['run.ended', 'live.gone', 'live.control', 'run.not_found', 'server.cannot']
const kQuietEvents = ['debug.held', 'debug.released', 'debug.dropped', 'debug.changed']

/** Whoever made it disposes of it: then the run is cancelled (unless it is another's) and all that it holds is freed. */
export class ExecutionRun implements ShownRun {
  readonly facts: StoreApi<RunFacts>
  readonly figures = new FigureStore()
  private readonly lines = new LogLines()
  private readonly failures = new Failures()
  private readonly raised = new RaisedAlerts()
  private readonly reader: RunFigures
  private readonly ports: KeptPorts
  private readonly watch: RunWatch
  private readonly feed: Watcher
  private readonly began = performance.now()
  private sampleTimer: ReturnType<typeof setTimeout> | undefined
  private disposed = false
  /** A person has changed or dropped a row. */
  private touched = false
  /** Resolves once it has ended and all of its rows are read. Never rejects. */
  readonly settled: Promise<void>

  constructor(
    private readonly execution: Execution,
    private readonly options: ExecutionRunOptions
  ) {
    const { document, documentText, now } = options
    this.facts = createStore<RunFacts>(() => ({
      status: 'starting',
      startedAt: now(),
      endedAt: undefined,
      rows: 0,
      rate: 0,
      aside: 0,
      dropped: 0,
      heldUpBy: undefined,
      progress: undefined,
      secondsLeft: undefined,
      failures: [],
      held: [],
      result: undefined,
      documentText
    }))
    this.reader = new RunFigures(this.figures, document.added, document.stand)
    this.ports = new KeptPorts(execution, document.outlets, kKeptRows)
    this.watch = new RunWatch(execution)
    this.feed = execution.watch()
    this.follow()
    if (options.kind === 'sample') {
      this.sampleTimer = setTimeout(() => {
        this.endSample()
      }, kSampleMs)
    }
    this.settled = this.end()
  }

  get id(): string {
    return this.execution.id
  }
  get kind(): RunKind {
    return this.options.kind
  }
  get label(): string {
    return this.options.label
  }
  get place(): string {
    return this.options.place
  }
  get isPart(): boolean {
    return this.options.isPart ?? false
  }
  get kept(): boolean {
    return this.options.kept ?? false
  }
  get sampled(): ShownRun['sampled'] {
    return this.options.sampled
  }
  get parameters(): ShownRun['parameters'] {
    return this.options.parameters
  }
  get alerts(): RaisedAlerts['store'] {
    return this.raised.store
  }
  /** That a source without a declared end has one by its settings, nobody knows here. */
  get endless(): boolean | undefined {
    return this.options.document.isUnbounded ? true : undefined
  }
  get log(): LogLines['store'] {
    return this.lines.store
  }

  tap(options: TapOptions): Promise<Tap> {
    return this.watch.tap(options)
  }

  rowsOf(node: string, port: string): Promise<readonly Batch[] | undefined> {
    const outlet = this.options.document.kept.get(portKey({ node, port }))
    return Promise.resolve(outlet === undefined ? undefined : this.ports.of(outlet))
  }

  addBreakpoint(options: { node?: string; edge?: string; where?: string; after?: number }): Promise<number> {
    return this.watch.addBreakpoint(options)
  }

  async removeBreakpoint(breakpoint: number): Promise<void> {
    await this.watch.removeBreakpoint(breakpoint)
    await this.lookAtHeld()
  }

  async goOn(held: number, row?: Record<string, unknown>): Promise<void> {
    if (row !== undefined) {
      const before = this.facts.getState().held.find((one) => one.held === held)?.row ?? {}
      const changed = Object.entries(row).filter(([name, value]) => !isSame(value, before[name]))
      if (changed.length > 0) this.touched = true
      if (changed.length > 0) await this.watch.change(held, Object.fromEntries(changed))
    }
    await this.watch.proceed(held)
    await this.lookAtHeld()
  }

  async dropRow(held: number): Promise<void> {
    this.touched = true
    await this.watch.drop(held)
    await this.lookAtHeld()
  }

  async stepRow(held: number): Promise<void> {
    await this.watch.step(held)
    await this.lookAtHeld()
  }

  /** Those of a node that reads a part of the files of another are that one's. */
  async deadLetters(): Promise<readonly unknown[]> {
    const { partOf } = this.options.document.stand
    const letters = await this.execution.deadLetters()
    if (partOf.size === 0) return letters
    return letters.map((letter) => {
      const whole = partOf.get((letter as { nodeId?: string } | null)?.nodeId ?? '')
      return whole === undefined ? letter : { ...(letter as object), nodeId: whole }
    })
  }

  /** When the run has ended, all of it; before, so far. */
  heldBack(): Promise<readonly HeldBack[]> {
    const found = this.options.document.heldBack.map(({ node, what, waiting, outlet }): HeldBack => {
      const rows = outlet === undefined ? [] : (this.ports.of(outlet) ?? [])
      const shown: unknown[] = []
      for (const batch of rows) {
        if (shown.length >= kShownHeldBack) break
        shown.push(...rowsOf(batch).slice(0, kShownHeldBack - shown.length))
      }
      return { node, what: waiting.length === 0 ? what : `${what}; ${waiting.join(', ')} wait for it`, rows: shown }
    })
    return Promise.resolve(found)
  }

  /** Of a whole flow whose rows nobody has changed: others are not what the document says. */
  readonly filesUsed = (): RunFiles | undefined =>
    this.touched || this.options.isPart === true ? undefined : this.execution.files?.()

  async muteAlert(alert: string, forMs: number): Promise<void> {
    await this.feed.ask('mute', { alert, forMs })
  }

  drain(): void {
    if (this.isOver) return
    this.setStatus('stopping')
    this.execution.drain()
  }

  cancel(): void {
    if (this.isOver) return
    this.setStatus('stopping')
    this.execution.cancel()
  }

  dispose(): void {
    if (this.disposed) return
    this.disposed = true
    clearTimeout(this.sampleTimer)
    this.watch.close()
    this.feed.close()
    this.ports.dispose()
    this.lines.dispose()
    this.execution.dispose()
  }

  /** Whether it has such a node; lines without a node are everybody's. */
  has(node: string): boolean {
    return node === '' || this.options.documentText.includes(JSON.stringify(node))
  }

  /** A line that a node of this run has logged. */
  hear(line: LogLine): void {
    if (!this.disposed) this.lines.add(line)
  }

  private get isOver(): boolean {
    return this.facts.getState().result !== undefined || this.facts.getState().endedAt !== undefined
  }

  private setStatus(status: RunStatus): void {
    if (!this.isOver) this.facts.setState({ status })
  }

  private follow(): void {
    this.feed.onMessage((message) => {
      if (this.disposed) return
      if (message.type === 'metrics') this.tell(message.data as RunCounters)
      if (message.type === 'event') this.event(message.data ?? {})
      this.credit(message)
    })
    for (const kind of ['metrics', 'events']) {
      const asked = this.feed.ask('subscribe', { kind }).then(async () => {
        // What was held before is told by no event.
        if (kind === 'events') await this.lookAtHeld().catch(() => undefined)
      })
      asked.catch((reason: unknown) => {
        const { code, message } = asWeirError(reason)
        if (!this.disposed && !kUntold.includes(code)) this.note('warning', `its ${kind}: ${message}`)
      })
    }
  }

  /** What was read is given back: the head of its frame counts too. */
  private credit(message: Control): void {
    if (message.subscription === undefined) return
    const bytes = JSON.stringify(message).length + 64
    this.feed.ask('credit', { bytes }, message.subscription).catch(() => undefined)
  }

  private tell(counters: RunCounters): void {
    const summary = this.reader.take(counters, performance.now() - this.began)
    const { failed, ...rest } = summary
    const now = this.options.now()
    if (failed.size > 0) this.failures.counted(failed, now)
    const { status, failures, endedAt } = this.facts.getState()
    this.facts.setState({
      ...rest,
      ...(status === 'starting' && { status: 'running' as const }),
      ...(endedAt !== undefined && { rate: 0, heldUpBy: undefined, secondsLeft: undefined }),
      failures: failed.size > 0 ? this.failures.list : failures
    })
  }

  private event({ atMicros, severity = 'info', kind = '', subject = '', message = '', key = '' }: RunEventData): void {
    const at = atMicros === undefined ? this.options.now() : atMicros / 1000
    this.raised.hear(kind, { name: subject, key, message, severity, at })
    if (!kQuietEvents.includes(kind)) this.lines.add({ at, level: kLevels[severity] ?? 'info', node: subject, message })
    if (kind.startsWith('debug.')) this.lookAtHeld().catch(() => undefined)
  }

  private async lookAtHeld(): Promise<void> {
    if (this.isOver || this.disposed) return
    const held = await this.watch.held()
    if (this.facts.getState().endedAt !== undefined) return
    const { status } = this.facts.getState()
    const isHeld = held.length > 0
    const next = isHeld && status !== 'stopping' ? 'held' : !isHeld && status === 'held' ? 'running' : status
    this.facts.setState({ held, status: next })
  }

  /** A run that was over before it could be watched has told nothing: what its place counted in all, or what was read. */
  private lastFigures(): void {
    if (this.figures.last !== undefined) return
    const { lastFigures } = this.execution
    if (lastFigures === undefined) this.countKept()
    else this.tell(lastFigures)
  }

  /** A place that tells no figures has given rows: of the ports that were read they are counted. */
  private countKept(): void {
    const parts = DocumentParts.of(this.options.documentText)
    if (parts === undefined) return
    const rowsAt = (port: PortPlace): number | undefined => {
      const outlet = this.options.document.kept.get(portKey(port))
      return outlet === undefined ? undefined : this.ports.of(outlet)?.reduce((sum, batch) => sum + batch.rows, 0)
    }
    const out = new Map<string, number>()
    for (const key of this.options.document.kept.keys()) {
      const [node = '', port = ''] = key.split('\u0000')
      out.set(node, (out.get(node) ?? 0) + (rowsAt({ node, port }) ?? 0))
    }
    const edges = parts.edges.flatMap(({ id, source }) => {
      const taken = rowsAt(source)
      return taken === undefined ? [] : [{ id, taken }]
    })
    const fed = new Set(parts.edges.map(({ target }) => target.node))
    this.figures.write(
      [...out].map(([id, rowsOut]) => ({ id, rowsOut })),
      edges
    )
    const rows = [...out].filter(([id]) => !fed.has(id)).reduce((sum, [, count]) => sum + count, 0)
    this.facts.setState({ rows })
  }

  private endSample(): void {
    if (this.isOver || this.disposed) return
    this.note('info', `the sample ended after ${String(kSampleMs / 1000)} s; its sources had more`)
    this.drain()
  }

  private note(level: LogLine['level'], message: string): void {
    this.lines.add({ at: this.options.now(), level, node: '', message })
  }

  private async end(): Promise<void> {
    let result: RunResult
    try {
      result = await this.execution.result
    } catch (reason) {
      const { code, message, recoverable } = asWeirError(reason)
      const error = { code, message, recoverable }
      result = { outcome: 'failed', exitCode: 1, error, elapsedMicros: 0, deadLetters: 0, errorsByCode: {} }
    }
    clearTimeout(this.sampleTimer)
    const letters = await this.deadLetters().catch(() => [])
    await this.ports.settled
    if (this.disposed) return
    const endedAt = this.options.now()
    this.failures.ended(result, letters, endedAt)
    this.lastFigures()
    this.reader.rest()
    this.lines.flush()
    const { aside } = this.facts.getState()
    this.facts.setState({
      status: statusOf(result),
      endedAt,
      rate: 0,
      heldUpBy: undefined,
      secondsLeft: undefined,
      held: [],
      aside: Math.max(aside, result.deadLetters),
      failures: this.failures.list,
      result
    })
  }
}

function statusOf({ outcome }: RunResult): RunStatus {
  if (outcome === 'done') return 'done'
  return outcome === 'cancelled' ? 'cancelled' : 'failed'
}

function isSame(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b)
}
