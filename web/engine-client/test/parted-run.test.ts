// Runs in two places at once: rows of cut edges arrive once and in order, and both parts are told as one run.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { LocalEngine, PlacedEngine, partsOf, ServerEngine, type LiveSocket } from '../src/index.ts'
import { all, counting, flowOf, until } from './flows.ts'
import { engineModule } from './module.ts'
import { TestServer } from './test-server.ts'

const there = { id: 'there', typeId: 'logic/map', settings: { set: { m: 'row.n * 10' } } }
const here = { id: 'here', typeId: 'logic/filter', settings: { condition: 'row.m % 20 == 0' } }
const inlet = { id: 'in', typeId: 'page/inlet' }
const flow = flowOf(
  [inlet, there, here],
  [
    ['in', 'there'],
    ['there', 'here']
  ]
)
const outlets = [{ node: 'here', port: 'match' }]

interface Figures {
  nodes: { id: string }[]
  edges: Record<string, unknown>[]
}

describe('runs in two parts', async () => {
  const module = await engineModule()
  let server: TestServer
  let engine: PlacedEngine
  beforeEach(async () => {
    server = await TestServer.start()
    engine = new PlacedEngine({
      local: await LocalEngine.make(module),
      server: () =>
        ServerEngine.connect({
          url: server.url,
          retryDelayMs: 2,
          attempts: 2,
          timeoutMs: 3000,
          openSocket: (url) => new WebSocket(url) as unknown as LiveSocket
        })
    })
  })
  afterEach(async () => {
    engine.close()
    await server.close()
  })

  it('carry rows there and back, and tell figures as of one run in which every row is accounted for', async () => {
    const run = await engine.runParted(flow, ['there'], { outlets })
    const read = all(run.rows('here', 'match'))
    const watcher = run.watch()
    let latest: Figures | undefined
    watcher.onMessage((message) => {
      if (message.type === 'metrics') latest = message.data as Figures
    })
    await watcher.ask('subscribe', { kind: 'metrics' })
    const writer = run.inlet('in').getWriter()
    for (let n = 0; n < 1000; n += 100) await writer.write(Array.from({ length: 100 }, (_, i) => ({ n: n + i })))
    await until(() => latest?.edges.find((one) => one.id === 'e1')?.taken === 1000, 'figures of both')
    expect(latest?.nodes.map((one) => one.id).sort()).toEqual(expect.arrayContaining(['here', 'in', 'there']))
    expect(latest?.nodes.map((one) => one.id).filter((id) => id.startsWith('cut.'))).toEqual([])
    for (const id of ['e0', 'e1']) {
      const edge = latest?.edges.find((one) => one.id === id)
      expect(edge).toMatchObject({ offered: 1000, taken: 1000, held: 0, dropped: 0 })
    }
    await writer.close()
    const rows = (await read) as { n: number }[]
    expect(rows.map((row) => row.n)).toEqual(Array.from({ length: 500 }, (_, i) => 2 * i))
    expect(await run.result).toMatchObject({ outcome: 'done' })
    watcher.close()
  })

  it('go on here when the server goes away, at any moment, no row lost or doubled', async () => {
    for (const moment of [0, 37, 900, 1999]) {
      const run = await engine.runParted(flow, ['there'], { outlets })
      const read = all(run.rows('here', 'match'))
      const writer = run.inlet('in').getWriter()
      for (let n = 0; n < 2000; n++) {
        if (n === moment) await server.goAway()
        await writer.write([{ n }])
      }
      await writer.close()
      const rows = (await read) as { n: number }[]
      expect(rows.map((row) => row.n)).toEqual(Array.from({ length: 1000 }, (_, i) => 2 * i))
      expect(await run.result).toMatchObject({ outcome: 'done' })
      await server.comeBack()
    }
  })

  it('wait for each other: who does not read stops the other part too', async () => {
    const endless = flowOf(
      [counting(2_000_000_000), { ...there, settings: { set: { m: 'row.id' } } }],
      [['count', 'there']]
    )
    const run = await engine.runParted(endless, ['there'], { outlets: [{ node: 'there', port: 'rows' }] })
    const reader = run.rows('there', 'rows').getReader()
    await reader.read()
    const watcher = run.local.watch()
    const made: number[] = []
    watcher.onMessage((message) => {
      const { nodes } = message.data as { nodes: { id: string; rowsOut: number }[] }
      if (message.type === 'metrics') made.push(nodes.find((one) => one.id === 'count')?.rowsOut ?? 0)
    })
    await watcher.ask('subscribe', { kind: 'metrics' })
    await until(() => made.length > 12 && made.at(-1) === made.at(-4), 'a source that stands still')
    expect(made.at(-1)).toBeLessThan(2_000_000)
    run.cancel()
    expect((await run.result).outcome).toBe('cancelled')
  })

  it('end together when one of them fails', async () => {
    const failing = flowOf(
      [{ id: 'read', typeId: 'files/csv-read', settings: { path: 'none.csv' } }, there],
      [['read', 'there']]
    )
    const run = await engine.runParted(failing, ['there'])
    expect((await run.result).outcome).toBe('failed')
  })

  it('refuse to be cut where that would not be right', () => {
    expect(() => partsOf(flow, ['none'])).toThrow(/no node 'none'/)
    const durable = { ...flow, edges: (flow.edges as object[]).map((edge) => ({ ...edge, guarantee: 'durable' })) }
    expect(() => partsOf(durable, ['there'])).toThrow(/durable/)
  })
})
