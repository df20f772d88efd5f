// ServerEngine: runs flows on a server, by the platform's HTTP API and live protocol.
import {
  textOfFlow,
  type Engine,
  type ExecuteOptions,
  type Execution,
  type FlowSource,
  type NodeType,
  type RunOptions,
  type StreamMessage,
  type Validation,
  type Watcher
} from '../engine.ts'
import { WeirError } from '../errors.ts'
import { drawn } from '../run/flow-ends.ts'
import { messagesOf } from '../run/message-stream.ts'
import { LiveConnection, type LiveSocket } from './live-connection.ts'
import { jsonOf } from './refusal.ts'
import { ServerExecution } from './server-execution.ts'
import { ServerHttp, type ServerHttpOptions } from './server-http.ts'

/** What this client understands. */
export const API_VERSION = '1.0.0'

export interface ServerEngineOptions extends ServerHttpOptions {
  /** Checks and formats documents: the API has no route for it, and any engine of this release says the same. */
  documents?: Engine
  /** Bytes of rows that wait in this place; 1 MiB. */
  windowBytes?: number
  /** Without an event for so long, the connection is made anew; 60 s. */
  idleMs?: number
  /** By default the platform's WebSocket. */
  openSocket?: (url: string) => LiveSocket
}

export interface ServerHealth {
  status: string
  version?: string
  [key: string]: unknown
}

/** `features` known here: inlets, live, drain. */
export interface ServerCapabilities {
  maxNodes: number
  supportedNodeTypes: string[]
  features: string[]
  /** Milliseconds. */
  estimatedLatency: number
  limits?: { memoryBytes?: number; executionTimeout?: number; maxConcurrentExecutions?: number; [key: string]: unknown }
}

/** A run of the server. */
export interface ServerRun {
  id: string
  [key: string]: unknown
}

export class ServerEngine implements Engine {
  private readonly running = new Set<Execution>()

  private constructor(
    private readonly http: ServerHttp,
    private readonly options: ServerEngineOptions,
    readonly capabilities: ServerCapabilities
  ) {}

  /** @throws WeirError `server.version` if it speaks another API; `network.unreachable`, `network.blocked`, `server.denied`. */
  static async connect(options: ServerEngineOptions): Promise<ServerEngine> {
    const http = new ServerHttp(options)
    checkVersion(http, (await jsonOf(await http.ask('health'))) as Partial<ServerHealth> | null)
    const said = (await jsonOf(await http.ask('capabilities'))) as Partial<ServerCapabilities> | null
    return new ServerEngine(http, options, {
      maxNodes: Infinity,
      supportedNodeTypes: [],
      features: [],
      estimatedLatency: 0,
      ...said
    })
  }

  async health(): Promise<ServerHealth> {
    return (await jsonOf(await this.http.ask('health'))) as ServerHealth
  }

  async nodes(): Promise<NodeType[]> {
    const { nodes } = (await jsonOf(await this.http.ask('nodes'))) as { nodes?: NodeType[] }
    return nodes ?? []
  }

  /** `elsewhere`: the nodes that this server does not have. */
  async validate(flow: FlowSource): Promise<Validation> {
    const found = await this.documents().validate(flow)
    const elsewhere = drawn(flow).nodes.filter((node) => !this.has(node.typeId))
    return { ...found, elsewhere: elsewhere.map((node) => ({ node: node.id, typeId: node.typeId, hosts: [] })) }
  }

  async format(flow: FlowSource): Promise<string> {
    return this.documents().format(flow)
  }

  has(typeId: string): boolean {
    return this.capabilities.supportedNodeTypes.includes(typeId)
  }

  async run(flow: FlowSource, options: RunOptions = {}): Promise<ServerExecution> {
    const { outlets = [], runId = newRunId(), ...request } = options
    const abort = new AbortController()
    const first = await this.begin(flow, { ...request, runId, outlets }, runId, abort.signal)
    const execution = new ServerExecution({
      http: this.http,
      first,
      id: first.headers.get('x-execution-id') ?? runId,
      outlets,
      abort,
      attempts: this.options.attempts ?? 4,
      idleMs: this.options.idleMs ?? 60_000,
      windowBytes: this.options.windowBytes ?? 1 << 20,
      features: this.capabilities.features,
      openWatcher: (run) => this.openWatcher(run)
    })
    this.running.add(execution)
    execution.result
      .catch(() => undefined)
      .then(() => this.running.delete(execution))
      .catch(() => undefined)
    return execution
  }

  execute(flow: FlowSource, options: ExecuteOptions = {}): ReadableStream<StreamMessage> {
    return messagesOf(this, flow, { figures: this.capabilities.features.includes('live'), ...options })
  }

  /** The runs that go on at the server. */
  async runs(): Promise<ServerRun[]> {
    const { runs } = (await jsonOf(await this.http.ask('runs'))) as { runs?: ServerRun[] }
    return runs ?? []
  }

  async stopRun(id: string): Promise<void> {
    await this.http.ask(`runs/${encodeURIComponent(id)}`, { method: 'DELETE' })
  }

  close(): void {
    for (const one of [...this.running]) one.dispose()
  }

  private async begin(
    flow: FlowSource,
    request: Record<string, unknown>,
    runId: string,
    signal: AbortSignal
  ): Promise<Response> {
    const flowText = textOfFlow(flow)
    const body = `{"flow":${flowText},${JSON.stringify(request).slice(1)}`
    const headers = { 'content-type': 'application/json', accept: 'text/event-stream' }
    try {
      return await this.http.ask('execute', { method: 'POST', headers, body, signal })
    } catch (reason) {
      // The answer did not come, but the run may have begun.
      if ((reason as { code?: string }).code?.startsWith('network.') === true) {
        this.http.ask(`executions/${runId}`, { method: 'DELETE' }).catch(() => undefined)
      }
      throw reason
    }
  }

  private openWatcher(run: string): Watcher {
    const url = new URL(`${this.http.base}/live`)
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
    url.searchParams.set('run', run)
    const open = this.options.openSocket ?? ((address: string) => new WebSocket(address) as unknown as LiveSocket)
    return new LiveConnection({
      open: () => open(url.href),
      pause: (attempt) => this.http.pause(attempt),
      attempts: this.options.attempts ?? 4
    })
  }

  private documents(): Engine {
    if (this.options.documents) return this.options.documents
    throw new WeirError('server.cannot', 'the API does not check documents: give ServerEngine an engine as `documents`')
  }
}

/** A server of the same major version, or one that says none, is understood. */
function checkVersion(http: ServerHttp, health: Partial<ServerHealth> | null): void {
  if (typeof health?.status !== 'string') {
    throw new WeirError(
      'server.version',
      `${http.base}/health does not answer as a Weir server does; check the address`
    )
  }
  const major = /^(\d+)\.\d+/.exec(health.version ?? '')?.[1]
  if (major === undefined || major === API_VERSION.split('.')[0]) return
  throw new WeirError(
    'server.version',
    `the server runs Weir ${health.version ?? ''}, this client speaks ${API_VERSION}: reload the page, or update one of them`
  )
}

function newRunId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(8))
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}
