// PerformanceTestSuite: performance tests over the connections of a StreamEngine.
import { quantile } from '../stream/connection-metrics.ts'
import type { StreamConnection } from '../stream/connection.ts'
import type { StreamEngine } from '../stream/stream-engine.ts'
import { Load } from './load.ts'
import { patternValues } from './patterns.ts'
import { reportOf } from './report.ts'
import { checkTest, type PerformanceResult, type PerformanceTest } from './tests.ts'

/** Values of a pattern that a test goes through again and again. */
const VALUES = 10_000
/** A test that reaches less of its rate has not passed. */
const LEAST_RATE = 0.9

export class PerformanceTestSuite {
  private readonly results: PerformanceResult[] = []

  constructor(private readonly streams: StreamEngine) {}

  /** @throws RangeError for a test that cannot be. */
  async runTest(test: PerformanceTest): Promise<PerformanceResult> {
    checkTest(test)
    const values = await patternValues(await this.streams.engine(), test.dataPattern, VALUES)
    const ids = Array.from({ length: test.concurrentConnections }, (_, i) =>
      this.streams.createConnection(`source-${i}`, `target-${i}`, 'out', 'in', test.config)
    )
    const connections = ids.map((id) => this.streams.getConnection(id))
    try {
      // The engine is there before the time counts.
      await Promise.all(connections.map((one) => one.metrics()))
      const result = await this.measure(test, values, connections)
      this.results.push(result)
      return result
    } finally {
      await Promise.all(ids.map((id) => this.streams.removeConnection(id)))
    }
  }

  /** One after another. */
  async runTestSuite(tests: readonly PerformanceTest[]): Promise<PerformanceResult[]> {
    for (const test of tests) checkTest(test)
    const results: PerformanceResult[] = []
    for (const test of tests) results.push(await this.runTest(test))
    return results
  }

  /** Of all tests that ran, as Markdown. */
  generateReport(): string {
    return reportOf(this.results)
  }

  private async measure(
    test: PerformanceTest,
    values: readonly number[],
    connections: readonly StreamConnection[]
  ): Promise<PerformanceResult> {
    const load = new Load(test, values, connections)
    const began = performance.now()
    await load.write()
    const dropped = await arrived(load, connections)
    const metrics = await Promise.all(connections.map((one) => one.metrics()))
    const sorted = load.latencies.sort((a, b) => a - b)
    const elapsedMs = Math.max(1, load.lastArrivalMs - began)
    // A test of one message has no rate to speak of: it counts against the time that it was given.
    const throughput = (load.received * 1000) / Math.max(elapsedMs, test.duration)
    const result: PerformanceResult = {
      test,
      elapsedMs,
      sent: load.sent,
      received: load.received,
      dropped,
      failed: metrics.reduce((sum, one) => sum + one.failed, 0),
      throughput,
      rateReached: throughput / test.messageRate,
      bytesPerSecond: throughput * test.messageSize,
      latency: {
        average: sorted.reduce((sum, one) => sum + one, 0) / Math.max(1, sorted.length),
        p50: quantile(sorted, 0.5),
        p95: quantile(sorted, 0.95),
        p99: quantile(sorted, 0.99),
        max: sorted.at(-1) ?? 0
      },
      backpressureEvents: metrics.reduce((sum, one) => sum + one.backpressureEvents, 0),
      passed: false,
      problems: []
    }
    result.problems = problemsOf(result)
    result.passed = result.problems.length === 0
    return result
  }
}

/** Waits until every message has arrived or was dropped; gives how many were dropped. */
async function arrived(load: Load, connections: readonly StreamConnection[]): Promise<number> {
  let before = -1
  let still = 0
  for (;;) {
    const metrics = await Promise.all(connections.map((one) => one.metrics()))
    const dropped = metrics.reduce((sum, one) => sum + one.dropped, 0)
    if (load.received + dropped >= load.sent) return dropped
    // Nothing has come for five seconds: what is missing is lost, and the result says so.
    still = load.received === before ? still + 1 : 0
    if (still > 250) return dropped
    before = load.received
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

function problemsOf(result: PerformanceResult): string[] {
  const problems: string[] = []
  const missing = result.sent - result.received - result.dropped
  if (missing !== 0) problems.push(`${missing} messages neither arrived nor were dropped by rule`)
  if (result.failed > 0) problems.push(`${result.failed} messages failed`)
  if (result.rateReached < LEAST_RATE) {
    problems.push(`${Math.round(result.throughput)} messages/s of ${result.test.messageRate} asked for`)
  }
  return problems
}
