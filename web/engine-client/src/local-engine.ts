// LocalEngine: the engine in this thread: in Node.js, in tests, and inside workers.
import type { Batch } from './batch.ts'
import {
  outletKey,
  textOfFlow,
  type Engine,
  type ExecuteOptions,
  type Execution,
  type FlowSource,
  type NodeType,
  type RunOptions,
  type StreamMessage
} from './engine.ts'
import type { Validation, Watcher } from './engine.ts'
import { asWeirError, FlowError, WeirError, type Problem } from './errors.ts'
import type { FlowDiff, FlowDiffOptions, FlowMerge, FlowVersions } from './flow-compare.ts'
import { formulaAnswerOf, formulaFunctionsOf, jsonText } from './formula.ts'
import type { FormulaAnswer, FormulaFunction, FormulaQuestion } from './formula.ts'
import { makePlace, type PlaceOptions } from './hosts/place.ts'
import { Asked } from './live/asked.ts'
import { controlOf, FrameKind, splitFrames, type Control, type Frame } from './live/frames.ts'
import { messagesOf } from './run/message-stream.ts'
import { RunLoop } from './run/run-loop.ts'
import { stoppedFor } from './run/stopped-for.ts'
import { EngineModule, type ModuleRun, type RunResult } from './wasm/engine-module.ts'

/** Bytes that may wait at an inlet before its writer has to. */
const INLET_BYTES = 1 << 20
/** How often watchers are served while nothing else happens. */
const WATCH_MS = 50

export class LocalEngine implements Engine {
  private readonly executions = new Set<LocalExecution>()

  private constructor(private readonly module: EngineModule) {
    module.onWake = () => {
      for (const one of this.executions) one.wake()
    }
  }

  /** `source`: weir.wasm, compiled. */
  static async make(source: WebAssembly.Module, options: PlaceOptions = {}): Promise<LocalEngine> {
    return new LocalEngine(await EngineModule.load(source, makePlace(options)))
  }

  nodes(): Promise<NodeType[]> {
    return this.asked<{ nodes: NodeType[] }>({ ask: 'nodes' }).then((answer) => answer.nodes)
  }

  validate(flow: FlowSource): Promise<Validation> {
    return this.asked<Validation>({ ask: 'validate', flow: textOfFlow(flow) })
  }

  async format(flow: FlowSource): Promise<string> {
    const answer = await this.asked<{ text?: string; problems?: Problem[] }>({ ask: 'format', flow: textOfFlow(flow) })
    if (answer.text === undefined) throw new FlowError(answer.problems ?? [])
    return answer.text
  }

  diff(before: FlowSource, after: FlowSource, options: FlowDiffOptions = {}): Promise<FlowDiff> {
    return this.compared({ ask: 'diff', before: textOfFlow(before), after: textOfFlow(after), ...options })
  }

  merge({ base, ours, theirs }: FlowVersions): Promise<FlowMerge> {
    const known = base === undefined ? {} : { base: textOfFlow(base) }
    return this.compared({ ask: 'merge', ...known, ours: textOfFlow(ours), theirs: textOfFlow(theirs) })
  }

  formula(question: FormulaQuestion): Promise<FormulaAnswer> {
    return new Promise((resolve) => {
      resolve(formulaAnswerOf(this.module.askText(jsonText({ ...question, ask: 'formula' }))))
    })
  }

  formulaFunctions(): Promise<FormulaFunction[]> {
    return this.asked<unknown>({ ask: 'functions' }).then(formulaFunctionsOf)
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- a failure is a rejection, as with other engines
  async run(flow: FlowSource, options: RunOptions = {}): Promise<LocalExecution> {
    const run = this.module.open(textOfFlow(flow), options)
    const execution = new LocalExecution(this.module, run, options, () => this.executions.delete(execution))
    this.executions.add(execution)
    execution.wake()
    return execution
  }

  execute(flow: FlowSource, options: ExecuteOptions = {}): ReadableStream<StreamMessage> {
    return messagesOf(this, flow, options)
  }

  get memoryBytes(): number {
    return this.module.memoryBytes
  }

  tellLoad(load: { cpu: number; memory: number; loopLagMs: number; hidden: boolean }): void {
    this.module.tellLoad(load)
  }

  /** A buffer of a batch that is not needed any more: it is used again. */
  giveBackBuffer(buffer: ArrayBuffer): void {
    this.module.pool.give(buffer)
  }

  close(): void {
    for (const one of this.executions)
      one.stop(new WeirError('run.cancelled', 'the engine was closed before the run ended'))
  }

  private async compared<T>(question: Record<string, unknown>): Promise<T> {
    const answer = await this.asked<T & { document?: string; problems?: Problem[] }>(question)
    if (answer.problems) throw new FlowError(answer.problems, answer.document)
    return answer
  }

  private asked<T>(question: Record<string, unknown>): Promise<T> {
    return new Promise((resolve) => {
      resolve(this.module.ask(question) as T)
    })
  }
}

/** Who waits for a batch of an outlet. */
interface OutletReader {
  outlet: string
  wanted: boolean
  /** Tries to hand on what waits; true: handed on, or ended. */
  serve: () => boolean
}

/** Rows that were read together, and what they count. */
export interface RowGroup {
  rows: unknown[]
  bytes: number
}

/** A run of a LocalEngine. */
export class LocalExecution implements Execution {
  readonly id: string
  readonly result: Promise<RunResult>
  private readonly loop: RunLoop
  private readonly outlets = new Map<string, string>()
  private readonly readers = new Set<OutletReader>()
  private readonly watchers = new Set<LocalWatcher>()
  private inletWaits: (() => void)[] = []
  private over = false
  private letters: unknown[] = []
  private abandoned = false
  private cancelled = false
  private stopped: WeirError | undefined

