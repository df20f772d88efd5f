// ServerEngine: runs flows on a server, by the platform's HTTP API and live protocol.
import {
  textOfFlow,
  type Engine,
  type ExecuteOptions,
  type FlowSource,
  type NodeType,
  type RunOptions,
  type StreamMessage,
  type Validation,
  type Watcher
} from '../engine.ts'
import type { FlowDiff, FlowDiffOptions, FlowMerge, FlowVersions } from '../flow-compare.ts'
import { WeirError } from '../errors.ts'
import { formulaAnswerOf, formulaFunctionsOf, jsonText } from '../formula.ts'
import type { FormulaAnswer, FormulaFunction, FormulaQuestion } from '../formula.ts'
import { messagesOf } from '../run/message-stream.ts'
import { LiveConnection, type LiveSocket } from './live-connection.ts'
import { jsonOf } from './refusal.ts'
import { ServerExecution } from './server-execution.ts'
import { ServerHttp, type ServerHttpOptions } from './server-http.ts'

/** What this client understands. */
export const API_VERSION = '1.0.0'

export interface ServerEngineOptions extends ServerHttpOptions {
  /** Bytes of rows that wait in this place; 1 MiB. */
  windowBytes?: number
  /** Without an event for so long, the connection is made anew; 60 s. */
  idleMs?: number
  /** By default the platform's WebSocket. */
  openSocket?: (url: string) => LiveSocket
}

export interface ServerHealth {
  status: string
  /** Of the place. */
  version?: string
  /** Of the engine. */
  engine?: string
  [key: string]: unknown
}

/** `features` known here: inlets, live, drain. */
export interface ServerCapabilities {
  maxNodes: number
  supportedNodeTypes: string[]
  features: string[]
  /** Milliseconds. */
  estimatedLatency: number
  limits?: { memoryBytes?: number | null; executionTimeout?: number | null; [key: string]: unknown }
}

export interface ServerRunOptions extends RunOptions {
  /** Files of the mount `project`, which the run is given: path to text. */
  files?: Record<string, string>
}

const REQUEST_MEMBERS = [
  'parameters',
  'mode',
  'seed',
  'outlets',
  'files',
  'flows',
  'memoryBytes',
  'maxErrors',
  'allFields'
] as const

/** A run of the server. */
export interface ServerRun {
  id: string
  [key: string]: unknown
}

export class ServerEngine implements Engine {
  private readonly running = new Set<ServerExecution>()

  private constructor(
    private readonly http: ServerHttp,
    private readonly options: ServerEngineOptions,
    readonly capabilities: ServerCapabilities
  ) {}

  /** @throws WeirError `server.version` if it speaks another API; `network.unreachable`, `network.blocked`, `server.denied`. */
  static async connect(options: ServerEngineOptions): Promise<ServerEngine> {
    const http = new ServerHttp(options)
    checkVersion(http, (await http.json('health')) as Partial<ServerHealth> | null)
    return new ServerEngine(http, options, capabilitiesIn(http, await http.json('capabilities')))
  }

  async health(): Promise<ServerHealth> {
    return (await this.http.json('health')) as ServerHealth
  }

  nodes(): Promise<NodeType[]> {
    return this.list<NodeType>('nodes', 'nodes')
  }

  async validate(flow: FlowSource): Promise<Validation> {
    return (await this.json('validate', flow)) as Validation
  }

  async format(flow: FlowSource): Promise<string> {
    return this.http.textOf(await this.document('format', flow))
  }

  async diff(before: FlowSource, after: FlowSource, options: FlowDiffOptions = {}): Promise<FlowDiff> {
    const texts = { before: textOfFlow(before), after: textOfFlow(after) }
    return (await this.json('diff', { ...texts, ...options })) as FlowDiff
  }

  async merge({ base, ours, theirs }: FlowVersions): Promise<FlowMerge> {
    const known = base === undefined ? {} : { base: textOfFlow(base) }
    const texts = { ...known, ours: textOfFlow(ours), theirs: textOfFlow(theirs) }
    return (await this.json('merge', texts)) as FlowMerge
  }

  async formula(question: FormulaQuestion): Promise<FormulaAnswer> {
    const headers = { 'content-type': 'application/json' }
    const request = { method: 'POST' as const, headers, body: jsonText(question), repeatable: true }
    return formulaAnswerOf(await this.http.json('formulas/check', request))
  }

  async formulaFunctions(): Promise<FormulaFunction[]> {
    return formulaFunctionsOf(await this.http.json('formulas/functions'))
  }

  has(typeId: string): boolean {
    return this.capabilities.supportedNodeTypes.includes(typeId)
  }

