// Runs that change their place: at any moment, also when the server goes away, every row comes out once and in order.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import {
  LocalEngine,
  PlacedEngine,
  rowsOf,
  ServerEngine,
  type Batch,
  type LiveSocket,
  type PlacedEngineOptions,
  type PlacedRun,
  type PlacementNotice
} from '../src/index.ts'
import { all, counting, flowOf, until, type FlowDocument } from './flows.ts'
import { engineModule } from './module.ts'
import { TestServer } from './test-server.ts'

const inlet = { id: 'in', typeId: 'page/inlet' }
const numbers = (from: number, count: number): { n: number }[] =>
  Array.from({ length: count }, (_, i) => ({ n: from + i }))
const pure = flowOf(
  [
    inlet,
    { id: 'even', typeId: 'logic/filter', settings: { condition: 'row.n % 2 == 0' } },
    { id: 'out', typeId: 'logic/map', settings: { set: { m: 'row.n * 10' } } }
  ],
  [
    ['in', 'even'],
    ['even.match', 'out']
  ]
)
const remembering = flowOf(
  [inlet, { id: 'out', typeId: 'flow/deduplicate', settings: { key: 'row.n / 3' } }],
  [['in', 'out']]
)
const outlets = [{ node: 'out', port: 'rows' }]

/** A sequence of numbers below 1 that a seed gives. */
function random(seed: number): () => number {
  let state = seed * 2654435761 + 1
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 2246822519) + 374761393) | 0
    return ((state ^ (state >>> 13)) >>> 0) / 2 ** 32
  }
}