  constructor(
    private readonly module: EngineModule,
    private readonly run: ModuleRun,
    options: RunOptions,
    private readonly forget: () => void
  ) {
    this.id = run.id
    options.outlets?.forEach((port, i) => this.outlets.set(outletKey(port), run.outlets[i] ?? ''))
    this.loop = new RunLoop(module, run, {
      onSlice: () => {
        this.serve()
      }
    })
    const ended = this.loop.ended.then(
      (result) => this.withReason(result),
      (reason: unknown) => {
        this.stopped ??= asWeirError(reason)
        throw reason
      }
    )
    this.result = ended.finally(() => {
      this.over = true
      this.letters = this.run.deadLetters()
      this.serve()
      this.closeWhenRead()
    })
    // Who only reads rows need not look at the result.
    this.result.catch(() => undefined)
  }

  wake(): void {
    this.loop.wake()
  }

  drain(): void {
    this.run.drain()
    this.loop.wake()
  }

  cancel(): void {
    if (this.over) return
    this.cancelled = true
    this.run.cancel()
    this.loop.wake()
  }

  /** It ends, not because its reader wants it: who reads is told why. With another code than `run.cancelled` it has failed. */
  stop(reason: WeirError): void {
    if (this.over || this.cancelled) return
    this.stopped ??= reason
    this.run.cancel()
    this.loop.wake()
  }

  outlet(node: string, port: string): ReadableStream<Batch> {
    const outlet = this.take(node, port)
    return this.stream(outlet, () => {
      const batch = this.run.read(outlet)
      return batch && { chunks: [batch], bytes: batch.bytes }
    })
  }

  rows(node: string, port: string): ReadableStream<unknown> {
    const outlet = this.take(node, port)
    return this.stream(outlet, () => {
      const read = this.run.readRows(outlet)
      return read && { chunks: read.rows, bytes: read.bytes }
    })
  }

  /** The same rows as `rows`, as many together as have come, none of the groups empty. Once, and instead of the others. */
  rowGroups(node: string, port: string): ReadableStream<RowGroup> {
    const outlet = this.take(node, port)
    return this.stream(outlet, () => {
      const read = this.run.readRows(outlet)
      return read && { chunks: read.rows.length > 0 ? [read] : [], bytes: read.bytes }
    })
  }

  inlet(node: string, mostBytes = INLET_BYTES): WritableStream<unknown[]> {
    return new WritableStream<unknown[]>({
      write: async (rows) => {
        if (this.over) throw new WeirError('run.ended', 'the run has ended')
        this.put(node, rows)
        this.loop.wake()
        while (!this.isOver() && this.run.waiting(node) > mostBytes) {
          await new Promise<void>((resolve) => this.inletWaits.push(resolve))
        }
        if (this.stopped) throw this.stopped
      },
      close: () => {
        if (this.over) return
        this.run.end(node)
        this.loop.wake()
      },
      abort: () => {
        this.cancel()
      }
    })
  }

  watch(): Watcher {
    const watcher = new LocalWatcher(
      this.run,
      () => {
        this.loop.wake()
      },
      () => this.watchers.delete(watcher)
    )
    this.watchers.add(watcher)
    return watcher
  }

  private isOver(): boolean {
    return this.over
  }

  /** An inlet that refused rows can neither be written nor ended any more: a run that waited for it would never end. */
  private put(node: string, rows: readonly unknown[]): void {
    try {
      this.run.write(node, rows)
    } catch (reason) {
      const error = asWeirError(reason)
      this.stop(error)
      throw error
    }
  }

