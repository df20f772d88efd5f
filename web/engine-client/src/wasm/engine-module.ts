// EngineModule: weir.wasm, instantiated: questions, runs, and the answers of the place to its calls.
import type { Batch } from '../batch.ts'
import { EngineFault, FlowError, WeirError, type Problem } from '../errors.ts'
import { ARRAY_BYTES, BufferPool, readBatch } from './arrow-read.ts'
import { ModuleApi, type ApiExports, type ApiModuleOptions } from './module-api.ts'
import { WireReader, WireWriter } from './wire.ts'

/** What the engine asks of the place it runs in. */
export interface Place {
  /** Microseconds since 1970. */
  now(): number
  /** Nanoseconds that never go back. */
  steady(): number
  random(into: Uint8Array<ArrayBuffer>): void
  log(level: LogLevel, node: string, message: string): void
  /** Answers once, at once or later; `memory` is the module's, for calls that name addresses in it. */
  call(kind: number, args: WireReader, memory: WebAssembly.Memory): CallAnswer
}

export type LogLevel = 'debug' | 'info' | 'warning' | 'error'
export type CallAnswer = WireWriter | undefined | Promise<WireWriter | undefined>

interface Exports extends ApiExports {
  memory: WebAssembly.Memory
  _initialize?(): void
  weir_alloc(bytes: number): number
  weir_release(at: number): void
  weir_answer_at(): number
  weir_answer_bytes(): number
  weir_answer(id: number, good: number, at: number, bytes: number): void
  weir_load(cpu: number, memory: number, loopLagMs: number, hidden: number): void
  weir_ask(at: number, bytes: number): void
  weir_run_open(flow: number, flowBytes: number, request: number, requestBytes: number): number
  weir_run_close(run: number): void
  weir_run_work(run: number, budgetMs: number): number
  weir_run_drain(run: number): void
  weir_run_cancel(run: number): void
  weir_run_result(run: number): void
  weir_run_dead_letters(run: number): void
  weir_outlet_read(run: number, outlet: number, bytes: number): number
  weir_outlet_json(run: number, outlet: number, bytes: number): number
  weir_outlet_credit(run: number, outlet: number, bytes: number, credit: number): void
  weir_outlet_ended(run: number, outlet: number, bytes: number): number
  weir_inlet_json(run: number, inlet: number, bytes: number, lines: number, lineBytes: number): number
  weir_inlet_end(run: number, inlet: number, bytes: number): void
  weir_inlet_waiting(run: number, inlet: number, bytes: number): number
  weir_watch(run: number): number
  weir_watch_send(run: number, watcher: number, control: number, bytes: number): number
  weir_watch_take(run: number, watcher: number): void
  weir_unwatch(run: number, watcher: number): void
}

const LEVELS: LogLevel[] = ['debug', 'info', 'warning', 'error']
const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** How a run ended. */
export interface RunResult {
  outcome: 'done' | 'failed' | 'tooManyErrors' | 'limit' | 'deadlock' | 'cancelled' | 'syncFailed'
  exitCode: number
  error?: { code: string; message: string; recoverable: boolean }
  node?: string
  elapsedMicros: number
  deadLetters: number
  errorsByCode: Record<string, number>
}

export interface RunRequest {
  parameters?: Record<string, unknown>
  mode?: 'async' | 'sync' | 'step'
  seed?: number
  runId?: string
  /** Ports whose rows go to the page. */
  outlets?: { node: string; port: string }[]
  mounts?: string[]
  /** Flows that this one uses as nodes, by id. */
  flows?: Record<string, unknown>
  memoryBytes?: number
  maxErrors?: number
  /** The way of 1 row in so many is kept. */
  traceRows?: number
  allFields?: boolean
  /** Kept in the place's storage, under the flow's id or `key`. With `everyMs` a time is kept to and rows are not counted, unless the document says. */
  checkpoints?: boolean | { key?: string; everyMs?: number }
  /** Goes on from the last checkpoint; without one it begins anew. */
  resume?: boolean
}

