// LocalApi: the routes of the platform's HTTP API that the service worker answers by itself.
import { FlowError, LocalEngine, asWeirError, type NodeType } from '@weir/engine-client'
import type { RunRoutes } from '@weir/engine-client/browser'
import { LONGEST_MS, ShortExecution, type ExecuteRequest } from './short-execution.ts'

const MOST_BODY_BYTES = 10 << 20
/** Executions that go on at the same time, and ended ones whose events are kept. */
const MOST_RUNNING = 4
const MOST_KEPT = 16

const EVENTS = { 'content-type': 'text/event-stream', 'cache-control': 'no-store' }

function json(value: unknown, status = 200): Response {
  return Response.json(value, { status, headers: { 'cache-control': 'no-store' } })
}

function refused(status: number, code: string, message: string, problems?: unknown[]): Response {
  return json({ error: { code, message }, ...(problems && { problems }) }, status)
}

/** Keeps the service worker alive until the work is done, as far as the browser lets it. */
type KeepAlive = (work: Promise<void>) => void

export class LocalApi {
  private module: Promise<WebAssembly.Module> | undefined
  private types: Promise<NodeType[]> | undefined
  private readonly executions = new Map<string, ShortExecution>()
  private running = 0

  constructor(
    private readonly loadModule: () => Promise<WebAssembly.Module>,
    private readonly version: string,
    /** Of the long runs, which pages own. */
    private readonly runs: RunRoutes
  ) {}

  /** `route` is what stands behind /api/v1/. */
  async answer(request: Request, route: string, keepAlive: KeepAlive): Promise<Response> {
    try {
      return await this.routed(request, route, keepAlive)
    } catch (reason) {
      if (reason instanceof FlowError) return refused(422, reason.code, reason.message, reason.problems)
      const { code, message } = asWeirError(reason)
      return refused(500, code, message)
    }
  }

  private async routed(request: Request, route: string, keepAlive: KeepAlive): Promise<Response> {
    const [name = '', id = '', part = ''] = route.split('/')
    const asked = `${request.method} ${[name, ...(id === '' ? [] : ['*']), ...(part === '' ? [] : [part])].join('/')}`
    switch (asked) {
      case 'GET health':
        return json({ status: 'ok', where: 'service worker', version: this.version })
      case 'GET capabilities':
        return json(await this.capabilities())
      case 'GET nodes':
        return json({ nodes: await this.nodes() })
      case 'POST execute':
        return this.execute(request, keepAlive)
      case 'GET executions/*/events':
        return this.events(request, id)
      case 'DELETE executions/*':
        return this.cancel(id)
      default:
        return (
          (await this.runs.answer(request, route)) ??
          refused(404, 'http.status', `there is no ${request.method} /api/v1/${route} in the service worker`)
        )
    }
  }

  private async capabilities(): Promise<Record<string, unknown>> {
    const types = await this.nodes()
    return {
      maxNodes: 1000,
      supportedNodeTypes: types.map((type) => type.id),
      features: ['execute', 'server-sent-events', 'last-event-id'],
      estimatedLatency: 0,
      limits: { executionTimeout: LONGEST_MS, maxConcurrentExecutions: MOST_RUNNING }
    }
  }

  /** The nodes that can run in a browser. */
  private nodes(): Promise<NodeType[]> {
    this.types ??= this.compiled()
      .then((module) => LocalEngine.make(module))
      .then((engine) => engine.nodes())
      .then((types) => types.filter((type) => hostsOf(type).includes('browser')))
    return this.types
  }

  private compiled(): Promise<WebAssembly.Module> {
    this.module ??= this.loadModule().catch((reason: unknown) => {
      this.module = undefined
      throw reason
    })
    return this.module
  }

  private async execute(request: Request, keepAlive: KeepAlive): Promise<Response> {
    if (this.running >= MOST_RUNNING) {
      return refused(
        429,
        'run.busy',
        `${MOST_RUNNING} executions go on in the service worker; try again, or use a page`
      )
    }
    const text = await request.text()
    if (text.length > MOST_BODY_BYTES) return refused(413, 'http.too_large', 'a request has 10 MiB at most')
    const asked = requestOf(text)
    if (!asked) return refused(400, 'settings.invalid', 'the body is a flow document, or an object with "flow"')
    this.running += 1
    let execution: ShortExecution
    try {
      execution = await ShortExecution.start(await this.compiled(), asked)
    } catch (reason) {
      this.running -= 1
      throw reason
    }
    this.keep(execution)
    keepAlive(
      execution.ended.then(() => {
        this.running -= 1
      })
    )
    const headers = { ...EVENTS, 'x-execution-id': execution.id }
    return new Response(execution.ring.stream(0), { headers })
  }

  /** The events behind the last one that the reader has seen. */
  private events(request: Request, id: string): Response {
    const execution = this.executions.get(id)
    const after = Number(request.headers.get('last-event-id') ?? 0)
    if (!execution || !Number.isSafeInteger(after) || !execution.ring.has(after)) {
      return refused(410, 'live.gone', `execution '${id}' or its events behind ${after} are not kept any more`)
    }
    return new Response(execution.ring.stream(after), { headers: EVENTS })
  }

  private cancel(id: string): Response {
    this.executions.get(id)?.cancel()
    return new Response(null, { status: 204 })
  }

  private keep(execution: ShortExecution): void {
    this.executions.set(execution.id, execution)
    const [oldest] = this.executions.keys()
    if (this.executions.size > MOST_KEPT && oldest !== undefined) this.executions.delete(oldest)
  }
}

function hostsOf(type: NodeType): string[] {
  const { hosts } = (type.compatibility ?? {}) as { hosts?: string[] }
  return hosts ?? []
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function requestOf(text: string): ExecuteRequest | undefined {
  try {
    const found: unknown = JSON.parse(text)
    if (!isRecord(found)) return undefined
    if (Array.isArray(found.nodes)) return { flow: found }
    return isRecord(found.flow) ? { ...found, flow: found.flow } : undefined
  } catch {
    return undefined
  }
}
