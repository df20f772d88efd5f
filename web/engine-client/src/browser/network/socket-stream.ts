// WebSockets: by WebSocketStream, which holds the sender back; where that is missing by WebSocket, with a bound.
// WebSocketStream forgets what waits in it when the server closes, so it is read ahead into a queue of our own.
import { WeirError } from '../../errors.ts'
import type { StreamPiece, StreamTarget } from '../../hosts/host-calls.ts'
import type { PolicyWatch } from './blocked.ts'
import type { Connection } from './browser-streams.ts'
import { PieceQueue } from './piece-queue.ts'
import type { Outgoing } from './sending.ts'

type Message = string | Uint8Array<ArrayBuffer>

interface SocketStream {
  opened: Promise<{ readable: ReadableStream<Message | ArrayBuffer>; writable: WritableStream<Message> }>
  closed: Promise<unknown>
  close(): void
}

type MakeStream = new (url: string, options: { protocols: string[]; signal: AbortSignal }) => SocketStream

const MOST_UNSENT_BYTES = 1 << 20
const LOOK_MS = 10
/** Messages that the platform may still give after it has thrown others away. */
const FEW = 16

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
  const writer = writable.getWriter()
  writer.closed.catch(() => undefined)
  const queue = new PieceQueue()
  void readAhead(readable.getReader(), queue, url.host, target.maxMessageBytes)
  return {
    read: () => queue.take(),
    write: async (pieces) => {
      for (const piece of pieces) {
        await writer.write(messageOf(piece)).catch(() => {
          throw closed(url.host)
        })
      }
    },
    close: () => {
      stream.close()
      queue.end()
    }
  }
}

function closed(host: string): WeirError {
  return new WeirError('network.closed', `the connection to ${host} is closed`, true)
}

/** Fills the queue as far as it has room; what waits in the platform while there is none may be lost at the end. */
async function readAhead(
  reader: ReadableStreamDefaultReader<Message | ArrayBuffer>,
  queue: PieceQueue,
  host: string,
  most: number
): Promise<void> {
  try {
    for (let sinceHeld = FEW; ; sinceHeld = (await queue.room()) ? 0 : sinceHeld + 1) {
      const { done, value } = await reader.read().catch(() => {
        throw closed(host)
      })
      if (!done) queue.add(pieceOf(value, most))
      else if (sinceHeld >= FEW) {
        queue.end()
        return
      } else
        throw new WeirError('network.closed', `${host} closed while the run was behind: messages may be lost`, true)
    }
  } catch (reason) {
    queue.fail(reason as WeirError)
  }
}

function openBounded(socket: WebSocket, url: URL, target: StreamTarget): Promise<Connection> {
  const queue = new PieceQueue()
  socket.binaryType = 'arraybuffer'
  socket.onmessage = (event: MessageEvent<string | ArrayBuffer>) => {
    try {
      queue.add(pieceOf(event.data, target.maxMessageBytes))
      if (queue.isFull) throw tooFast(url.host)
    } catch (reason) {
      queue.fail(reason as WeirError)
      socket.close()
    }
  }
  socket.onclose = () => {
    queue.end()
  }
  const connection: Connection = {
    read: () => queue.take(),
    write: (pieces) => writeBounded(socket, pieces, url.host),
    close: () => {
      socket.close()
    }
  }
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

function tooFast(host: string): WeirError {
  return new WeirError(
    'websocket.too_large',
    `${host} sends faster than the run reads, and this browser cannot hold it back; too much waits`
  )
}

async function writeBounded(socket: WebSocket, pieces: StreamPiece[], host: string): Promise<void> {
  for (const piece of pieces) {
    if (socket.readyState !== WebSocket.OPEN) throw closed(host)
    socket.send(messageOf(piece))
    while (socket.bufferedAmount > MOST_UNSENT_BYTES) await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
  }
}