export class EngineModule {
  readonly pool = new BufferPool()
  private exports!: Exports
  private fault: EngineFault | undefined
  /** What the engine said of the trap that followed. */
  private lastWords: string | undefined
  /** Called when a call was answered later: a run may have something to do. */
  onWake: () => void = () => undefined

  private constructor(private readonly place: Place) {}

  static async load(source: WebAssembly.Module, place: Place): Promise<EngineModule> {
    const engine = new EngineModule(place)
    const instance = await WebAssembly.instantiate(source, { weir: engine.imports() })
    engine.exports = instance.exports as unknown as Exports
    engine.exports._initialize?.()
    return engine
  }

  /** A question about documents and nodes (apps/wasm/documents.h). */
  ask(question: Record<string, unknown>): unknown {
    return this.askText(JSON.stringify(question))
  }

  /** The same of a question that is JSON already. */
  askText(question: string): unknown {
    const text = this.guarded(() =>
      this.withBytes(encoder.encode(question), (at, bytes) => {
        this.exports.weir_ask(at, bytes)
        return this.answerText()
      })
    )
    return JSON.parse(text)
  }

  /** @throws FlowError with all problems of the document. */
  open(flow: string, request: RunRequest): ModuleRun {
    return this.guarded(() => {
      const number = this.withBytes(encoder.encode(flow), (flowAt, flowBytes) =>
        this.withBytes(encoder.encode(JSON.stringify(request)), (at, bytes) =>
          this.exports.weir_run_open(flowAt, flowBytes, at, bytes)
        )
      )
      const said = JSON.parse(this.answerText()) as { run?: string; outlets?: string[]; problems?: Problem[] }
      if (number === 0) throw new FlowError(said.problems ?? [])
      return new ModuleRun(this, this.exports, number, said.run ?? '', said.outlets ?? [])
    })
  }

  /** The HTTP API over this module; one at a time. */
  openApi(options: ApiModuleOptions): ModuleApi {
    return new ModuleApi(this, this.exports, options)
  }

  /** What adaptive edges follow. */
  tellLoad(load: { cpu: number; memory: number; loopLagMs: number; hidden: boolean }): void {
    this.exports.weir_load(load.cpu, load.memory, load.loopLagMs, load.hidden ? 1 : 0)
  }

  /** What the engine takes for now: µs since 1970. */
  get nowMicros(): number {
    return this.place.now()
  }

  get memoryBytes(): number {
    return this.exports.memory.buffer.byteLength
  }

  get memory(): WebAssembly.Memory {
    return this.exports.memory
  }

  /** Runs `call`; a trap ends the module for good. */
  guarded<T>(call: () => T): T {
    if (this.fault) throw this.fault
    try {
      return call()
    } catch (reason) {
      if (!(reason instanceof WebAssembly.RuntimeError)) throw reason
      this.fault = new EngineFault(`the engine stopped: ${this.lastWords ?? reason.message}`)
      throw this.fault
    }
  }

  /** The bytes in the module's memory while `use` runs. */
  withBytes<T>(bytes: Uint8Array, use: (at: number, size: number) => T): T {
    const at = this.exports.weir_alloc(Math.max(bytes.length, 1))
    if (at === 0) throw new WeirError('memory.limit', `the engine has no room for ${bytes.length} bytes`)
    new Uint8Array(this.exports.memory.buffer, at, bytes.length).set(bytes)
    try {
      return use(at, bytes.length)
    } finally {
      this.exports.weir_release(at)
    }
  }

  answerText(): string {
    return decoder.decode(this.answerBytes())
  }

  /** Valid until the next call. */
  answerBytes(): Uint8Array {
    return new Uint8Array(this.exports.memory.buffer, this.exports.weir_answer_at(), this.exports.weir_answer_bytes())
  }

  private text(at: number, bytes: number): string {
    return decoder.decode(new Uint8Array(this.exports.memory.buffer, at, bytes))
  }

