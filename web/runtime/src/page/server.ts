// A server that runs workflows, by the routes of the platform: execute (Server-Sent Events), health, capabilities.
import { eventsOf, WeirError, type StreamMessage } from '@weir/engine-client'
import type { SerializedWorkflow } from '../workflow/graph-schema.ts'
import type { ExecutionUpdate } from '../workflow/updates.ts'

export type ServerFeature = string

export interface ServerCapabilities {
  maxNodes: number
  supportedNodeTypes: string[]
  features: ServerFeature[]
  /** Milliseconds. */
  estimatedLatency: number
}

export interface ServerHealth {
  status: string
  [key: string]: unknown
}

/** A workflow that runs on a server. */
export interface ServerExecution {
  id: string
  workflow: SerializedWorkflow
  stream: ReadableStream<ExecutionUpdate>
  cancel(): Promise<void>
}

export interface ComputeService {
  execute(workflow: SerializedWorkflow): AsyncIterable<ExecutionUpdate>
  health(): Promise<ServerHealth>
  capabilities(): Promise<ServerCapabilities>
}

export interface ServerProtocol {
  executeWorkflow(workflow: SerializedWorkflow): ReadableStream<ExecutionUpdate>
  health(): Promise<Response>
  capabilities(): Promise<Response>
}

export class HttpServerProtocol implements ServerProtocol {
  private last = 0

  /** `base`: such as `https://weir.example/api/v1`. `request`: the fetch to use. */
  constructor(
    private readonly base: string,
    private readonly request: typeof fetch = (input, init) => fetch(input, init)
  ) {}

  /**
   * The request is made when the stream is read; its rows wait at the server while it is not. A stream that ends before
   * the workflow did fails with `server.gone`.
   */
  executeWorkflow(workflow: SerializedWorkflow): ReadableStream<ExecutionUpdate> {
    return this.start(workflow).stream
  }

  /** The same, to be cancelled: the server is told by the end of the request. */
  start(workflow: SerializedWorkflow): ServerExecution {
    this.last += 1
    const abort = new AbortController()
    const updates = this.updates(workflow, abort.signal)
    let cancelled = false
    const stream = new ReadableStream<ExecutionUpdate>(
      {
        pull: async (controller) => {
          try {
            const next = await updates.next()
            if (next.done) controller.close()
            else controller.enqueue(next.value)
          } catch (reason) {
            if (cancelled) controller.close()
            else controller.error(reason)
          }
        },
        cancel: () => {
          abort.abort()
        }
      },
      { highWaterMark: 0 }
    )
    const cancel = (): Promise<void> => {
      cancelled = true
      abort.abort()
      return Promise.resolve()
    }
    return { id: `server-${this.last}`, workflow, stream, cancel }
  }

  health(): Promise<Response> {
    return this.request(`${this.base}/health`)
  }

  capabilities(): Promise<Response> {
    return this.request(`${this.base}/capabilities`)
  }

  private async *updates(workflow: SerializedWorkflow, signal: AbortSignal): AsyncGenerator<ExecutionUpdate> {
    const headers = { 'content-type': 'application/json', accept: 'text/event-stream' }
    const response = await this.request(`${this.base}/execute`, { method: 'POST', headers, body: workflow, signal })
    if (!response.ok || !response.body) throw await refusal(response)
    const type = response.headers.get('content-type') ?? 'text/event-stream'
    if (!/^text\/event-stream\b/i.test(type)) throw await noEvents(response, type)
    for await (const event of eventsOf(response.body)) {
      const message = messageOf(event.data)
      yield message
      if (isLast(message)) return
    }
    if (!signal.aborted) throw cutOff()
  }
}

/** The update that tells how the workflow ended. */
function isLast({ type, data }: StreamMessage): boolean {
  const status = type === 'execution-update' ? (data as { status?: unknown } | null)?.status : undefined
  return typeof status === 'string' && status !== 'running'
}

function cutOff(): WeirError {
  const message = 'the events of the server ended before the workflow did: how it ended is not known; start it again'
  return new WeirError('server.gone', message, true)
}

/** Such as the page of a sign-in, or of a proxy. */
async function noEvents(response: Response, type: string): Promise<WeirError> {
  const text = (await response.text()).slice(0, 200)
  return new WeirError('protocol.invalid', `the server answered with ${type}, not with events: ${text}`)
}

/** As ComputeService, over a ServerProtocol. */
export class RemoteComputeService implements ComputeService {
  constructor(private readonly protocol: ServerProtocol) {}

  async *execute(workflow: SerializedWorkflow): AsyncGenerator<ExecutionUpdate> {
    const reader = this.protocol.executeWorkflow(workflow).getReader()
    try {
      for (let read = await reader.read(); !read.done; read = await reader.read()) yield read.value
    } finally {
      await reader.cancel()
    }
  }

  async health(): Promise<ServerHealth> {
    return answer<ServerHealth>(await this.protocol.health())
  }

  async capabilities(): Promise<ServerCapabilities> {
    return answer<ServerCapabilities>(await this.protocol.capabilities())
  }
}

async function answer<T>(response: Response): Promise<T> {
  if (!response.ok) throw await refusal(response)
  return (await response.json()) as T
}

async function refusal(response: Response): Promise<WeirError> {
  const text = await response.text()
  return new WeirError(
    'http.status',
    `the server answered ${response.status}: ${text.slice(0, 500)}`,
    response.status >= 500
  )
}

/** @throws WeirError if the server sent something else. */
function messageOf(text: string): StreamMessage {
  const found: unknown = JSON.parse(text)
  const message = found as Partial<StreamMessage> | null
  if (typeof message?.id !== 'string' || typeof message.type !== 'string' || typeof message.timestamp !== 'number') {
    throw new WeirError('protocol.invalid', `the server sent what is no message: ${text.slice(0, 200)}`)
  }
  return message as StreamMessage
}
