// BrowserEngine: runs flows in workers of this page: each run in a worker of its own.
import {
  textOfFlow,
  type Engine,
  type FlowSource,
  type ExecuteOptions,
  type NodeType,
  type RunOptions,
  type StreamMessage,
  type Validation
} from '../../engine.ts'
import { messagesOf } from '../../run/message-stream.ts'
import type { LogLevel } from '../../wasm/engine-module.ts'
import type { FolderSource } from '../files/folder-source.ts'
import { compileModule } from './compile-module.ts'
import { RunDirectory, type RunningRun } from './run-directory.ts'
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
}

const WINDOW_BYTES = 1 << 20

export class BrowserEngine implements Engine {
  private readonly directory = new RunDirectory()

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
    return new BrowserEngine(pool, options.windowBytes ?? WINDOW_BYTES)
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

  async run(flow: FlowSource, options: BrowserRunOptions = {}): Promise<WorkerRun> {
    const { folders = {}, ...request } = options
    const slot = await this.pool.take()
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
    const mounts: Record<string, FolderSource> = { project: { kind: 'memory' }, ...folders }
    const question = { type: 'run' as const, flow: textOfFlow(flow), options: request, folders: mounts, port: port2 }
    try {
      run.id = (await slot.ask(question, [port2])) as string
    } catch (reason) {
      port1.close()
      this.pool.give(slot)
      throw reason
    }
    const cancel = (): void => {
      run.cancel()
    }
    this.directory.add({ id: run.id, flow: flowId(flow), startedAt: Date.now() }, cancel, run.result)
    return run
  }

  execute(flow: FlowSource, options: ExecuteOptions & BrowserRunOptions = {}): ReadableStream<StreamMessage> {
    return messagesOf(this, flow, options)
  }

  /** The runs that go on in any tab of this origin. */
  runs(): Promise<RunningRun[]> {
    return this.directory.list()
  }

  /** Cancels a run, also one of another tab. */
  stopRun(id: string): void {
    this.directory.stop(id)
  }

  close(): void {
    this.directory.close()
    this.pool.close()
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
