// A small WebSocket server for tests: says what it is told to, and echoes texts.
import { createHash } from 'node:crypto'
import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

/** An unmasked text frame. */
function frameOf(text: string): Buffer {
  const payload = Buffer.from(text)
  const head =
    payload.length < 126
      ? Buffer.from([0x81, payload.length])
      : Buffer.from([0x81, 126, payload.length >> 8, payload.length & 255])
  return Buffer.concat([head, payload])
}

const CLOSE = Buffer.from([0x88, 0])

/** Accepts every upgrade; sends `messages` as fast as they are taken, then closes. `sent` counts them. */
export function speakWebSocket(server: Server, messages: Iterable<string>): { sent: () => number } {
  let sent = 0
  server.on('upgrade', (request: IncomingMessage, socket: Duplex) => {
    const key = request.headers['sec-websocket-key'] ?? ''
    const accept = createHash('sha1')
      .update(key + GUID)
      .digest('base64')
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`
    )
    socket.on('error', () => undefined)
    const rest = messages[Symbol.iterator]()
    const send = (): void => {
      for (let next = rest.next(); ; next = rest.next()) {
        if (socket.destroyed) return
        if (next.done === true) {
          socket.end(CLOSE)
          return
        }
        sent += 1
        if (!socket.write(frameOf(next.value))) break
      }
      socket.once('drain', send)
    }
    send()
  })
  return { sent: () => sent }
}
