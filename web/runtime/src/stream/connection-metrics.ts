// What a connection counts: the engine's figures of its edge, and the times that only this side sees.
import type { EdgeFigures } from './run-figures.ts'

export interface ConnectionMetrics {
  /** Messages that were read. */
  messageCount: number
  /** Messages that the engine took from the writer. */
  sent: number
  /** By rule: see BackpressurePolicy. */
  dropped: number
  /** Messages whose subscribers failed. */
  failed: number
  /** Messages on the edge now. */
  held: number
  /** `held` as a share of the buffer. */
  bufferUtilization: number
  /** How often the connection came under pressure, or began to drop. */
  backpressureEvents: number
  /** Milliseconds from `write` to the reader, over all messages. */
  averageLatency: number
  /** The same, over the last 4,096 messages. */
  latency: { p50: number; p95: number; p99: number; max: number }
  /** Messages a second that were read, over the last whole second; before that, since the first message. */
  throughput: number
}

const KEPT = 4096

export class ConnectionMeter {
  private writes = 0
  private reads = 0
  private failures = 0
  private pressures = 0
  private sumMs = 0
  private readonly recent: number[] = []
  private secondBegan = 0
  private inSecond = 0
  private lastSecond = 0

  wrote(messages: number): void {
    this.writes += messages
  }

  read(latencyMs: number): void {
    this.recent[this.reads % KEPT] = latencyMs
    this.reads += 1
    this.sumMs += latencyMs
    const nowMs = performance.now()
    if (this.reads === 1) this.secondBegan = nowMs
    const tookMs = nowMs - this.secondBegan
    if (tookMs >= 1000) {
      this.lastSecond = (this.inSecond * 1000) / tookMs
      this.secondBegan = nowMs
      this.inSecond = 0
    }
    this.inSecond += 1
  }

  failed(): void {
    this.failures += 1
  }

  pressed(): void {
    this.pressures += 1
  }

  metrics(edge: EdgeFigures | undefined): ConnectionMetrics {
    const sorted = [...this.recent].sort((a, b) => a - b)
    return {
      messageCount: this.reads,
      sent: this.writes,
      dropped: edge?.dropped ?? 0,
      failed: this.failures,
      held: edge?.held ?? 0,
      bufferUtilization: edge ? edge.held / Math.max(1, edge.capacityRows) : 0,
      backpressureEvents: this.pressures,
      averageLatency: this.reads === 0 ? 0 : this.sumMs / this.reads,
      latency: {
        p50: quantile(sorted, 0.5),
        p95: quantile(sorted, 0.95),
        p99: quantile(sorted, 0.99),
        max: sorted.at(-1) ?? 0
      },
      throughput: this.throughput(performance.now())
    }
  }

  private throughput(nowMs: number): number {
    if (this.reads === 0) return 0
    const seconds = (nowMs - this.secondBegan) / 1000
    return this.lastSecond > 0 && seconds < 1 ? this.lastSecond : this.inSecond / Math.max(seconds, 0.001)
  }
}

/** Nearest rank; of nothing 0. */
export function quantile(sorted: readonly number[], share: number): number {
  if (sorted.length === 0) return 0
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0
}