  /** Of `options` those that the API knows; a run on a server has an id of the server's. */
  async run(flow: FlowSource, options: ServerRunOptions = {}): Promise<ServerExecution> {
    const { outlets = [] } = options
    const abort = new AbortController()
    const first = await this.begin(flow, options, abort.signal)
    const execution = new ServerExecution({
      http: this.http,
      first,
      id: first.headers.get('x-execution-id') ?? '',
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

  /** The runs that go on at the server, and those that it still knows. */
  runs(): Promise<ServerRun[]> {
    return this.list<ServerRun>('executions', 'executions')
  }

  /** JSON of a route of the API, for what this engine has no name for. */
  get(path: string): Promise<unknown> {
    return this.http.json(path)
  }

  /** The same with a body; it is not repeated, unless `once` names the request. */
  post(path: string, body: unknown, once?: string): Promise<unknown> {
    const headers = { 'content-type': 'application/json', ...(once !== undefined && { 'idempotency-key': once }) }
    return this.http.json(path, { method: 'POST', headers, body: JSON.stringify(body), repeatable: once !== undefined })
  }

  /** The live protocol of the server, whose requests name their run. The caller closes it. */
  openLive(): Watcher {
    return this.openWatcher()
  }

  async stopRun(id: string): Promise<void> {
    await this.http.ask(`executions/${encodeURIComponent(id)}`, { method: 'DELETE' })
  }

  close(): void {
    const reason = new WeirError('run.cancelled', 'the engine was closed before the run ended')
    for (const one of [...this.running]) one.stop(reason)
  }

  /** What was not answered may have begun: the server ends what nobody reads. */
  private begin(flow: FlowSource, options: ServerRunOptions, signal: AbortSignal): Promise<Response> {
    const known: Record<string, unknown> = {}
    for (const name of REQUEST_MEMBERS) if (options[name] !== undefined) known[name] = options[name]
    const request = JSON.stringify(known).slice(1)
    const body = `{"flow":${textOfFlow(flow)}${request === '}' ? '' : ','}${request}`
    const headers = { 'content-type': 'application/json', accept: 'text/event-stream' }
    return this.http.ask('execute', { method: 'POST', headers, body, signal })
  }

  private async json(what: 'validate' | 'diff' | 'merge', flow: FlowSource): Promise<unknown> {
    return jsonOf(await this.http.textOf(await this.document(what, flow)))
  }

  /** Objects with an id. @throws WeirError `protocol.invalid` for any other answer. */
  private async list<T>(path: string, member: string): Promise<T[]> {
    const said = await this.http.json(path)
    const found = isObject(said) ? (said[member] ?? []) : undefined
    if (Array.isArray(found) && found.every((one) => isObject(one) && typeof one.id === 'string')) return found as T[]
    const expected = `an object whose '${member}' is a list of objects with an id`
    throw new WeirError(
      'protocol.invalid',
      `${this.http.base}/${path} answered ${shown(said)}; expected is ${expected}`
    )
  }

  private document(what: 'validate' | 'format' | 'diff' | 'merge', flow: FlowSource): Promise<Response> {
    const headers = { 'content-type': 'application/json' }
    return this.http.ask(`flows/${what}`, { method: 'POST', headers, body: textOfFlow(flow), repeatable: true })
  }

  private openWatcher(run?: string): Watcher {
    const url = new URL(`${this.http.base}/live`)
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
    if (run !== undefined) url.searchParams.set('run', run)
    const open = this.options.openSocket ?? ((address: string) => new WebSocket(address) as unknown as LiveSocket)
    return new LiveConnection({
      open: () => open(url.href),
      pause: (attempt) => this.http.pause(attempt),
      attempts: this.options.attempts ?? 4
    })
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
  const version = health.engine ?? health.version ?? ''
  const major = /^(\d+)\.\d+/.exec(version)?.[1]
  if (major === undefined || major === API_VERSION.split('.')[0]) return
  throw new WeirError(
    'server.version',
    `the server runs Weir ${version}, this client speaks ${API_VERSION}: reload the page, or update one of them`
  )
}

const UNKNOWN: ServerCapabilities = {
  maxNodes: Infinity,
  supportedNodeTypes: [],
  features: [],
  estimatedLatency: 0
}

/** What a server does not say, or says with null, is as if unknown. @throws WeirError `protocol.invalid` */
function capabilitiesIn(http: ServerHttp, said: unknown): ServerCapabilities {
  const wrong = (what: string): WeirError =>
    new WeirError('protocol.invalid', `${http.base}/capabilities answered ${what}; is this the address of its API?`)
  if (!isObject(said)) throw wrong(shown(said))
  const found = Object.fromEntries(Object.entries(said).filter(([, value]) => value !== null))
  for (const [name, usual] of Object.entries(UNKNOWN)) {
    const value: unknown = found[name] ?? usual
    const isRight: boolean = Array.isArray(usual)
      ? Array.isArray(value) && value.every((one) => typeof one === 'string')
      : typeof value === 'number'
    if (!isRight)
      throw wrong(`'${name}' as ${shown(value)}, not as ${Array.isArray(usual) ? 'a list of texts' : 'a number'}`)
  }
  if (found.limits !== undefined && !isObject(found.limits)) throw wrong(`'limits' as ${shown(found.limits)}`)
  return { ...UNKNOWN, ...found }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function shown(value: unknown): string {
  return (JSON.stringify(value) as string | undefined)?.slice(0, 80) ?? 'nothing'
}
