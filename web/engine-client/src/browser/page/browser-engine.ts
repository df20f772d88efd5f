// BrowserEngine: runs flows in workers of this page: each run in a worker of its own.
import {
  outletKey,
  textOfFlow,
  type Engine,
  type FlowSource,
  type ExecuteOptions,
  type NodeType,
  type PortName,
  type RunOptions,
  type StreamMessage,
  type Validation
} from '../../engine.ts'
import type { FlowDiff, FlowDiffOptions, FlowMerge, FlowVersions } from '../../flow-compare.ts'
import { WeirError } from '../../errors.ts'
import type { FormulaAnswer, FormulaFunction, FormulaQuestion } from '../../formula.ts'
import { messagesOf } from '../../run/message-stream.ts'
import type { LogLevel } from '../../wasm/engine-module.ts'
import type { FolderSource } from '../files/folder-source.ts'
import type { InterruptedRun, Keeping, KeepOptions } from '../kept/kept-run.ts'
import { RunKeeper, type Held } from '../kept/run-keeper.ts'
import { compileModule } from './compile-module.ts'
import { RunDirectory, type RunningRun } from '../tabs/run-directory.ts'
import { lineTo } from '../tabs/run-lines.ts'
import { WatchedRun } from '../tabs/watched-run.ts'
import { WorkerPool } from './worker-pool.ts'
import { WorkerRun } from './worker-run.ts'

export interface BrowserEngineOptions {
  /** weir.wasm: its address, or compiled. */
  module: string | URL | WebAssembly.Module
  /** The file of time zones (scripts/pack-zones.mjs); by default zones.bin beside the module, if that is an address. */
  zones?: string | URL
  /** Makes a worker of the bundled browser/worker/engine-worker.ts. */
  makeWorker: () => Worker
  /** Workers that stay warm; by default one for each core. */
  warm?: number
  /** Runs at the same time; one more waits for a worker. By default four for each core. */
  mostRuns?: number
  /** Bytes of an outlet on their way or waiting in the page; by default 1 MiB. */
  windowBytes?: number
  log?: (level: LogLevel, node: string, message: string) => void
}

export interface BrowserRunOptions extends RunOptions {
  /** Mounts by name; `project` is where paths without a mount lead (by default files in memory). */
  folders?: Record<string, FolderSource>
  /**
   * A run over files takes a checkpoint every five seconds, so that it can go on after a reload or a crash; `false`: it
   * takes none. `keeping` of the run says whether it can, and if not, why.
   */
  keep?: KeepOptions | false
}

export interface ResumeOptions {
  /** The document that the caller has now: if it is another than the run's, `state.changed`. */
  flow?: FlowSource
  /** Of the run's outlets those that the caller reads; by default all. */
  outlets?: PortName[]
  /** Also if the engine has trapped again and again at the same place. */
  anyway?: boolean
}

interface Begun {
  flow: string
  request: RunOptions
  folders: Record<string, FolderSource>
  keeping: Keeping
  held?: Held
}

const WINDOW_BYTES = 1 << 20

export class BrowserEngine implements Engine {
  private readonly directory = new RunDirectory()
  private readonly keeper = new RunKeeper(() => this.nodes())

  private constructor(
    private readonly pool: WorkerPool,
    private readonly windowBytes: number
  ) {}

  static async make(options: BrowserEngineOptions): Promise<BrowserEngine> {
    const cores = navigator.hardwareConcurrency
    const { module, makeWorker, warm = cores, mostRuns = Math.max(8, cores * 4) } = options
    const zones = options.zones ?? besideModule(module)
    const pool = new WorkerPool({
      ...(zones !== undefined && { zones: new URL(zones, document.baseURI).href }),
      module: module instanceof WebAssembly.Module ? module : await compileModule(module),
      makeWorker,
      warm,
      most: mostRuns,
      log: options.log ?? (() => undefined)
    })
    // One is warm before the first run, and shows whether the engine starts at all.
    pool.give(await pool.take())
    const engine = new BrowserEngine(pool, options.windowBytes ?? WINDOW_BYTES)
    void engine.keeper.sweep().catch(() => undefined)
    return engine
  }

  /** Workers that exist now. */
  get workers(): number {
    return this.pool.size
  }

  async nodes(): Promise<NodeType[]> {
    return (await this.ask({ type: 'ask', what: 'nodes' })) as NodeType[]
  }

  async validate(flow: FlowSource): Promise<Validation> {
    return (await this.ask({ type: 'ask', what: 'validate', flow: textOfFlow(flow) })) as Validation
  }

  async format(flow: FlowSource): Promise<string> {
    return (await this.ask({ type: 'ask', what: 'format', flow: textOfFlow(flow) })) as string
  }

  async diff(before: FlowSource, after: FlowSource, options: FlowDiffOptions = {}): Promise<FlowDiff> {
    const texts = { before: textOfFlow(before), after: textOfFlow(after) }
    return (await this.ask({ type: 'ask', what: 'diff', ...texts, options })) as FlowDiff
  }

  async merge({ base, ours, theirs }: FlowVersions): Promise<FlowMerge> {
    const known = base === undefined ? {} : { base: textOfFlow(base) }
    const texts = { ...known, ours: textOfFlow(ours), theirs: textOfFlow(theirs) }
    return (await this.ask({ type: 'ask', what: 'merge', ...texts })) as FlowMerge
  }

  async formula(question: FormulaQuestion): Promise<FormulaAnswer> {
    return (await this.ask({ type: 'ask', what: 'formula', question })) as FormulaAnswer
  }

  async formulaFunctions(): Promise<FormulaFunction[]> {
    return (await this.ask({ type: 'ask', what: 'functions' })) as FormulaFunction[]
  }

