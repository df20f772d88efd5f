// Performance tests: data patterns, results, the report.
import { beforeAll, describe, expect, it } from 'vitest'
import {
  DefaultBackpressureHandler,
  patternValues,
  PerformanceTestSuite,
  sharedEngine,
  STANDARD_PERFORMANCE_TESTS,
  StreamEngine,
  type NodeMessage,
  type PerformanceTest
} from '../src/index.ts'
import { useBuiltEngine } from './engine.ts'

beforeAll(useBuiltEngine)

const short: PerformanceTest = {
  name: 'short',
  duration: 300,
  messageRate: 500,
  messageSize: 200,
  concurrentConnections: 3,
  dataPattern: 'sine-wave'
}

describe('data patterns', () => {
  it('are those of the engine', async () => {
    const engine = await sharedEngine()
    expect(await patternValues(engine, 'sequential', 4)).toEqual([0, 1, 2, 3])
    expect(await patternValues(engine, 'step', 21)).toEqual([
      ...Array<number>(10).fill(0),
      ...Array<number>(10).fill(1),
      2
    ])
    const sine = await patternValues(engine, 'sine-wave', 100)
    expect(sine[25]).toBeCloseTo(1)
    expect(sine[75]).toBeCloseTo(-1)
    const random = await patternValues(engine, 'random', 100, 7)
    expect(random).toEqual(await patternValues(engine, 'random', 100, 7))
    expect(new Set(random).size).toBeGreaterThan(90)
    expect(random.every((one) => one >= 0 && one < 1)).toBe(true)
  })
})

describe('PerformanceTestSuite', () => {
  it('measures a test: every message arrives, latency counts from when it was due', async () => {
    const streams = new StreamEngine()
    const suite = new PerformanceTestSuite(streams)
    const result = await suite.runTest(short)
    expect(result).toMatchObject({ sent: 150, received: 150, dropped: 0, failed: 0 })
    expect(result.latency.p50).toBeGreaterThan(0)
    expect(result.latency.p99).toBeGreaterThanOrEqual(result.latency.p50)
    expect(streams.listConnections()).toHaveLength(0)
  })

  it('counts what is dropped by rule, and says when the rate was not reached', async () => {
    const streams = new StreamEngine({ config: { bufferSize: 5, maxBatchSize: 2 } })
    streams.setBackpressureHandler(new DefaultBackpressureHandler())
    const result = await new PerformanceTestSuite(streams).runTest({ ...short, messageRate: 50_000, duration: 100 })
    expect(result.sent).toBe(5000)
    expect(result.received + result.dropped).toBe(5000)
    expect(result.dropped).toBeGreaterThan(0)
    expect(result.passed).toBe(false)
    expect(result.problems.join()).toContain('50000 asked for')
  })

  it.each(['random', 'sequential', 'sine-wave', 'step'] as const)(
    'sends messages of just the size asked for: %s',
    async (dataPattern) => {
      const streams = new StreamEngine()
      const sizes = new Set<number>()
      streams.onEvent((event) => {
        if (event.type !== 'received') return
        sizes.add(new TextEncoder().encode(JSON.stringify((event.data as NodeMessage).data)).length)
      })
      await new PerformanceTestSuite(streams).runTest({ ...short, dataPattern, messageSize: 1000 })
      expect([...sizes]).toEqual([1000])
    }
  )

  it('reports a test on one line of its table, whatever it is called', async () => {
    const suite = new PerformanceTestSuite(new StreamEngine())
    await suite.runTest({ ...short, duration: 50, name: 'two\nlines | and\r\nmore' })
    expect(suite.generateReport()).toMatch(/^\| two lines \/ and more \| (yes|no) \|.*\|$/m)
  })

  it('has four patterns or more of load as standard, and reports on them', async () => {
    const suite = new PerformanceTestSuite(new StreamEngine())
    expect(suite.generateReport()).toContain('No test has run')
    const results = await suite.runTestSuite(STANDARD_PERFORMANCE_TESTS.map((one) => ({ ...one, duration: 200 })))
    expect(new Set(results.map((one) => one.test.dataPattern)).size).toBe(4)
    for (const one of results) expect(one.received + one.dropped).toBe(one.sent)
    const report = suite.generateReport()
    for (const one of STANDARD_PERFORMANCE_TESTS) expect(report).toContain(one.name)
  })

  it('refuses a test that cannot be', async () => {
    const suite = new PerformanceTestSuite(new StreamEngine())
    await expect(suite.runTest({ ...short, messageRate: 0 })).rejects.toThrow(/messageRate is 0/)
    await expect(suite.runTest({ ...short, dataPattern: 'square' })).rejects.toThrow(/dataPattern is 'square'/)
    await expect(suite.runTest({ ...short, concurrentConnections: 1.5 })).rejects.toThrow(/concurrentConnections/)
  })
})
