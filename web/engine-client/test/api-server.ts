// ApiServer: the platform's HTTP API on a free port of 127.0.0.1, over LocalApi, for tests of clients.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { once } from 'node:events'
import { LocalApi, type LocalApiOptions } from '../src/index.ts'
import { engineModule } from './module.ts'

/**
 * `const server = await ApiServer.start()`, then `fetch(server.url + '/health')`, and `await server.close()` at the end. Flows
 * live in memory; `options` sets limits (see ApiModuleOptions).
 */
export class ApiServer {
  private readonly sockets = new Set<Socket>()

  private constructor(
    private readonly server: Server,
    readonly api: LocalApi
  ) {}

  static async start(options: LocalApiOptions = {}): Promise<ApiServer> {
    const api = new LocalApi(engineModule, { where: 'a server for tests', ...options })
    const made = new ApiServer(createServer(), api)
    const { server } = made
    server.on('connection', (socket: Socket) => {
      made.sockets.add(socket)
      socket.on('close', () => made.sockets.delete(socket))
    })
    server.on('request', (request, response) => {
      made.answer(request, response).catch(() => response.destroy())
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return made
  }

  /** Where the API is: `http://127.0.0.1:PORT/api/v1`. */
  get url(): string {
    return `${this.origin}/api/v1`
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`
  }

  /** Every connection breaks; the server, and what runs in it, goes on. */
  breakConnections(): void {
    for (const socket of this.sockets) socket.destroy()
  }

  async close(): Promise<void> {
    const closed = once(this.server, 'close')
    this.server.close()
    this.breakConnections()
    await closed
  }

  private async answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const left = new AbortController()
    const closed = once(outgoing, 'close').then(() => {
      left.abort()
    })
    const answer = await this.api.handle(requestOf(incoming, this.origin, left.signal))
    outgoing.writeHead(answer.status, Object.fromEntries(answer.headers))
    outgoing.flushHeaders()
    const reader = answer.body?.getReader()
    for (let read = await reader?.read(); read && !read.done; read = await reader?.read()) {
      // What the client does not read is not taken from the engine.
      if (!outgoing.write(read.value)) {
        await Promise.race([new Promise((drained) => outgoing.once('drain', drained)), closed])
      }
      if (outgoing.destroyed) break
    }
    if (outgoing.destroyed) await reader?.cancel()
    else outgoing.end()
  }
}

function requestOf(incoming: IncomingMessage, origin: string, signal: AbortSignal): Request {
  const headers = new Headers()
  for (const [name, value] of Object.entries(incoming.headers)) headers.set(name, [value].flat().join(', '))
  const method = incoming.method ?? 'GET'
  const init: RequestInit & { duplex?: 'half' } = { method, headers, signal }
  if (method !== 'GET' && method !== 'HEAD') {
    init.duplex = 'half'
    init.body = new ReadableStream<Uint8Array>({
      async start(controller) {
        for await (const piece of incoming) controller.enqueue(new Uint8Array(piece as Buffer))
        controller.close()
      }
    })
  }
  return new Request(origin + (incoming.url ?? '/'), init)
}