describe('PlacedEngine', async () => {
  const module = await engineModule()
  let server: TestServer
  let engine: PlacedEngine
  const make = async (more: Partial<PlacedEngineOptions> = {}): Promise<PlacedEngine> =>
    new PlacedEngine({
      local: await LocalEngine.make(module),
      server: () =>
        ServerEngine.connect({
          url: server.url,
          retryDelayMs: 2,
          attempts: 2,
          // A connection that breaks before its first request is sent is waited for by Node.js.
          timeoutMs: 3000,
          openSocket: (url) => new WebSocket(url) as unknown as LiveSocket
        }),
      ...more
    })

  beforeEach(async () => {
    server = await TestServer.start()
    engine = await make()
  })
  afterEach(async () => {
    engine.close()
    await server.close()
  })

  /** Writes rows of random sizes, and moves, breaks and takes away places between and during the writes. */
  async function disturbed(run: PlacedRun, seed: number, rows: number): Promise<string[]> {
    const next = random(seed)
    const done: string[] = []
    const writer = run.inlet('in').getWriter()
    const others: Promise<unknown>[] = []
    for (let at = 0; at < rows;) {
      const count = Math.min(rows - at, 1 + Math.floor(next() * 200))
      others.push(writer.write(numbers(at, count)))
      at += count
      const what = next()
      if (what < 0.15) {
        done.push(`${at} to the server`)
        others.push(run.moveToServer().catch(() => done.push('refused')))
      } else if (what < 0.25) {
        done.push(`${at} here`)
        others.push(run.moveHere().catch(() => done.push('refused')))
      } else if (what < 0.35) {
        done.push(`${at} broken`)
        server.breakConnections()
      } else if (what < 0.4) {
        done.push(`${at} gone`)
        await server.goAway()
        await new Promise((resolve) => setTimeout(resolve, next() * 30))
        await server.comeBack()
      } else if (what < 0.7) await new Promise((resolve) => setTimeout(resolve, next() * 10))
    }
    await Promise.all(others)
    await writer.close()
    return done
  }

  const seeds = Array.from({ length: 8 }, (_, i) => i + 1)

  it.each(seeds)(
    'gives every row once and in order, wherever it is cut, moved or left alone: seed %i',
    async (seed) => {
      const run = await engine.run(pure, { outlets })
      const read = all(run.rows('out', 'rows')) as Promise<{ n: number; m: number }[]>
      const done = await disturbed(run, seed, 4000)
      const expected = numbers(0, 4000)
        .filter(({ n }) => n % 2 === 0)
        .map(({ n }) => ({ n, m: n * 10 }))
      expect(await read, done.join(', ')).toEqual(expected)
      expect((await run.result).outcome).toBe('done')
    }
  )

  it.each(seeds)('and of a flow that remembers, begun anew elsewhere, as columns: seed %i', async (seed) => {
    const run = await engine.run(remembering, { outlets })
    const read = all<Batch>(run.outlet('out', 'rows'))
    const done = await disturbed(run, seed, 3000)
    const found = (await read).flatMap(rowsOf).map((row) => row.n)
    expect(found, done.join(', ')).toEqual(Array.from({ length: 1000 }, (_, i) => i * 3))
    expect((await run.result).outcome).toBe('done')
  })

  it('begins a flow with sources of its own anew, and passes over what was read', async () => {
    const flow = flowOf(
      [
        // More than may be on its way when the server goes.
        counting(100_000, { startTime: '2026-01-01T00:00:00Z' }),
        { id: 'out', typeId: 'logic/map', settings: { set: { m: 'row.id * 2' } } }
      ],
      [['count', 'out']]
    )
    const run = await engine.run(flow, { outlets })
    const reader = run.rows('out', 'rows').getReader()
    const ids: unknown[] = []
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      ids.push((read.value as { id: number }).id)
      if (ids.length === 500) await run.moveToServer()
      if (ids.length === 1500) await server.goAway()
    }
    expect(run.place).toBe('here')
    expect(ids).toEqual(Array.from({ length: 100_000 }, (_, i) => i))
  })

  it('keeps what the page writes to a server bounded, by a cut from time to time', async () => {
    engine = await make({ replayBytes: 20_000 })
    const run = await engine.run(pure, { outlets, place: 'server' })
    const read = all(run.rows('out', 'rows'))
    const writer = run.inlet('in').getWriter()
    for (let at = 0; at < 20_000; at += 200) await writer.write(numbers(at, 200))
    expect(server.asked.filter((one) => one === 'POST execute').length).toBeGreaterThan(3)
    await server.goAway()
    await writer.write(numbers(20_000, 2))
    await writer.close()
    expect(await read).toHaveLength(10_001)
    expect(run.place).toBe('here')
  })

  it('refuses to move what would not be right elsewhere, and says why', async () => {
    const cases: [FlowDocument, RegExp][] = [
      [
        flowOf([{ id: 'read', typeId: 'files/csv-read', settings: { path: 'x.csv' } }], []),
        /'read' .* reads what is in/
      ],
      [flowOf([inlet, { id: 'out', typeId: 'flow/throttle' }], [['in', 'out']]), /by when they come/],
      [
        flowOf(
          [
            inlet,
            { id: 'a', typeId: 'flow/limit', settings: { count: 5 } },
            { id: 'out', typeId: 'logic/map', settings: { set: { t: 'string(now)' } } }
          ],
          [
            ['in', 'a'],
            ['a', 'out']
          ]
        ),
        /'out' reads the clock/
      ]
    ]
    for (const [flow, why] of cases) {
      const run = await engine.run(flow)
      const failure = await run.moveToServer().catch((reason: unknown) => reason)
      if ((failure as { code: string }).code !== 'run.ended') {
        expect(failure).toMatchObject({ code: 'move.refused', message: why })
      }
      run.dispose()
    }
    server.features = []
    const run = await engine.run(pure, { outlets })
    await expect(run.moveToServer()).rejects.toMatchObject({
      code: 'move.refused',
      message: /takes no rows from a page/
    })
    await server.goAway()
    await expect(run.moveToServer()).rejects.toMatchObject({ code: 'network.unreachable' })
    run.dispose()
  })

  it('ends a run whose server goes away if it cannot go on here, and says why', async () => {
    engine = await make({ replayBytes: 100 })
    const run = await engine.run(remembering, { outlets, place: 'server' })
    const read = all(run.rows('out', 'rows'))
    const writer = run.inlet('in').getWriter()
    await writer.write(numbers(0, 500))
    await server.goAway()
    await expect(read).rejects.toMatchObject({ code: 'move.too_much' })
    await expect(run.result).rejects.toMatchObject({ code: 'move.too_much', message: /server/ })
    await expect(writer.write(numbers(0, 1))).rejects.toBeDefined()
  })

  it('offers the move when a limit is crossed, once, or makes it by policy', async () => {
    const limits = { executionTimeout: 30, memoryThreshold: 1 }
    engine = await make({ limits })
    const run = await engine.run(pure, { outlets })
    const read = all(run.rows('out', 'rows'))
    const offers: PlacementNotice[] = []
    run.onNotice((notice) => offers.push(notice))
    const writer = run.inlet('in').getWriter()
    await writer.write(numbers(0, 10))
    await until(() => offers.length > 0, 'an offer')
    expect(offers[0]).toMatchObject({ type: 'offer', reasons: [{ limit: expect.any(Number) as number }] })
    expect(run.place).toBe('here')
    await run.moveToServer()
    expect(offers.at(-1)).toMatchObject({ type: 'moved', to: 'server' })

    const mover = await make({ limits, whenCrossed: 'move' })
    const moved = await mover.run(pure, { outlets })
    const otherRead = all(moved.rows('out', 'rows'))
    const other = moved.inlet('in').getWriter()
    for (let at = 0; moved.place === 'here'; at += 2) await other.write(numbers(at, 2))
    for (const one of [writer, other]) await one.close()
    expect((await read).length).toBe(5)
    expect((await otherRead).length).toBeGreaterThan(0)
    mover.close()
  })

  it('counts on over a move, and adds up the results', async () => {
    const run = await engine.run(pure, { outlets })
    const read = all(run.rows('out', 'rows'))
    const watcher = run.watch()
    let taken = 0
    watcher.onMessage((message) => {
      if (message.type !== 'metrics') return
      const { nodes } = message.data as { nodes: { id: string; rowsIn: number }[] }
      taken = nodes.find((node) => node.id === 'even')?.rowsIn ?? 0
    })
    await watcher.ask('subscribe', { kind: 'metrics' })
    const writer = run.inlet('in').getWriter()
    await writer.write(numbers(0, 300))
    await run.moveToServer()
    await writer.write(numbers(300, 300))
    await until(() => taken === 600, 'figures of both places')
    await writer.close()
    expect(await read).toHaveLength(300)
    expect(await run.deadLetters()).toEqual([])
  })
})
