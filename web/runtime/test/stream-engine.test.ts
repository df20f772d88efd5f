// Connections: messages through the engine, backpressure, dropping by rule, retries.
import { beforeAll, describe, expect, it } from 'vitest'
import {
  AdaptiveBackpressureHandler,
  DefaultBackpressureHandler,
  GracefulErrorRecovery,
  StreamEngine,
  type BackpressureHandler,
  type NodeMessage,
  type StreamConnection
} from '../src/index.ts'
import { until, useBuiltEngine } from './engine.ts'

beforeAll(useBuiltEngine)

function message(i: number, more: Partial<NodeMessage> = {}): NodeMessage {
  return { id: `m${i}`, timestamp: 1_000 + i, sourceNodeId: 'a', targetNodeId: 'b', port: 'out', data: i, ...more }
}

function connect(engine: StreamEngine, config = {}): StreamConnection {
  return engine.getConnection(engine.createConnection('a', 'b', 'out', 'in', config))
}

async function all(connection: StreamConnection): Promise<NodeMessage[]> {
  const messages: NodeMessage[] = []
  for await (const one of connection.readable) messages.push(one)
  return messages
}

describe('StreamEngine', () => {
  it('hands on every message in order, as it was written', async () => {
    const connection = connect(new StreamEngine())
    const read = all(connection)
    for (let i = 0; i < 500; i++) void connection.writer.write(message(i, { data: { value: i, list: [i, 'x'] } }))
    await connection.writer.close()
    const messages = await read
    expect(messages).toHaveLength(500)
    expect(messages[41]).toEqual(message(41, { data: { value: 41, list: [41, 'x'] } }))
  })

  it('carries data of any shape that JSON has', async () => {
    const connection = connect(new StreamEngine())
    const read = all(connection)
    const data = [1, 2.5, 'text', true, null, [1, 'two', { three: 3 }], { a: 1 }, { b: { c: [] } }, -0.125, 2 ** 53 - 1]
    await Promise.all(data.map((one, i) => connection.writer.write(message(i, { data: one }))))
    await connection.close()
    expect((await read).map((one) => one.data)).toEqual(data)
  })

  it('keeps fields of the page beside its own, on the messages that have them', async () => {
    const connection = connect(new StreamEngine())
    const read = all(connection)
    const labelled = { ...message(1), metadata: { label: 'one' } }
    await Promise.all([connection.writer.write(labelled), connection.writer.write(message(2, { data: null }))])
    await connection.close()
    expect((await read).map((one) => JSON.stringify(Object.entries(one).sort()))).toEqual(
      [labelled, message(2, { data: null })].map((one) => JSON.stringify(Object.entries(one).sort()))
    )
  })

  it('makes the writer wait while the connection is full, and goes on when it is read', async () => {
    const connection = connect(new StreamEngine(), { bufferSize: 20, maxBatchSize: 5, batchTimeout: 0 })
    let written = 0
    const writing = (async () => {
      for (let i = 0; i < 200; i++) {
        await connection.writer.write(message(i))
        written = i + 1
      }
    })()
    await until(() => written >= 20, 'a full connection')
    await new Promise((resolve) => setTimeout(resolve, 100))
    // The buffer, one batch in the reader's hands and one on its way.
    expect(written).toBeLessThanOrEqual(35)
    const read = all(connection)
    await writing
    await connection.close()
    expect(await read).toHaveLength(200)
    const metrics = await connection.metrics()
    expect(metrics).toMatchObject({ messageCount: 200, sent: 200, dropped: 0, failed: 0 })
  })

  it('keeps what is important when it drops by priority, and counts what it drops', async () => {
    const engine = new StreamEngine()
    engine.setBackpressureHandler(new DefaultBackpressureHandler({ maxWaitTime: 60_000 }))
    const connection = connect(engine, { bufferSize: 100, batchTimeout: 0 })
    for (let i = 0; i < 1000; i++) await connection.writer.write(message(i, { priority: i % 100 === 0 ? 5 : 0 }))
    await connection.writer.close()
    const read = await all(connection)
    const metrics = await connection.metrics()
    expect(read.length).toBeLessThan(300)
    expect(metrics.dropped).toBe(1000 - read.length)
    expect(read.filter((one) => one.priority === 5)).toHaveLength(10)
  })

  it('drops sooner with an adaptive handler when messages wait long', async () => {
    const config = { bufferSize: 20, maxBatchSize: 1, batchTimeout: 0 }
    const held = async (handler: BackpressureHandler): Promise<number> => {
      const engine = new StreamEngine()
      engine.setBackpressureHandler(handler)
      const connection = connect(engine, config)
      let most = 0
      connection.subscribe(() => new Promise((resolve) => setTimeout(resolve, 50)))
      for (let round = 0; round < 100; round++) {
        await connection.writer.write(message(round))
        await new Promise((resolve) => setTimeout(resolve, 20))
        // At first it has not yet seen how long messages wait.
        if (round > 70) most = Math.max(most, (await connection.metrics()).held)
      }
      await engine.dispose()
      return most
    }
    const options = { maxWaitTime: 60_000 }
    const [fixed, adaptive] = await Promise.all([
      held(new DefaultBackpressureHandler(options)),
      held(new AdaptiveBackpressureHandler(options))
    ])
    expect(fixed).toBeGreaterThanOrEqual(18)
    expect(adaptive).toBeLessThanOrEqual(fixed - 2)
  })

  it('tries a subscriber that fails again, and tells what came of it', async () => {
    const engine = new StreamEngine()
    engine.setErrorRecovery(new GracefulErrorRecovery())
    const connection = connect(engine, { retryAttempts: 2, retryDelay: 1 })
    const failed: unknown[] = []
    engine.onEvent((event) => {
      if (event.type === 'failed') failed.push(event.data)
    })
    const tries = new Map<unknown, number>()
    connection.subscribe(({ data }) => {
      tries.set(data, (tries.get(data) ?? 0) + 1)
      if (data === 1 && tries.get(data) === 1) throw new Error('once')
      if (data === 2) throw new Error('always')
    })
    for (let i = 0; i < 4; i++) await connection.writer.write(message(i))
    await until(() => tries.has(3), 'all messages')
    expect([...tries.values()]).toEqual([1, 2, 3, 1])
    expect(failed).toMatchObject([{ message: { data: 2 }, error: 'always' }])
    expect((await connection.metrics()).failed).toBe(1)
    await engine.dispose()
  })

  it('tells who reads how full it is, how long messages took and what was sent', async () => {
    const engine = new StreamEngine()
    const connection = connect(engine, { bufferSize: 50, batchTimeout: 0 })
    for (let i = 0; i < 10; i++) await connection.writer.write(message(i))
    await until(async () => (await connection.metrics()).held > 0, 'messages on the edge')
    expect((await connection.metrics()).bufferUtilization).toBeLessThanOrEqual(10 / 50)
    let read = 0
    connection.subscribe(() => {
      read += 1
    })
    await until(() => read === 10, 'ten messages')
    const metrics = await engine.getMetrics()
    expect(metrics).toMatchObject({ activeConnections: 1, messageCount: 10, sent: 10 })
    expect(metrics.averageLatency).toBeGreaterThan(0)
    await engine.dispose()
  })

  it('tells how many messages a second are read', async () => {
    const engine = new StreamEngine()
    const connection = connect(engine, { batchTimeout: 0 })
    connection.subscribe(() => undefined)
    for (let i = 0; i < 100; i++) {
      await connection.writer.write(message(i))
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
    await until(async () => (await connection.metrics()).messageCount === 100, 'all messages')
    const { throughput } = await connection.metrics()
    // One message in 2 ms at most, since timers are not early.
    expect(throughput).toBeGreaterThan(0)
    expect(throughput).toBeLessThan(700)
    await engine.dispose()
  })

  it('forgets a connection that nobody reads, with what is under way', async () => {
    const engine = new StreamEngine()
    const connection = connect(engine)
    await connection.writer.write(message(1))
    await engine.removeConnection(connection.id)
    await connection.finished
    expect(engine.listConnections()).toEqual([])
    expect(() => engine.getConnection(connection.id)).toThrow(/no connection/)
  })

  it('refuses what is no message, and goes on', async () => {
    const engine = new StreamEngine()
    const connection = connect(engine)
    const loop: Record<string, unknown> = {}
    loop.self = loop
    await expect(connection.writer.write(message(0, { data: loop }))).rejects.toThrow()
    await expect(connection.writer.write(message(0, { data: undefined }))).rejects.toThrow(/message.data/)
    await expect(connection.writer.write({ ...message(0), more: 1n } as never)).rejects.toThrow(/BigInt/)
    await expect(connection.writer.write({ ...message(0), id: 7 } as never)).rejects.toThrow(/message.id/)
    await expect(connection.writer.write(message(0, { priority: 0.5 }))).rejects.toThrow(/priority/)
    const read = all(connection)
    await connection.writer.write(message(1))
    await connection.writer.close()
    expect(await read).toHaveLength(1)
    await expect(connection.writer.write(message(2))).rejects.toThrow(/closed/)
  })

  it('fails its writer when the engine cannot be had', async () => {
    const engine = new StreamEngine({ engine: Promise.reject(new Error('no engine here')) })
    const connection = connect(engine)
    await expect(connection.writer.write(message(1))).rejects.toThrow(/no engine here/)
  })
})
