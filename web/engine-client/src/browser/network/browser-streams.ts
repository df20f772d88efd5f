// BrowserStreams: connections that stay open: WebSockets, and answers of fetch() that are read as they come.
import { WeirError, asWeirError } from '../../errors.ts'
import type { StreamHost, StreamPiece, StreamTarget } from '../../hosts/host-calls.ts'
import type { PolicyWatch } from './blocked.ts'
import { openAnswer } from './answer-stream.ts'
import type { Sending } from './sending.ts'
import { openSocket } from './socket-stream.ts'

/** One open connection. One read and one write at a time. */
export interface Connection {
  /** At least one piece; none: the other side has ended. */
  read(): Promise<StreamPiece[]>
  write(pieces: StreamPiece[]): Promise<void>
  close(): void
}

const PROTOCOLS = ['ws:', 'wss:', 'http:', 'https:']

export class BrowserStreams implements StreamHost {
  private readonly connections = new Map<number, { connection: Connection; target: StreamTarget; host: string }>()
  private last = 0

  constructor(
    private readonly sending: Sending,
    private readonly policy: PolicyWatch
  ) {}

  async open(target: StreamTarget): Promise<{ stream: number; remote: string }> {
    try {
      const outgoing = await this.sending.prepare(target, PROTOCOLS)
      const isSocket = outgoing.url.protocol.startsWith('ws')
      const connection = await (isSocket
        ? openSocket(outgoing, target, this.policy)
        : openAnswer(outgoing, target, this.policy, this.sending.forms))
      this.last += 1
      this.connections.set(this.last, { connection, target, host: outgoing.url.host })
      return { stream: this.last, remote: outgoing.url.host }
    } catch (reason) {
      throw this.sending.redacted(asWeirError(reason))
    }
  }

  async read(stream: number): Promise<StreamPiece[]> {
    const { connection, target, host } = this.at(stream)
    try {
      const pieces = await within(target.idleTimeoutMs, host, connection.read())
      return pieces.map((piece) => ({ text: piece.text, bytes: this.sending.forms.redact(piece.bytes) }))
    } catch (reason) {
      throw this.sending.redacted(asWeirError(reason))
    }
  }

  write(stream: number, pieces: StreamPiece[]): Promise<void> {
    return this.at(stream).connection.write(pieces)
  }

  close(stream: number): void {
    this.connections.get(stream)?.connection.close()
    this.connections.delete(stream)
  }

  closeAll(): void {
    for (const stream of [...this.connections.keys()]) this.close(stream)
  }

  private at(stream: number): { connection: Connection; target: StreamTarget; host: string } {
    const found = this.connections.get(stream)
    if (!found) throw new WeirError('network.closed', 'the connection is closed')
    return found
  }
}

/** `timeoutMs` 0: for ever. */
async function within<T>(timeoutMs: number, host: string, work: Promise<T>): Promise<T> {
  if (timeoutMs === 0) return work
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, failed) => {
    timer = setTimeout(() => {
      failed(new WeirError('network.timeout', `${host} sent nothing for ${timeoutMs} ms`, true))
    }, timeoutMs)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
