// EngineDesk: what a worker answers: questions about documents, and runs, one at a time.
import { EngineFault, WeirError, asWeirError } from '../../errors.ts'
import type { Folder } from '../files/folder.ts'
import { MountedFiles } from '../files/mounted-files.ts'
import { openSource } from '../files/open-source.ts'
import { TemporaryFiles } from '../files/temporary-files.ts'
import { LateZones } from '../../hosts/late-zones.ts'
import { KeptWork } from '../kept/kept-work.ts'
import { LocalEngine, type LocalExecution } from '../../local-engine.ts'
import { PolicyWatch } from '../network/blocked.ts'
import { BrowserStreams } from '../network/browser-streams.ts'
import { FetchHttp } from '../network/fetch-http.ts'
import { Sending } from '../network/sending.ts'
import { carry, toWorker, type FromWorker, type ToWorker } from '../protocol.ts'
import { SecretStore } from '../storage/secret-store.ts'
import { RunPort } from './run-port.ts'
import { randomId } from '../../random-id.ts'

/** Where the desk is reached: the worker's own global, or a port. */
export interface DeskLine {
  postMessage(message: FromWorker): void
  onmessage: ((event: MessageEvent) => void) | null
}

/** How long a run that the page has given up may take to be given up here. */
const FREE_MS = 5000

export class EngineDesk {
  private engine: LocalEngine | undefined
  private readonly temporary = new TemporaryFiles(randomId())
  private readonly files = new MountedFiles(new Map(), () => this.temporary.make())
  private zones = new LateZones(undefined)
  private readonly streams: BrowserStreams
  private readonly http: FetchHttp
  private readonly kept = new KeptWork(this.files)
  private run: LocalExecution | undefined
  private tellFree: () => void = () => undefined

  constructor(private readonly line: DeskLine) {
    const sending = new Sending(new SecretStore())
    const policy = new PolicyWatch()
    this.http = new FetchHttp(sending, policy)
    this.streams = new BrowserStreams(sending, policy)
    line.onmessage = (event: MessageEvent) => {
      void this.take(event.data)
    }
  }

  private async take(data: unknown): Promise<void> {
    let message: ToWorker
    try {
      message = toWorker(data)
    } catch (reason) {
      this.say({ type: 'log', level: 'error', node: '', message: asWeirError(reason).message })
      return
    }
    try {
      if (message.type === 'start') await this.start(message.module, message.zones)
      else if (message.type === 'ask') await this.ask(message)
      else await this.open(message)
    } catch (reason) {
      if (message.type === 'start') this.say({ type: 'fault', message: `the engine did not start: ${String(reason)}` })
      else this.say({ type: 'refused', call: message.call, error: carry(reason) })
      this.tellFault(reason)
    }
  }

  private async start(module: WebAssembly.Module, zones?: string): Promise<void> {
    const { files, http, streams } = this
    this.zones = new LateZones(zones)
    this.engine = await LocalEngine.make(module, {
      files,
      http,
      streams,
      state: this.kept.state,
      zones: this.zones,
      log: (level, node, message) => {
        this.say({ type: 'log', level, node, message })
      }
    })
    this.say({ type: 'ready' })
  }

  private async ask(message: ToWorker & { type: 'ask' }): Promise<void> {
    const engine = this.started()
    const { call } = message
    if (message.what === 'nodes') this.say({ type: 'answer', call, value: await engine.nodes() })
    else if (message.what === 'format') this.say({ type: 'answer', call, value: await engine.format(message.flow) })
    else if (message.what === 'functions') this.say({ type: 'answer', call, value: await engine.formulaFunctions() })
    else if (message.what === 'formula') {
      // Formulas may name time zones.
      await this.zones.ready
      this.say({ type: 'answer', call, value: await engine.formula(message.question) })
    } else if (message.what === 'merge') this.say({ type: 'answer', call, value: await engine.merge(message) })
    else if (message.what === 'diff') {
      const { before, after, options } = message
      this.say({ type: 'answer', call, value: await engine.diff(before, after, options) })
    } else this.say({ type: 'answer', call, value: await engine.validate(message.flow) })
  }

  private async open({ call, flow, options, folders, keep, port }: ToWorker & { type: 'run' }): Promise<void> {
    const engine = this.started()
    if (this.run) await this.untilFree()
    if (this.run) throw new WeirError('run.busy', 'this worker has a run already')
    const mounts = new Map<string, Folder>()
    for (const [name, source] of Object.entries(folders)) mounts.set(name, await openSource(source))
    await Promise.all([this.zones.ready, this.temporary.ready])
    const more = await this.kept.prepare(mounts, keep)
    const run = await engine.run(flow, { ...options, ...more, mounts: [...mounts.keys()] })
    this.run = run
    run.result.catch((reason: unknown) => {
      this.tellFault(reason)
    })
    const done = (): void => {
      this.run = undefined
      this.streams.closeAll()
      this.tellFree()
    }
    const served = new RunPort(engine, run, port, done, this.kept.stopped)
    served.filesOf = () => this.files.seen.summary()
    this.kept.follow(run, (news) => {
      served.tellCheckpoint(news)
    })
    this.say({ type: 'answer', call, value: run.id })
  }

  /** The page frees a worker through the run's own port, which may be heard after the next run's question. */
  private untilFree(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, FREE_MS)
      this.tellFree = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  private started(): LocalEngine {
    if (!this.engine) throw new WeirError('host.missing', 'the engine has not started')
    return this.engine
  }

  private tellFault(reason: unknown): void {
    if (reason instanceof EngineFault) this.say({ type: 'fault', message: reason.message })
  }

  private say(message: FromWorker): void {
    this.line.postMessage(message)
  }
}
