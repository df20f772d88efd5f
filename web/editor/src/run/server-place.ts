// ServerPlace: runs on a server: samples and tests by its execute route, its own runs of kept flows, and those that go on.
import { ServerEngine, WeirError, asWeirError } from '@weir/engine-client'
import type { Engine, ServerEngineOptions } from '@weir/engine-client'
import { parseJson, textMember } from '@weir/flow-model'
import { EnginePlace } from './engine-place.ts'
import { ServerRun } from './server-run.ts'
import type { ServerRunPorts } from './server-run.ts'
import { plainDocument } from './run-document.ts'
import type { ShownRun, StartOptions } from './shown-run.ts'
import { rememberTest, testOf } from './tests-of-drafts.ts'

export interface ServerPlaceOptions extends ServerEngineOptions {
  /** As the switch names it; the host unless said. */
  name?: string
  flows?: (documentText: string) => Promise<Record<string, string>>
  now?: () => number
}

/** While it is away it is looked for as often, and longer each time. */
const kLookMs = 2000
const kMostLookMs = 30_000
const kGone = ['network.unreachable', 'network.timeout', 'network.closed', 'server.gone', 'network.blocked']

/** As the server lists runs; a test of a draft has version 0. */
interface GoingRun {
  id: string
  flow: string
  state: string
  version: number
}
const kGoing = ['starting', 'running', 'stopping']

export class ServerPlace extends EnginePlace {
  private connected: Promise<ServerEngine> | undefined
  private timer: ReturnType<typeof setTimeout> | undefined
  private pause = kLookMs
  private disposed = false
  /** A server runs what it keeps, and puts no flows in place: it says so itself. */
  protected override readonly putsFlowsInPlace = false

  constructor(private readonly server: ServerPlaceOptions) {
    super({
      id: 'server',
      name: server.name ?? hostOf(server.url),
      engine: () => this.connection(),
      ...(server.flows !== undefined && { flows: server.flows }),
      ...(server.now !== undefined && { now: server.now })
    })
  }

  /** A live run is one of the server's, of the flow that it keeps; so is a test of its draft that may have effects. */
  override async start(documentText: string, options: StartOptions): Promise<ShownRun> {
    const { kind, preview = kind === 'sample', upTo, sampleRows } = options
    const isKept = kind === 'live' || (kind === 'test' && !preview && upTo === undefined && sampleRows === undefined)
    const flow = isKept ? flowIn(documentText) : ''
    if (flow === '') return super.start(documentText, options)
    return this.asked(async () => {
      const engine = await this.connection()
      const asked = {
        ...(options.parameters !== undefined && { parameters: options.parameters }),
        ...(kind === 'test' && { version: 'draft' })
      }
      const made = await engine.post(`flows/${encodeURIComponent(flow)}/runs`, asked)
      const { id } = made as { id?: string }
      if (typeof id !== 'string') throw new WeirError('protocol.invalid', 'the server started a run without an id')
      if (kind === 'test') rememberTest(flow, { run: id, text: documentText })
      return this.of(engine, id, documentText, options)
    })
  }

  /** A run that the server has, such as the live one. It goes on when it is no longer shown. */
  show(id: string, documentText: string, label = 'Live'): Promise<ShownRun> {
    return this.asked(async () => this.of(await this.connection(), id, documentText, { kind: 'live' }, label))
  }

  /** Of a published version, or a test of the draft that was started in this browser: of others nobody knows what they run. */
  going(flow: string): Promise<ShownRun | undefined> {
    return this.asked(async () => {
      const engine = await this.connection()
      const name = encodeURIComponent(flow)
      const { runs = [] } = (await engine.get(`runs?flow=${name}`)) as { runs?: readonly GoingRun[] }
      for (const { id, flow: of, state, version } of runs) {
        if (of !== flow || !kGoing.includes(state)) continue
        if (version === 0) {
          const test = testOf(flow)
          if (test?.run === id) return this.of(engine, id, test.text, { kind: 'test' })
          continue
        }
        const kept = (await engine.get(`flows/${name}/versions/${version}`)) as { label?: string; document?: unknown }
        const called = kept.label === undefined || kept.label === '' ? String(version) : kept.label
        return this.of(engine, id, JSON.stringify(kept.document), { kind: 'live' }, `Live ${called} on server`)
      }
      return undefined
    })
  }

  /** Looks now whether it is there. */
  async look(): Promise<boolean> {
    clearTimeout(this.timer)
    this.timer = undefined
    try {
      const engine = await this.connection()
      await engine.health()
      this.pause = kLookMs
      this.away.setState({ reason: '' })
      return true
    } catch (reason) {
      this.failed(reason)
      return false
    }
  }

  dispose(): void {
    this.disposed = true
    clearTimeout(this.timer)
    const { connected } = this
    this.connected = undefined
    connected?.then(
      (engine) => {
        engine.close()
      },
      () => undefined
    )
  }

  /** What says that it cannot be reached makes it away, until it answers again. */
  protected override failed(reason: unknown): void {
    const { code, message } = asWeirError(reason)
    if (!kGone.includes(code) && code !== 'server.version') return
    this.connected = undefined
    this.away.setState({ reason: `${this.name}: ${message}` })
    if (this.disposed || this.timer !== undefined || !kGone.includes(code)) return
    this.timer = setTimeout(() => {
      this.timer = undefined
      void this.look()
    }, this.pause)
    ;(this.timer as { unref?: () => void }).unref?.()
    this.pause = Math.min(kMostLookMs, this.pause * 2)
  }

  private connection(): Promise<ServerEngine & Engine> {
    if (this.connected === undefined) {
      this.connected = ServerEngine.connect(this.server)
      this.connected.then(
        () => {
          this.away.setState({ reason: '' })
        },
        () => {
          this.connected = undefined
        }
      )
    }
    return this.connected
  }

  private of(
    engine: ServerEngine,
    id: string,
    documentText: string,
    options: StartOptions,
    label?: string
  ): Promise<ShownRun> {
    const ports: ServerRunPorts = {
      get: (path) => engine.get(path),
      post: (path, body) => engine.post(path, body),
      watch: () => engine.openLive(),
      wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms))
    }
    return this.shown(
      new ServerRun(id, ports),
      documentText,
      plainDocument(documentText),
      options,
      label,
      undefined,
      true
    )
  }
}

function hostOf(url: string | URL): string {
  const text = url.toString()
  return URL.canParse(text) ? new URL(text).host : 'The server'
}

function flowIn(text: string): string {
  const read = parseJson(text)
  return read.ok ? textMember(read.value, 'id') : ''
}
