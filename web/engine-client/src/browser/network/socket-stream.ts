// WebSockets: by WebSocketStream, which holds the sender back; where that is missing by WebSocket, with a bound.
import { WeirError } from '../../errors.ts'
import type { StreamPiece, StreamTarget } from '../../hosts/host-calls.ts'
import type { PolicyWatch } from './blocked.ts'
import type { Connection } from './browser-streams.ts'
import type { Outgoing } from './sending.ts'

type Message = string | Uint8Array<ArrayBuffer>

interface SocketStream {
  opened: Promise<{ readable: ReadableStream<Message | ArrayBuffer>; writable: WritableStream<Message> }>
  closed: Promise<unknown>
  close(): void
}

type MakeStream = new (url: string, options: { protocols: string[]; signal: AbortSignal }) => SocketStream

/** What may wait of a server that nobody can hold back; with more the connection ends. */
const MOST_WAITING_BYTES = 16 << 20
const MOST_UNSENT_BYTES = 1 << 20
const LOOK_MS = 10

const encoder = new TextEncoder()

export async function openSocket(outgoing: Outgoing, target: StreamTarget, policy: PolicyWatch): Promise<Connection> {
  const { url } = outgoing
  const protocols = protocolsOf(outgoing)
  const Stream = (globalThis as { WebSocketStream?: MakeStream }).WebSocketStream
  try {
    return await (Stream
      ? openHeld(Stream, url, protocols, target)
      : openBounded(new WebSocket(url, protocols), url, target))
  } catch (reason) {
    if (reason instanceof WeirError) throw reason
    if (policy.refuses(url)) {
      throw new WeirError('network.blocked', `the policy of this page does not let it connect to ${url.host}`)
    }
    throw new WeirError('network.refused', `no WebSocket to ${url.host}: it is not there, or refuses this page`, true)
  }
}

/** A page can name protocols, and send no other header with a WebSocket. */
function protocolsOf({ url, headers }: Outgoing): string[] {
  const protocols: string[] = []
  for (const [name, value] of headers) {
    if (name.toLowerCase() === 'sec-websocket-protocol') protocols.push(...value.split(',').map((one) => one.trim()))
    else {
      throw new WeirError(
        'network.blocked',
        `a browser sends no header '${name}' with a WebSocket (to ${url.host}); give the token as the server ` +
          'expects it of pages, or run the flow with weir run or on a server'
      )
    }
  }
  return protocols
}

function pieceOf(message: Message | ArrayBuffer, most: number): StreamPiece {
  const text = typeof message === 'string'
  const bytes = text ? encoder.encode(message) : new Uint8Array(message)
  if (bytes.length <= most) return { text, bytes }
  throw new WeirError('websocket.too_large', `a message of ${bytes.length} bytes; at most ${most} are taken`)
}

function messageOf(piece: StreamPiece): Message {
  return piece.text ? new TextDecoder().decode(piece.bytes) : new Uint8Array(piece.bytes)
}

async function openHeld(Stream: MakeStream, url: URL, protocols: string[], target: StreamTarget): Promise<Connection> {
  const abort = new AbortController()
  const timer = setTimeout(() => {
    abort.abort()
  }, target.connectTimeoutMs)
  const stream = new Stream(url.href, { protocols, signal: abort.signal })
  stream.closed.catch(() => undefined)
  const { readable, writable } = await stream.opened.finally(() => {
    clearTimeout(timer)
  })
  const [reader, writer] = [readable.getReader(), writable.getWriter()]
  writer.closed.catch(() => undefined)
  const closed = (): never => {
    throw new WeirError('network.closed', `the connection to ${url.host} is closed`, true)
  }
  return {
    read: async () => {
      const { done, value } = await reader.read().catch(closed)
      return done ? [] : [pieceOf(value, target.maxMessageBytes)]
    },
    write: async (pieces) => {
      for (const piece of pieces) await writer.write(messageOf(piece)).catch(closed)
    },
    close: () => {
      stream.close()
    }
  }
}

function openBounded(socket: WebSocket, url: URL, target: StreamTarget): Promise<Connection> {
  const connection = new BoundedSocket(socket, url.host, target.maxMessageBytes)
  return new Promise((done, failed) => {
    const timer = setTimeout(() => {
      socket.close()
      failed(new WeirError('network.timeout', `${url.host} did not answer within ${target.connectTimeoutMs} ms`, true))
    }, target.connectTimeoutMs)
    socket.onopen = () => {
      clearTimeout(timer)
      done(connection)
    }
    socket.onerror = () => {
      clearTimeout(timer)
      failed(new Error('the WebSocket failed'))
    }
  })
}

class BoundedSocket implements Connection {
  private waiting: StreamPiece[] = []
  private waitingBytes = 0
  private error: WeirError | undefined
  private ended = false
  private wake: () => void = () => undefined

  constructor(
    private readonly socket: WebSocket,
    private readonly host: string,
    most: number
  ) {
    socket.binaryType = 'arraybuffer'
    socket.onmessage = (event: MessageEvent<string | ArrayBuffer>) => {
      this.take(event.data, most)
    }
    socket.onclose = () => {
      this.ended = true
      this.wake()
    }
  }

  async read(): Promise<StreamPiece[]> {
    while (this.waiting.length === 0 && !this.ended && !this.error) {
      await new Promise<void>((resolve) => {
        this.wake = resolve
      })
    }
    const pieces = this.waiting
    this.waiting = []
    this.waitingBytes = 0
    if (pieces.length === 0 && this.error) throw this.error
    return pieces
  }

  async write(pieces: StreamPiece[]): Promise<void> {
    for (const piece of pieces) {
      if (this.socket.readyState !== WebSocket.OPEN) {
        throw new WeirError('network.closed', `the connection to ${this.host} is closed`, true)
      }
      this.socket.send(messageOf(piece))
      while (this.socket.bufferedAmount > MOST_UNSENT_BYTES)
        await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
    }
  }

  close(): void {
    this.socket.close()
  }

  private take(data: string | ArrayBuffer, most: number): void {
    try {
      const piece = pieceOf(data, most)
      this.waiting.push(piece)
      this.waitingBytes += piece.bytes.length
      if (this.waitingBytes > MOST_WAITING_BYTES) {
        throw new WeirError(
          'websocket.too_large',
          `${this.host} sends faster than the run reads, and this browser cannot hold it back: more than ` +
            `${MOST_WAITING_BYTES} bytes wait`
        )
      }
    } catch (reason) {
      this.error = reason as WeirError
      this.socket.close()
    }
    this.wake()
  }
}
