// A server for tests: the routes of the platform over the engine in this process, and ways to fail.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { WebSocketServer, type WebSocket } from 'ws'
import {
  asWeirError,
  FlowError,
  LocalEngine,
  type Execution,
  type Frame,
  type NodeType,
  type PortName
} from '../src/index.ts'
import { engineModule } from './module.ts'

interface Asked {
  flow: Record<string, unknown>
  outlets?: PortName[]
  seed?: number
}

class TestExecution {
  readonly events: string[] = []
  readonly inlets = new Map<string, { writer: WritableStreamDefaultWriter<unknown[]>; rows: number; busy: boolean }>()
  ended = false
  /** The furthest that anybody has read. */
  read = 0
  private waits: (() => void)[] = []

  constructor(
    readonly run: Execution,
    outlets: readonly PortName[]
  ) {
    void this.follow(outlets)
  }

  changed(): Promise<void> {
    return new Promise((resolve) => this.waits.push(resolve))
  }

  wake(): void {
    for (const wait of this.waits.splice(0)) wait()
  }

  private async follow(outlets: readonly PortName[]): Promise<void> {
    await this.add('execution-update', { status: 'running' })
    await Promise.all(
      outlets.map(async (port) => {
        let held: unknown[] = []
        for await (const row of this.run.rows(port.node, port.port)) {
          held.push(row)
          if (held.length < 10) continue
          await this.add('node-output', held, { ...port })
          held = []
        }
        if (held.length > 0) await this.add('node-output', held, { ...port })
      })
    )
    const result = await this.run.result
    if (result.error) await this.add('error', result.error)
    await this.add('execution-update', { status: result.outcome, result })
    this.ended = true
    this.wake()
  }

  private async add(type: string, data: unknown, metadata?: object): Promise<void> {
    const number = this.events.length + 1
    const message = { id: `${this.run.id}-${number}`, timestamp: 1, type, data, ...(metadata && { metadata }) }
    this.events.push(`: kept\nid: ${number}\nevent: ${type}\ndata: ${JSON.stringify(message)}\n\n`)
    this.wake()
    while (this.events.length - this.read > 20) await this.changed()
  }
}

export class TestServer {
  readonly executions = new Map<string, TestExecution>()
  readonly asked: string[] = []
  features = ['execute', 'server-sent-events', 'last-event-id', 'inlets', 'live', 'drain']
  version: string | undefined = '1.0.0'
  /** Each stream of events is broken behind so many. */
  breakAfter = Infinity
  /** Asked for each request: an answer instead of the usual one. */
  instead: (
    method: string,
    path: string
  ) => { status: number; body?: string; headers?: Record<string, string> } | undefined = () => undefined
  private readonly sockets = new Set<Duplex>()
  private readonly lives = new WebSocketServer({ noServer: true })
  private types: NodeType[] = []

  private constructor(
    private readonly engine: LocalEngine,
    private readonly server: Server
  ) {
    server.on('connection', (socket) => {
      this.sockets.add(socket)
      socket.on('close', () => this.sockets.delete(socket))
    })
    server.on('request', (request, response) => {
      this.answer(request, response).catch((reason: unknown) => {
        const { code, message } = asWeirError(reason)
        const problems = reason instanceof FlowError ? { problems: reason.problems } : {}
        this.send(response, reason instanceof FlowError ? 422 : 500, { error: { code, message }, ...problems })
      })
    })
    server.on('upgrade', (request, socket, head) => {
      this.lives.handleUpgrade(request, socket, head, (live) => {
        this.watch(live, new URL(request.url ?? '', 'http://x').searchParams.get('run') ?? '')
      })
    })
  }

