// Runs on a server: rows in order over broken connections, refusals in words, what may be repeated, the live protocol.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import {
  FlowError,
  rowsOf,
  ServerEngine,
  type Batch,
  type Control,
  type LiveSocket,
  type ServerEngineOptions
} from '../src/index.ts'
import { all, counting, flowOf, until } from './flows.ts'
import { TestServer } from './test-server.ts'

const doubled = { id: 'double', typeId: 'logic/map', settings: { set: { twice: 'row.id * 2' } } }
const doubling = (rows: number): Record<string, unknown> => flowOf([counting(rows), doubled], [['count', 'double']])
const outlets = [{ node: 'double', port: 'rows' }]
const openSocket = (url: string): LiveSocket => new WebSocket(url) as unknown as LiveSocket

describe('ServerEngine', () => {
  let server: TestServer
  const connect = (more: Partial<ServerEngineOptions> = {}): Promise<ServerEngine> =>
    ServerEngine.connect({ url: server.url, retryDelayMs: 5, openSocket, ...more })

  beforeEach(async () => {
    server = await TestServer.start()
  })
  afterEach(async () => {
    await server.close()
  })

  it('runs a flow, and gives its rows as objects or as columns, and how it ended', async () => {
    const engine = await connect()
    const run = await engine.run(doubling(500), { outlets })
    const rows = (await all(run.rows('double', 'rows'))) as { id: number; twice: number }[]
    expect(rows.map((row) => row.twice)).toEqual(Array.from({ length: 500 }, (_, i) => 2 * i))
    expect(await run.result).toMatchObject({ outcome: 'done', exitCode: 0 })
    const other = await engine.run(doubling(500), { outlets })
    const batches = await all<Batch>(other.outlet('double', 'rows'))
    expect(batches.flatMap(rowsOf).map((row) => row.twice)).toEqual(rows.map((row) => row.twice))
    expect((await engine.nodes()).map((type) => type.id)).toContain('logic/map')
    expect(await engine.health()).toMatchObject({ status: 'ok' })
  })

  it('loses no event and doubles none when the connection breaks again and again', async () => {
    server.breakAfter = 7
    const engine = await connect()
    const run = await engine.run(doubling(2000), { outlets })
    const rows = (await all(run.rows('double', 'rows'))) as { id: number }[]
    expect(rows.map((row) => row.id)).toEqual(Array.from({ length: 2000 }, (_, i) => i))
    expect((await run.result).outcome).toBe('done')
    expect(server.asked.filter((one) => one.endsWith('/events')).length).toBeGreaterThan(20)
  })

  it('stops the run while nobody reads', async () => {
    const engine = await connect({ windowBytes: 10_000 })
    const run = await engine.run(doubling(100_000_000), { outlets })
    const reader = run.rows('double', 'rows').getReader()
    await reader.read()
    const made = (): number => server.executions.get(run.id)?.events.length ?? 0
    // It grows until all that lies between is full, and then no more.
    let before = -1
    await until(async () => {
      const now = made()
      const isStill = now === before
      before = now
      if (!isStill) await new Promise((resolve) => setTimeout(resolve, 300))
      return isStill
    }, 'a run that stands still')
    expect(made()).toBeLessThan(40_000)
    run.cancel()
    expect((await run.result).outcome).toBe('cancelled')
    // Rows of the message that was being read, and then the end.
    let rest = 0
    while (!(await reader.read()).done) rest += 1
    expect(rest).toBeLessThan(10)
  })

  it('takes rows of the page, each once, also when requests are repeated', async () => {
    const engine = await connect()
    const flow = flowOf(
      [
        { id: 'in', typeId: 'page/inlet' },
        { ...doubled, settings: { set: { id: 'row.id' } } }
      ],
      [['in', 'double']]
    )
    const run = await engine.run(flow, { outlets })
    const read = all(run.rows('double', 'rows'))
    const writer = run.inlet('in').getWriter()
    for (let at = 0; at < 3000; at += 100) {
      if (at % 1000 === 500) server.breakConnections()
      await writer.write(Array.from({ length: 100 }, (_, i) => ({ id: at + i })))
    }
    await writer.close()
    expect(((await read) as { id: number }[]).map((row) => row.id)).toEqual(Array.from({ length: 3000 }, (_, i) => i))
    expect((await run.result).outcome).toBe('done')
  })

  it('says what a server refuses: all problems of a document, problem+json, anything else', async () => {
    const engine = await connect()
    const failure = await engine.run(flowOf([{ id: 'x', typeId: 'none/such' }], [])).catch((one: unknown) => one)
    expect(failure).toBeInstanceOf(FlowError)
    const type = { 'content-type': 'application/problem+json' }
    const refusals: [number, string, object][] = [
      [
        507,
        '{"title": "Full", "detail": "no room", "code": "memory.limit"}',
        { code: 'memory.limit', message: 'no room' }
      ],
      [404, '<h1>nothing</h1>', { code: 'http.status', message: 'the server answered 404: <h1>nothing</h1>' }],
      [401, '{"title": "who are you?"}', { code: 'server.denied', message: 'who are you?' }],
      [400, '{"code": "DROP TABLE", "detail": "odd"}', { code: 'http.status', message: 'the server answered 400: odd' }]
    ]
    for (const [status, body, expected] of refusals) {
      server.instead = () => ({ status, body, headers: type })
      await expect(engine.run(doubling(1))).rejects.toMatchObject(expected)
    }
  })

  it('asks again what may be repeated, waiting longer each time, and not what may not', async () => {
    const engine = await connect()
    let refusals = 2
    server.instead = () => (refusals-- > 0 ? { status: 503, body: 'busy', headers: { 'retry-after': '0' } } : undefined)
    expect(await engine.health()).toMatchObject({ status: 'ok' })
    refusals = 1
    await expect(engine.run(doubling(1))).rejects.toMatchObject({ code: 'http.status', recoverable: true })
    refusals = 99
    await expect(engine.health()).rejects.toMatchObject({ recoverable: true })
    expect(refusals).toBe(99 - 4)
  })

  it('gives up on a server that does not answer in time, or is not there', async () => {
    const engine = await connect({ timeoutMs: 60, attempts: 2 })
    const slow: ServerEngineOptions['fetch'] = (_, init) =>
      new Promise((__, failed) => {
        init?.signal?.addEventListener('abort', () => {
          failed(new Error('aborted'))
        })
      })
    await expect(connect({ fetch: slow, timeoutMs: 30, attempts: 1 })).rejects.toMatchObject({
      code: 'network.timeout'
    })
    await server.goAway()
    await expect(engine.health()).rejects.toMatchObject({ code: 'network.unreachable', recoverable: true })
    await expect(connect({ url: 'ftp://x' })).rejects.toMatchObject({ code: 'url.invalid' })
  })

  it('says that the server is gone when it does not come back, and goes on when it does', async () => {
    const engine = await connect({ attempts: 2 })
    const run = await engine.run(doubling(100_000_000), { outlets })
    const reader = run.rows('double', 'rows').getReader()
    await reader.read()
    await server.goAway()
    const failure = (async () => {
      while (!(await reader.read()).done);
    })()
    await expect(failure).rejects.toMatchObject({ code: 'server.gone', recoverable: true })
    await expect(run.result).rejects.toMatchObject({ code: 'server.gone' })
    await server.comeBack()
    expect(await engine.health()).toMatchObject({ status: 'ok' })
  })

  it('asks who it is before each request', async () => {
    let token = 0
    const seen: unknown[] = []
    const engine = await connect({
      authorize: () => Promise.resolve({ authorization: `Bearer ${++token}` }),
      fetch: (url, init) => {
        seen.push((init?.headers as Record<string, string>).authorization)
        return fetch(url, init)
      }
    })
    await engine.health()
    expect(seen).toEqual(['Bearer 1', 'Bearer 2', 'Bearer 3'])
  })

  it('refuses a server of another version, and what is no server of this kind', async () => {
    server.version = '2.3.0'
    await expect(connect()).rejects.toMatchObject({ code: 'server.version' })
    server.instead = () => ({ status: 200, body: '<!doctype html>' })
    await expect(connect()).rejects.toMatchObject({ code: 'protocol.invalid' })
    server.instead = () => ({ status: 200, body: '{"up": true}' })
    await expect(connect()).rejects.toMatchObject({ code: 'server.version' })
  })

  it('ends a run whose server sends what is no event', async () => {
    const engine = await connect()
    for (const body of ['id: 1\ndata: {}\n\n', 'id: x\ndata: 1\n\n', 'id: 1\ndata: {"id"\n\n']) {
      server.instead = (_, path) => (path === 'execute' ? { status: 200, body } : undefined)
      await expect((await engine.run(doubling(1))).result).rejects.toMatchObject({ code: 'protocol.invalid' })
    }
  })

  it('knows what the server offers, and which nodes it lacks', async () => {
    server.features = ['execute']
    const engine = await connect()
    const run = await engine.run(doubling(10))
    expect(() => run.inlet('in')).toThrow(/does not offer inlets/)
    await expect(run.watch().ask('hello')).rejects.toMatchObject({ code: 'server.cannot' })
    run.dispose()
    const hook = flowOf([{ id: 'hook', typeId: 'http/webhook', settings: { path: '/x' } }], [])
    expect((await engine.validate(hook)).elsewhere).toMatchObject([{ node: 'hook', typeId: 'http/webhook' }])
    expect(await engine.format(hook)).toContain('"typeId": "http/webhook"')
    await expect(engine.format('{')).rejects.toBeInstanceOf(FlowError)
  })

  it('watches a run, and after a break goes on with what was subscribed, no event lost or doubled', async () => {
    const engine = await connect()
    const run = await engine.run(
      flowOf(
        [
          { id: 'in', typeId: 'page/inlet' },
          { id: 'out', typeId: 'page/outlet' }
        ],
        [['in', 'out']]
      )
    )
    const watcher = run.watch()
    const events: number[] = []
    let figures = 0
    watcher.onMessage((message: Control) => {
      if (message.type === 'event') events.push((message.data as { number: number }).number)
      if (message.type === 'metrics') figures += 1
    })
    expect(await watcher.ask('hello')).toMatchObject({ run: run.id })
    await watcher.ask('subscribe', { kind: 'events' })
    const { subscription } = (await watcher.ask('subscribe', { kind: 'metrics' })) as { subscription: number }
    for (let i = 0; i < 3; i++) {
      const { breakpoint } = (await watcher.ask('break', { node: 'out' })) as { breakpoint: number }
      await watcher.ask('unbreak', { breakpoint })
      server.breakConnections()
      const before = figures
      await until(() => figures > before, 'figures after a break')
    }
    expect(server.asked.filter((one) => one === 'live resume').length).toBeGreaterThan(0)
    await watcher.ask('unsubscribe', {}, subscription)
    await expect(watcher.ask('nonsense')).rejects.toMatchObject({ code: 'live.unknown' })
    expect(events).toEqual([...new Set(events)].sort((a, b) => a - b))
    run.cancel()
    await run.result
  })

  it('tells a run as one stream of messages, as other engines do', async () => {
    const engine = await connect()
    const messages = await all(engine.execute(doubling(300), { outlets, figures: false }))
    expect(messages.filter((one) => one.type === 'node-output').flatMap((one) => one.data)).toHaveLength(300)
    expect(messages.at(-1)).toMatchObject({ type: 'execution-update', data: { status: 'done' } })
  })
})
