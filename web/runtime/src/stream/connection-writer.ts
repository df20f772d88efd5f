// ConnectionWriter: takes messages one by one, and gives them to the engine as many together as are waiting.
import { rowOf, checkMessage, type NodeMessage } from './message.ts'

/** Takes rows, and resolves when the engine has them. */
export type RowSink = (rows: object[]) => Promise<void>

interface Pending {
  row: object
  done: () => void
  failed: (reason: unknown) => void
}

/**
 * In the form of a WritableStreamDefaultWriter. `write` resolves when the engine has taken the message onto the
 * connection's edge: while a connection that does not drop is full, it waits.
 */
export class ConnectionWriter {
  readonly closed: Promise<undefined>
  private readonly pending: Pending[] = []
  private readonly settle: { done: () => void; failed: (reason: unknown) => void }
  private pumping: Promise<void> | undefined
  private ending: Promise<void> | undefined
  private failure: Error | undefined
  private roomWaits: (() => void)[] = []

  /** `end`: nothing more is written. `most`: messages a crossing, and those that may wait here before `ready` does. */
  constructor(
    private readonly most: number,
    private readonly sink: RowSink,
    private readonly end: (reason?: Error) => Promise<void>
  ) {
    let settle!: ConnectionWriter['settle']
    this.closed = new Promise((done, failed) => {
      settle = {
        done: () => {
          done(undefined)
        },
        failed
      }
    })
    this.settle = settle
    this.closed.catch(() => undefined)
  }

  get desiredSize(): number | null {
    if (this.failure) return null
    return this.ending ? 0 : this.most - this.pending.length
  }

  /** Resolves when there is room. */
  get ready(): Promise<undefined> {
    if (this.failure) return Promise.reject(this.failure)
    if (this.pending.length < this.most) return Promise.resolve(undefined)
    return new Promise((resolve) => {
      this.roomWaits.push(() => {
        resolve(undefined)
      })
    })
  }

  /** @throws TypeError (a rejection) for what is no message. */
  write(message: NodeMessage): Promise<void> {
    return new Promise((done, failed) => {
      if (this.failure ?? this.ending) throw this.failure ?? new TypeError('the connection is closed')
      checkMessage(message)
      this.pending.push({ row: rowOf(message, performance.now()), done, failed })
      this.pumping ??= this.pump()
    })
  }

  /** What was written still arrives. */
  close(): Promise<void> {
    this.ending ??= this.finish()
    return this.ending
  }

  /** What was not yet taken is gone. */
  async abort(reason?: unknown): Promise<void> {
    if (this.failure) return
    this.fail(reason instanceof Error ? reason : new Error('the connection was aborted'))
    await this.end(this.failure)
  }

  releaseLock(): void {
    // There is one writer, which is shared.
  }

  /** The connection cannot take any more. */
  fail(reason: Error): void {
    if (this.failure) return
    this.failure = reason
    for (const one of this.pending.splice(0)) one.failed(reason)
    this.wakeRoom()
    this.settle.failed(reason)
  }

  private async finish(): Promise<void> {
    while (this.pumping) await this.pumping
    if (this.failure) throw this.failure
    await this.end()
    this.settle.done()
  }

  private async pump(): Promise<void> {
    // Whoever writes several messages in a row has them travel together.
    await Promise.resolve()
    while (this.pending.length > 0) {
      const taken = this.pending.splice(0, this.most)
      try {
        await this.sink(taken.map((one) => one.row))
        for (const one of taken) one.done()
      } catch (reason) {
        for (const one of taken) one.failed(reason)
      }
      this.wakeRoom()
    }
    this.pumping = undefined
  }

  private wakeRoom(): void {
    for (const wait of this.roomWaits.splice(0)) wait()
  }
}
