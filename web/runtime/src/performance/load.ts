// Load: writes the messages of a performance test when they are due, and measures those that arrive.
import type { StreamConnection } from '../stream/connection.ts'
import type { PerformanceTest } from './tests.ts'

/** Between two looks at what is due. */
const TICK_MS = 2
/** Messages that may wait for a connection before the load waits too; their latency counts from when they were due. */
const MOST_WAITING = 10_000

export class Load {
  sent = 0
  received = 0
  /** Milliseconds from due to arrival. */
  readonly latencies: number[] = []
  lastArrivalMs = 0
  private refused: unknown

  constructor(
    private readonly test: PerformanceTest,
    private readonly values: readonly number[],
    private readonly connections: readonly StreamConnection[]
  ) {
    for (const connection of connections) {
      connection.subscribe((message) => {
        const now = performance.timeOrigin + performance.now()
        this.received += 1
        this.latencies.push(Math.max(0, now - message.timestamp))
        this.lastArrivalMs = performance.now()
      })
    }
  }

  /** Resolves when the last message was taken by its connection. */
  async write(): Promise<void> {
    const began = performance.now()
    const last = Math.max(1, Math.round((this.test.duration * this.test.messageRate) / 1000))
    const everyMs = 1000 / this.test.messageRate
    const taken: Promise<void>[] = []
    while (this.sent < last && this.refused === undefined) {
      const due = Math.min(last, Math.floor((performance.now() - began) / everyMs) + 1)
      while (this.sent < due) taken.push(this.writeOne(began + this.sent * everyMs))
      if (this.waiting() > MOST_WAITING) await Promise.all(this.connections.map((one) => one.writer.ready))
      await new Promise((resolve) => setTimeout(resolve, TICK_MS))
    }
    await Promise.all(taken)
    if (this.refused !== undefined) throw this.refused as Error
  }

  private waiting(): number {
    return this.connections.reduce((sum, one) => sum - Math.min(0, one.writer.desiredSize ?? 0), 0)
  }

  private writeOne(dueMs: number): Promise<void> {
    const number = this.sent
    this.sent += 1
    const connection = this.connections[number % this.connections.length]
    const message = {
      id: `${this.test.name}-${number}`,
      timestamp: performance.timeOrigin + dueMs,
      sourceNodeId: connection?.sourceNodeId ?? '',
      targetNodeId: connection?.targetNodeId ?? '',
      port: 'out',
      data: dataOf(this.values[number % this.values.length] ?? 0, this.test.messageSize)
    }
    return (connection?.writer.write(message) ?? Promise.resolve()).catch((reason: unknown) => {
      this.refused ??= reason
    })
  }
}

/** Of so many bytes as JSON, or as few as the value takes. */
export function dataOf(value: number, bytes: number): { value: number; text: string } {
  const bare = JSON.stringify({ value, text: '' }).length
  return { value, text: '.'.repeat(Math.max(0, bytes - bare)) }
}