  static async start(): Promise<TestServer> {
    const engine = await LocalEngine.make(await engineModule())
    const made = new TestServer(engine, createServer())
    made.types = await engine.nodes()
    await made.listen(0)
    return made
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/api/v1`
  }

  private port = 0

  private listen(port: number): Promise<void> {
    return new Promise((resolve) => {
      this.server.listen(port, '127.0.0.1', () => {
        this.port = (this.server.address() as AddressInfo).port
        resolve()
      })
    })
  }

  /** Every connection breaks; the server goes on. */
  breakConnections(): void {
    for (const socket of this.sockets) socket.destroy()
  }

  /** Nobody listens any more, and what ran is gone. */
  async goAway(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve))
    this.breakConnections()
    await closed
    for (const one of this.executions.values()) one.run.dispose()
    this.executions.clear()
  }

  async comeBack(): Promise<void> {
    await this.listen(this.port)
  }

  async close(): Promise<void> {
    if (this.server.listening) await this.goAway()
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const method = request.method ?? 'GET'
    const path = (request.url ?? '').replace('/api/v1/', '')
    this.asked.push(`${method} ${path}`)
    const other = this.instead(method, path)
    if (other) {
      response.writeHead(other.status, other.headers).end(other.body)
      return
    }
    const [name, id = '', part, node = ''] = path.split('/').map(decodeURIComponent)
    const found = this.executions.get(id)
    if (name === 'health') this.send(response, 200, { status: 'ok', version: this.version })
    else if (name === 'nodes') this.send(response, 200, { nodes: this.types })
    else if (name === 'capabilities') this.send(response, 200, this.capabilities())
    else if (name === 'execute') await this.execute(response, JSON.parse(await textOf(request)) as Asked)
    else if (name === 'flows') await this.document(id, response, await textOf(request))
    else if (!found) this.send(response, 404, { code: 'run.not_found', detail: `there is no execution ${id}` })
    else if (part === 'events') await this.tell(found, response, Number(request.headers['last-event-id']))
    else if (part === 'inlets') this.take(found, node, response, JSON.parse(await textOf(request)) as never)
    else {
      if (part === 'drain') found.run.drain()
      if (method === 'DELETE') found.run.cancel()
      this.send(response, 200, {})
    }
  }

  private capabilities(): object {
    const supportedNodeTypes = this.types.map((type) => type.id)
    return { maxNodes: 1000, supportedNodeTypes, features: this.features, estimatedLatency: 1 }
  }

  private async document(what: string, response: ServerResponse, text: string): Promise<void> {
    if (what === 'validate') this.send(response, 200, await this.engine.validate(text))
    else {
      const formatted = await this.engine.format(text)
      response.writeHead(200).end(formatted)
    }
  }

  private async execute(response: ServerResponse, { flow, outlets = [], ...options }: Asked): Promise<void> {
    const run = await this.engine.run(flow, { ...options, outlets })
    const execution = new TestExecution(run, outlets)
    this.executions.set(run.id, execution)
    response.setHeader('x-execution-id', run.id)
    await this.tell(execution, response, 0)
  }

  private async tell(execution: TestExecution, response: ServerResponse, after: number): Promise<void> {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    let sent = 0
    const isOpen = (): boolean => !response.destroyed
    for (let at = after; isOpen(); at++) {
      while (at >= execution.events.length && !execution.ended && isOpen()) {
        await Promise.race([execution.changed(), new Promise((resolve) => setTimeout(resolve, 50))])
      }
      const event = execution.events[at]
      if (event === undefined) break
      if (sent++ >= this.breakAfter) {
        response.destroy()
        return
      }
      execution.read = Math.max(execution.read, at + 1)
      execution.wake()
      await new Promise((resolve) => {
        response.write(event, resolve)
      })
    }
    response.end()
  }

  private take(
    execution: TestExecution,
    node: string,
    response: ServerResponse,
    { from, rows, end }: { from: number; rows: unknown[]; end?: boolean }
  ): void {
    let inlet = execution.inlets.get(node)
    if (!inlet) {
      inlet = { writer: execution.run.inlet(node).getWriter(), rows: 0, busy: false }
      execution.inlets.set(node, inlet)
    }
    if (inlet.busy) {
      this.send(response, 429, { code: 'run.full', detail: 'the run has no room' })
      return
    }
    const fresh = rows.slice(Math.max(0, inlet.rows - from))
    inlet.rows += fresh.length
    if (fresh.length > 0) {
      inlet.busy = true
      const made = inlet
      const free = (): void => {
        made.busy = false
      }
      inlet.writer.write(fresh).then(free, free)
    }
    if (end === true) inlet.writer.close().catch(() => undefined)
    this.send(response, 200, { taken: inlet.rows })
  }

  private watch(live: WebSocket, id: string): void {
    const run = this.executions.get(id)?.run
    if (!run) {
      live.close(4410)
      return
    }
    const watcher = run.watch()
    const say = (message: object): void => {
      live.send(JSON.stringify({ v: 1, ...message }))
    }
    watcher.onMessage(say)
    watcher.onFrame?.((frame) => {
      live.send(bytesOf(frame))
    })
    live.on('message', (data: Buffer) => {
      const {
        id: asked,
        type,
        data: about = {},
        subscription
      } = JSON.parse(data.toString()) as never as {
        id: string
        type: string
        data?: Record<string, unknown>
        subscription?: number
      }
      this.asked.push(`live ${type}`)
      watcher.ask(type, about, subscription).then(
        (reply) => {
          say({ type: 'ok', id: asked, data: reply })
        },
        (reason: unknown) => {
          const { code, message } = asWeirError(reason)
          say({ type: 'error', id: asked, data: { code, message } })
        }
      )
    })
    live.on('close', () => {
      watcher.close()
    })
  }

  private send(response: ServerResponse, status: number, body: object): void {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  }
}

/** A frame as a message of a WebSocket has it. */
function bytesOf(frame: Frame): Uint8Array {
  const bytes = new Uint8Array(24 + frame.payload.length)
  const view = new DataView(bytes.buffer)
  view.setUint8(0, 1)
  view.setUint8(1, frame.kind)
  view.setUint32(4, frame.subscription, true)
  view.setBigUint64(8, frame.sequence, true)
  view.setBigUint64(16, frame.rowsShed, true)
  bytes.set(frame.payload, 24)
  return bytes
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const piece of request) text += String(piece)
  return text
}