  private imports(): Record<string, WebAssembly.ImportValue> {
    return {
      now: () => this.place.now(),
      steady: () => this.place.steady(),
      random: (at: number, bytes: number) => {
        const drawn = new Uint8Array(bytes)
        this.place.random(drawn)
        new Uint8Array(this.exports.memory.buffer, at, bytes).set(drawn)
      },
      log: (level: number, node: number, nodeBytes: number, message: number, messageBytes: number) => {
        this.place.log(LEVELS[level] ?? 'info', this.text(node, nodeBytes), this.text(message, messageBytes))
      },
      call: (kind: number, id: number, at: number, bytes: number) => {
        this.call(kind, id, at, bytes)
      },
      cancel: () => undefined,
      fault: (at: number, bytes: number) => {
        this.lastWords = this.text(at, bytes)
      }
    }
  }

  private call(kind: number, id: number, at: number, bytes: number): void {
    const args = new WireReader(new Uint8Array(this.exports.memory.buffer, at, bytes))
    let answer: CallAnswer
    try {
      answer = this.place.call(kind, args, this.exports.memory)
    } catch (reason) {
      this.fail(id, reason)
      return
    }
    if (!(answer instanceof Promise)) {
      this.answer(id, true, answer?.finish() ?? new Uint8Array())
      return
    }
    answer.then(
      (wire) => {
        this.answerLater(() => {
          this.answer(id, true, wire?.finish() ?? new Uint8Array())
        })
      },
      (reason: unknown) => {
        this.answerLater(() => {
          this.fail(id, reason)
        })
      }
    )
  }

  private answerLater(answer: () => void): void {
    if (this.fault) return
    try {
      this.guarded(answer)
    } catch {
      // The run is told by its next call.
    }
    this.onWake()
  }

  private fail(id: number, reason: unknown): void {
    const error =
      reason instanceof WeirError
        ? reason
        : new WeirError('host.failed', reason instanceof Error ? reason.message : String(reason))
    const wire = new WireWriter().text(error.code).text(error.message).flag(error.recoverable)
    this.answer(id, false, wire.finish())
  }

  private answer(id: number, good: boolean, bytes: Uint8Array): void {
    if (id === 0) return
    this.withBytes(bytes, (at, size) => {
      this.exports.weir_answer(id, good ? 1 : 0, at, size)
    })
  }
}

/** One run inside the module. Who calls `work` is its only worker. */
export class ModuleRun {
  static readonly finished = -1
  static readonly idle = -2
  private closed = false

  constructor(
    private readonly engine: EngineModule,
    private readonly exports: Exports,
    private readonly number: number,
    readonly id: string,
    /** Ids of the outlets' nodes, in the order in which they were asked for. */
    readonly outlets: readonly string[]
  ) {}

  /** Works for about so long; 0: more to do now; finished; idle; else when the next timer is due (µs since 1970). */
  work(budgetMs: number): number {
    return this.engine.guarded(() => this.exports.weir_run_work(this.number, budgetMs))
  }

  /** Sources give no more; what is under way is finished. */
  drain(): void {
    this.engine.guarded(() => {
      this.exports.weir_run_drain(this.number)
    })
  }

  /** No step begins any more. */
  cancel(): void {
    this.engine.guarded(() => {
      this.exports.weir_run_cancel(this.number)
    })
  }

  /** After `finished`. */
  result(): RunResult {
    return this.engine.guarded(() => {
      this.exports.weir_run_result(this.number)
      return JSON.parse(this.engine.answerText()) as RunResult
    })
  }