  async run(flow: FlowSource, options: BrowserRunOptions = {}): Promise<WorkerRun> {
    const { folders: given = {}, keep = {}, ...request } = options
    const folders: Record<string, FolderSource> = { project: { kind: 'memory' }, ...given }
    const text = textOfFlow(flow)
    const { keeping, held } = await this.keeper.begin(text, request, folders, keep)
    return this.start({ flow: text, request, folders, keeping, ...(held && { held }) })
  }

  /** Runs that were interrupted, here or in a tab that is gone, and can go on; newest first. */
  interrupted(): Promise<InterruptedRun[]> {
    return this.keeper.interrupted()
  }

  /**
   * Goes on with an interrupted run from its last checkpoint. In a click: the browser may ask for its folders. Refused
   * if it goes on elsewhere (`run.busy`), or if its flow, its nodes or its files are not what they were (`state.*`,
   * `files.changed`): it stays, and can be discarded.
   */
  async resume(id: string, options: ResumeOptions = {}): Promise<WorkerRun> {
    const held = await this.keeper.resume(id, options.anyway)
    try {
      if (options.flow !== undefined) await this.checkSame(held.record.flow, options.flow)
    } catch (reason) {
      held.letGo()
      throw reason
    }
    const { flow, everyMs, options: request } = held.record
    const run = await this.start({ flow, request, folders: held.folders, keeping: { isKept: true, everyMs }, held })
    const wanted = options.outlets && new Set(options.outlets.map(outletKey))
    for (const port of request.outlets ?? []) {
      // Rows that nobody reads would hold the run up.
      if (wanted && !wanted.has(outletKey(port))) await run.outlet(port.node, port.port).cancel()
    }
    return run
  }

  /** An interrupted run and all that is kept of it is deleted. */
  discard(id: string): Promise<void> {
    return this.keeper.discard(id)
  }

  execute(flow: FlowSource, options: ExecuteOptions & BrowserRunOptions = {}): ReadableStream<StreamMessage> {
    return messagesOf(this, flow, options)
  }

  /** The runs that go on in any tab of this origin. */
  runs(): Promise<RunningRun[]> {
    return this.directory.list()
  }

  /** It was started or resumed here, and goes on. */
  ownsRun(id: string): boolean {
    return this.directory.owned(id) !== undefined
  }

  /** A run of any tab of this origin, to be watched; `outlets`: ports of it that nobody else reads. Error `run.none`. */
  async watchRun(id: string, outlets: readonly PortName[] = []): Promise<WatchedRun> {
    const own = this.directory.owned(id)
    if (!own) return WatchedRun.open(id, await lineTo(id), outlets)
    const { port1, port2 } = new MessageChannel()
    own.admit(port2)
    return WatchedRun.open(id, port1, outlets)
  }

  /** Cancels a run, also one of another tab. */
  stopRun(id: string): void {
    this.directory.stop(id)
  }

  close(): void {
    this.keeper.close()
    this.directory.close()
    this.pool.close()
  }

  private async start({ flow, request, folders, keeping, held }: Begun): Promise<WorkerRun> {
    const slot = await this.slotFor(held)
    const { port1, port2 } = new MessageChannel()
    const run = new WorkerRun({
      port: port1,
      outlets: request.outlets ?? [],
      windowBytes: this.windowBytes,
      fault: slot.ended,
      onFree: (error) => {
        if (error) slot.end(error.message)
        else this.pool.give(slot)
      }
    })
    run.keeping = keeping
    // A seed makes the run's id; else the page does, so that it is the same when the run goes on.
    const runId = request.runId ?? (request.seed === undefined ? held?.record.id : undefined)
    const options = { ...request, ...(runId !== undefined && { runId }) }
    const keep = held && { keep: held.order }
    try {
      run.id = (await slot.ask({ type: 'run' as const, flow, options, folders, ...keep, port: port2 }, [
        port2
      ])) as string
      if (held) await this.keeper.named(held, run.id)
    } catch (reason) {
      port1.close()
      this.pool.give(slot)
      if (held) await this.keeper.refused(held)
      throw reason
    }
    if (held) void this.keeper.follow(held, run.result).catch(() => undefined)
    this.directory.add(
      { id: run.id, flow: flowId(flow), startedAt: Date.now(), isKept: keeping.isKept },
      {
        stop: () => {
          run.stop(new WeirError('run.cancelled', 'the run was stopped from another place'))
        },
        admit: (port) => {
          run.admit(port)
        }
      },
      run.result
    )
    return run
  }

  private async slotFor(held: Held | undefined): ReturnType<WorkerPool['take']> {
    try {
      return await this.pool.take()
    } catch (reason) {
      if (held) await this.keeper.refused(held)
      throw reason
    }
  }

  private async checkSame(kept: string, now: FlowSource): Promise<void> {
    const [before, after] = await Promise.all([this.format(kept), this.format(now)])
    if (before === after) return
    const why = 'the flow was changed after the run began; discard the run and start it anew, or set the flow back'
    throw new WeirError('state.changed', why)
  }

  private async ask(question: Parameters<Awaited<ReturnType<WorkerPool['take']>>['ask']>[0]): Promise<unknown> {
    const slot = await this.pool.take()
    try {
      return await slot.ask(question)
    } finally {
      this.pool.give(slot)
    }
  }
}

function flowId(flow: FlowSource): string {
  const document = typeof flow === 'string' ? (JSON.parse(flow) as Record<string, unknown>) : flow
  return typeof document.id === 'string' ? document.id : ''
}

function besideModule(module: BrowserEngineOptions['module']): URL | undefined {
  return module instanceof WebAssembly.Module ? undefined : new URL('zones.bin', new URL(module, document.baseURI))
}
