// What a performance test is, what it gives, and the standard ones.
import { expectWhole, type StreamConfig } from '../stream/config.ts'
import { DATA_PATTERNS, type DataPattern } from './patterns.ts'

export interface PerformanceTest {
  name: string
  /** How long messages are written, in milliseconds. */
  duration: number
  /** Messages a second, over all connections. */
  messageRate: number
  /** Bytes of a message's data, as JSON; a value and its names take up to 42, also of a smaller size. */
  messageSize: number
  concurrentConnections: number
  /** One of DATA_PATTERNS; a text, so that literals need no annotation: `runTest` refuses others. */
  dataPattern: string
  /** Of its connections. */
  config?: Partial<StreamConfig>
}

export interface PerformanceResult {
  test: PerformanceTest
  /** From the first message to the last that arrived, in milliseconds. */
  elapsedMs: number
  sent: number
  received: number
  /** By rule, at full connections. */
  dropped: number
  failed: number
  /** Messages a second that arrived. */
  throughput: number
  /** `throughput` as a share of `messageRate`. */
  rateReached: number
  bytesPerSecond: number
  /** Milliseconds from when a message was due to its arrival, so that a late writer makes no result better. */
  latency: { average: number; p50: number; p95: number; p99: number; max: number }
  backpressureEvents: number
  passed: boolean
  /** Why not. */
  problems: string[]
}

export const STANDARD_PERFORMANCE_TESTS: readonly PerformanceTest[] = [
  test('Baseline', 100, 100, 1, 'sequential'),
  test('High frequency', 1000, 200, 1, 'sine-wave'),
  test('Large messages', 50, 10_000, 1, 'random'),
  test('Many connections', 1000, 100, 10, 'random'),
  test('Steps under load', 2000, 500, 4, 'step')
]

function test(
  name: string,
  messageRate: number,
  messageSize: number,
  concurrentConnections: number,
  dataPattern: DataPattern
): PerformanceTest {
  return { name, duration: 2000, messageRate, messageSize, concurrentConnections, dataPattern }
}

/** @throws RangeError that names the member. */
export function checkTest(test: PerformanceTest): asserts test is PerformanceTest & { dataPattern: DataPattern } {
  expectWhole('duration', test.duration, 1)
  expectWhole('messageSize', test.messageSize, 0)
  expectWhole('concurrentConnections', test.concurrentConnections, 1)
  if (!(test.messageRate > 0 && test.messageRate <= 1e6)) {
    throw new RangeError(`messageRate is ${test.messageRate}: it is over 0, up to 1,000,000`)
  }
  if (!(DATA_PATTERNS as readonly string[]).includes(test.dataPattern)) {
    throw new RangeError(`dataPattern is '${test.dataPattern}': it is one of ${DATA_PATTERNS.join(', ')}`)
  }
}