  private withReason(result: RunResult): RunResult {
    return this.stopped ? stoppedFor(result, this.stopped) : result
  }

  private take(node: string, port: string): string {
    const key = outletKey({ node, port })
    const outlet = this.outlets.get(key)
    if (outlet === undefined) {
      throw new WeirError('run.no_outlet', `port '${port}' of '${node}' is not among the outlets of this run`)
    }
    this.outlets.delete(key)
    return outlet
  }

  deadLetters(): Promise<unknown[]> {
    return this.result.then(() => this.letters)
  }

  giveBack(batch: Batch): void {
    this.module.pool.give(batch.buffer)
  }

  dispose(): void {
    this.cancel()
    this.outlets.clear()
    this.abandoned = true
    for (const watcher of this.watchers) watcher.close()
    this.closeWhenRead()
  }

  /** The run stays in the module until its last row has been read. */
  private closeWhenRead(): void {
    if (!this.over || this.outlets.size > 0 || (this.readers.size > 0 && !this.abandoned)) return
    for (const watcher of this.watchers) watcher.close()
    this.forget()
    this.run.close()
  }

  private stream<T>(outlet: string, next: () => { chunks: T[]; bytes: number } | undefined): ReadableStream<T> {
    let owed = 0
    const reader: OutletReader = { outlet, wanted: false, serve: () => false }
    return new ReadableStream<T>(
      {
        start: (controller) => {
          reader.serve = () => {
            for (let read = next(); read; read = next()) {
              owed += read.bytes
              // A batch may have no rows; who reads waits for one that has.
              if (read.chunks.length === 0) continue
              for (const chunk of read.chunks) controller.enqueue(chunk)
              return true
            }
            if (!this.run.ended(outlet) && !this.over) return false
            if (this.stopped) controller.error(this.stopped)
            else controller.close()
            this.readers.delete(reader)
            this.closeWhenRead()
            return true
          }
          this.readers.add(reader)
        },
        pull: () => {
          // What was read is through with: the run may give as much again.
          if (owed > 0) this.run.credit(outlet, owed)
          owed = 0
          reader.wanted = true
          this.serve()
          if (!this.over) this.loop.wake()
        },
        cancel: () => {
          this.readers.delete(reader)
          // Rows that nobody reads any more must not hold the run up.
          this.run.credit(outlet, Number.MAX_SAFE_INTEGER)
          this.loop.wake()
        }
      },
      { highWaterMark: 0 }
    )
  }

  private serve(): void {
    for (const reader of this.readers) {
      if (!reader.wanted) continue
      reader.wanted = false
      reader.wanted = !reader.serve()
    }
    for (const watcher of this.watchers) watcher.serve()
    const waits = this.inletWaits
    this.inletWaits = []
    for (const wait of waits) wait()
  }
}

class LocalWatcher implements Watcher {
  private readonly number: number
  private readonly asked = new Asked()
  private readonly listeners: ((message: Control) => void)[] = []
  private readonly frameListeners: ((frame: Frame) => void)[] = []
  private readonly timer: ReturnType<typeof setInterval>
  private closed = false

  constructor(
    private readonly run: ModuleRun,
    private readonly wake: () => void,
    private readonly forget: () => void
  ) {
    this.number = run.watch()
    this.timer = setInterval(() => {
      this.serve()
    }, WATCH_MS)
    ;(this.timer as { unref?: () => void }).unref?.()
  }

  ask(type: string, data: Record<string, unknown> = {}, subscription?: number): Promise<unknown> {
    return this.asked.ask(type, data, subscription, (control) => {
      this.run.send(this.number, JSON.stringify(control))
      this.serve()
      // A held row that goes on is work for the run.
      this.wake()
    })
  }

  onMessage(listener: (message: Control) => void): void {
    this.listeners.push(listener)
  }

  onFrame(listener: (frame: Frame) => void): void {
    this.frameListeners.push(listener)
  }

  serve(): void {
    if (this.closed) return
    const bytes = this.run.take(this.number)
    for (const frame of splitFrames(bytes)) {
      if (frame.kind === FrameKind.control) this.take(controlOf(frame))
      else for (const listener of this.frameListeners) listener(frame)
    }
  }

  close(): void {
    if (this.closed) return
    this.closed = true
    clearInterval(this.timer)
    this.run.unwatch(this.number)
    this.forget()
  }

  private take(message: Control): void {
    if (this.asked.answered(message)) return
    for (const listener of this.listeners) listener(message)
  }
}