  /** The first 1,000 rows that failed and had nowhere to go. */
  deadLetters(): unknown[] {
    const lines = this.engine.guarded(() => {
      this.exports.weir_run_dead_letters(this.number)
      return this.engine.answerText()
    })
    return lines
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as unknown)
  }

  /** The next batch of an outlet, in a buffer of the pool. What was read makes room once `credit` gives it back. */
  read(outlet: string): Batch | undefined {
    return this.named(outlet, (at, bytes) => {
      const found = this.exports.weir_outlet_read(this.number, at, bytes)
      if (found === 0) return undefined
      const { memory } = this.exports
      const view = new DataView(memory.buffer)
      const size = Number(view.getBigInt64(found + ARRAY_BYTES + 48, true))
      return readBatch(memory, found, found + ARRAY_BYTES, size, this.engine.pool)
    })
  }

  /** The same as rows; for single messages. */
  readRows(outlet: string): { rows: unknown[]; bytes: number } | undefined {
    return this.named(outlet, (at, bytes) => {
      const size = this.exports.weir_outlet_json(this.number, at, bytes)
      if (size < 0) return undefined
      const rows = this.engine
        .answerText()
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as unknown)
      return { rows, bytes: size }
    })
  }

  credit(outlet: string, bytes: number): void {
    this.named(outlet, (at, size) => {
      this.exports.weir_outlet_credit(this.number, at, size, bytes)
    })
  }

  ended(outlet: string): boolean {
    return this.named(outlet, (at, bytes) => this.exports.weir_outlet_ended(this.number, at, bytes)) !== 0
  }

  /** Rows for a node `page/inlet`. */
  write(inlet: string, rows: readonly unknown[]): void {
    const lines = encoder.encode(linesOf(rows))
    this.named(inlet, (at, bytes) => {
      this.engine.withBytes(lines, (linesAt, lineBytes) => {
        if (this.exports.weir_inlet_json(this.number, at, bytes, linesAt, lineBytes) === 1) return
        const { error } = JSON.parse(this.engine.answerText()) as { error: { code: string; message: string } }
        throw new WeirError(error.code, error.message)
      })
    })
  }

  end(inlet: string): void {
    this.named(inlet, (at, bytes) => {
      this.exports.weir_inlet_end(this.number, at, bytes)
    })
  }

  /** Bytes that were written and that the run has not taken yet. */
  waiting(inlet: string): number {
    return this.named(inlet, (at, bytes) => this.exports.weir_inlet_waiting(this.number, at, bytes))
  }

  /** A watcher of the live protocol. */
  watch(): number {
    return this.engine.guarded(() => this.exports.weir_watch(this.number))
  }

  send(watcher: number, control: string): void {
    this.named(control, (at, bytes) => {
      if (this.exports.weir_watch_send(this.number, watcher, at, bytes) === 1) return
      const { error } = JSON.parse(this.engine.answerText()) as { error: { code: string; message: string } }
      throw new WeirError(error.code, error.message)
    })
  }

  /** Frames that are due, each behind its length. */
  take(watcher: number): Uint8Array<ArrayBuffer> {
    return this.engine.guarded(() => {
      this.exports.weir_watch_take(this.number, watcher)
      return new Uint8Array(this.engine.answerBytes())
    })
  }

  unwatch(watcher: number): void {
    this.engine.guarded(() => {
      this.exports.weir_unwatch(this.number, watcher)
    })
  }

  close(): void {
    if (this.closed) return
    this.closed = true
    this.engine.guarded(() => {
      this.exports.weir_run_close(this.number)
    })
  }

  private named<T>(name: string, use: (at: number, bytes: number) => T): T {
    return this.engine.guarded(() => this.engine.withBytes(encoder.encode(name), use))
  }
}

/** @throws WeirError `json.wrong_type` for what JSON does not have. */
function linesOf(rows: readonly unknown[]): string {
  if (!Array.isArray(rows)) throw new WeirError('json.wrong_type', `an inlet takes lists of rows, not ${typeof rows}`)
  return rows.map((row: unknown, i) => lineOf(row, i)).join('\n')
}

function lineOf(row: unknown, i: number): string {
  let line: string | undefined
  let why = `a row is an object, not ${typeof row}`
  try {
    line = JSON.stringify(row)
  } catch (reason) {
    why = reason instanceof Error ? (reason.message.split('\n')[0] ?? '') : String(reason)
  }
  if (line === undefined) throw new WeirError('json.wrong_type', `row ${i + 1} of those written cannot be JSON: ${why}`)
  return line
}
