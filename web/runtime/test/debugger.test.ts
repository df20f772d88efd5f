// The debugger: events and alerts while they happen, recordings, and what is exported.
import { beforeAll, describe, expect, it } from 'vitest'
import { DefaultBackpressureHandler, StreamDebugger, StreamEngine, type StreamAlert } from '../src/index.ts'
import { until, useBuiltEngine } from './engine.ts'

beforeAll(useBuiltEngine)

function message(i: number): Parameters<ReturnType<StreamEngine['getConnection']>['writer']['write']>[0] {
  return { id: `m${i}`, timestamp: i, sourceNodeId: 'a', targetNodeId: 'b', port: 'out', data: i }
}

describe('StreamDebugger', () => {
  it('shows what happens to a message, and keeps it while it records', async () => {
    const streams = new StreamEngine()
    const watching = new StreamDebugger(streams)
    const seen: string[] = []
    const subscription = watching.debug$.subscribe((event) => seen.push(event.type))
    watching.startRecording()
    const connection = streams.getConnection(streams.createConnection('a', 'b', 'out', 'in'))
    let read = 0
    connection.subscribe(() => {
      read += 1
    })
    await connection.writer.write(message(1))
    await until(() => read === 1, 'one message')
    await until(() => connection.lastMetrics !== undefined, 'figures of the engine')
    watching.stopRecording()
    await connection.writer.write(message(2))
    await until(() => read === 2, 'two messages')
    subscription.unsubscribe()
    expect(seen.filter((type) => type === 'received')).toHaveLength(2)
    const data = watching.exportDebugData()
    expect(data.events.map((event) => event.type)).toEqual(expect.arrayContaining(['created', 'sent', 'received']))
    expect(data.events.filter((event) => event.type === 'received')).toMatchObject([{ data: message(1) }])
    expect(data.connections).toMatchObject([{ id: connection.id, metrics: { sent: expect.any(Number) as number } }])
    expect(JSON.parse(JSON.stringify(data))).toEqual(data)
    await streams.dispose()
  })

  it('raises an alert when messages are dropped', async () => {
    const streams = new StreamEngine()
    streams.setBackpressureHandler(new DefaultBackpressureHandler())
    const alerts: StreamAlert[] = []
    new StreamDebugger(streams).alerts$.subscribe((alert) => alerts.push(alert))
    const connection = streams.getConnection(streams.createConnection('a', 'b', 'out', 'in', { bufferSize: 10 }))
    for (let i = 0; i < 1000; i++) await connection.writer.write(message(i))
    await until(() => alerts.some((alert) => alert.severity === 'critical'), 'an alert')
    expect(alerts[0]).toMatchObject({ connectionId: connection.id, raised: true })
    await streams.dispose()
  })

  it('keeps the newest events within its bound, and counts the others', async () => {
    const streams = new StreamEngine()
    const watching = new StreamDebugger(streams, { maxEvents: 20 })
    watching.startRecording()
    const connection = streams.getConnection(streams.createConnection('a', 'b', 'out', 'in'))
    let read = 0
    connection.subscribe(() => {
      read += 1
    })
    for (let i = 0; i < 100; i++) void connection.writer.write(message(i))
    await until(() => read === 100, 'all messages')
    const { events, eventsLeftOut } = watching.exportDebugData()
    expect(events).toHaveLength(20)
    expect(eventsLeftOut).toBeGreaterThanOrEqual(80)
    await streams.dispose()
  })

  it('keeps no event when it is told to keep none, and counts them', async () => {
    const streams = new StreamEngine()
    const watching = new StreamDebugger(streams, { maxEvents: 0 })
    watching.startRecording()
    let told = 0
    streams.onEvent(() => (told += 1))
    const connection = streams.getConnection(streams.createConnection('a', 'b', 'out', 'in'))
    for (let i = 0; i < 10; i++) await connection.writer.write(message(i))
    watching.stopRecording()
    expect(told).toBeGreaterThan(10)
    expect(watching.exportDebugData()).toMatchObject({ events: [], eventsLeftOut: told })
    expect(() => new StreamDebugger(streams, { maxEvents: -1 })).toThrow(/maxEvents is -1/)
    await streams.dispose()
  })

  it('records a message as it came, whatever its subscriber makes of it', async () => {
    const streams = new StreamEngine()
    const watching = new StreamDebugger(streams)
    watching.startRecording()
    const connection = streams.getConnection(streams.createConnection('a', 'b', 'out', 'in'))
    const read = new Promise<void>((resolve) => {
      connection.subscribe((one) => {
        ;(one.data as { list: number[] }).list.push(4)
        resolve()
      })
    })
    await connection.writer.write({ ...message(1), data: { list: [1, 2, 3] } })
    await read
    const { events } = watching.exportDebugData()
    expect(events.find((one) => one.type === 'received')?.data).toMatchObject({ data: { list: [1, 2, 3] } })
    await streams.dispose()
  })

  it('tells that a connection failed', async () => {
    const streams = new StreamEngine({ engine: Promise.reject(new Error('no engine here')) })
    const alerts: StreamAlert[] = []
    new StreamDebugger(streams).alerts$.subscribe((alert) => alerts.push(alert))
    streams.createConnection('a', 'b', 'out', 'in')
    await until(() => alerts.length > 0, 'an alert')
    expect(alerts[0]).toMatchObject({ severity: 'critical', message: 'no engine here' })
  })
})
