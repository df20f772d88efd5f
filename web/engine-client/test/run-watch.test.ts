// Taps and the debugger by name, here and on a server; frames of rows that are damaged do no harm.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import {
  BatchAssembler,
  LocalEngine,
  rowsOf,
  RunWatch,
  ServerEngine,
  WeirError,
  type Engine,
  type Frame,
  type LiveSocket
} from '../src/index.ts'
import { flowOf, until } from './flows.ts'
import { engineModule } from './module.ts'
import { TestServer } from './test-server.ts'

const inlet = { id: 'in', typeId: 'page/inlet' }
const kinds = {
  whole: 'row.n',
  half: 'double(row.n) / 2.0',
  text: "'text ' + string(row.n)",
  few: "row.n % 2 == 0 ? 'even' : 'odd'",
  flag: 'row.n % 3 == 0',
  maybe: 'row.n % 2 == 0 ? row.n : null',
  list: '[row.n, row.n + 1]',
  inner: "{'a': row.n, 'b': string(row.n)}",
  at: "timestamp('2026-01-01T00:00:00Z')",
  long: "duration('1.5s')",
  none: 'null'
}
const flow = flowOf(
  [inlet, { id: 'map', typeId: 'logic/map', settings: { set: kinds } }, { id: 'out', typeId: 'page/outlet' }],
  [
    ['in', 'map'],
    ['map', 'out']
  ]
)
const outlets = [{ node: 'out', port: 'rows' }]
const numbers = (count: number): { n: number }[] => Array.from({ length: count }, (_, n) => ({ n }))

describe('RunWatch', async () => {
  const module = await engineModule()
  let server: TestServer
  const engines: Record<string, () => Promise<Engine>> = {
    here: () => LocalEngine.make(module),
    'on a server': () =>
      ServerEngine.connect({ url: server.url, openSocket: (url) => new WebSocket(url) as unknown as LiveSocket })
  }
  beforeAll(async () => {
    server = await TestServer.start()
  })
  afterAll(async () => {
    await server.close()
  })

  it.each(Object.keys(engines))('a tap has the rows as an outlet has them, of every kind: %s', async (place) => {
    const engine = await engines[place]?.()
    if (!engine) return
    const run = await engine.run(flow, { outlets })
    const watch = new RunWatch(run)
    const tap = await watch.tap({ edge: 'e1', where: 'row.n >= 5' })
    const writer = run.inlet('in').getWriter()
    const outlet = run.outlet('out', 'rows').getReader()
    const tapped = tap.batches.getReader()
    await writer.write(numbers(20))
    const expected = rowsOf(
      (await outlet.read()).value ?? { rows: 0, columns: [], buffer: new ArrayBuffer(0), bytes: 0 }
    )
    const rows: Record<string, unknown>[] = []
    while (rows.length < 15)
      rows.push(
        ...rowsOf((await tapped.read()).value ?? { rows: 0, columns: [], buffer: new ArrayBuffer(0), bytes: 0 })
      )
    expect(rows.map((row) => row.n)).toEqual(Array.from({ length: 15 }, (_, i) => i + 5))
    // On a server an outlet has what JSON says; a tap has columns in both places.
    if (place === 'here') expect(rows).toEqual(expected.slice(5))
    expect(rows[1]).toMatchObject({ whole: 6, half: 3, text: 'text 6', few: 'even', flag: true, maybe: 6, none: null })
    expect(rows[0]).toMatchObject({ maybe: null, list: [5, 6], inner: { a: 5, b: '5' }, flag: false, few: 'odd' })
    expect(await tap.close()).toMatchObject({ passed: 20, matched: 15, shown: 15 })
    await expect(watch.tap({ edge: 'none' })).rejects.toBeInstanceOf(WeirError)
    await expect(watch.tap({ edge: 'e1', where: 'row.' })).rejects.toBeInstanceOf(WeirError)
    run.dispose()
    watch.close()
  })

  it.each(Object.keys(engines))('rows are held, shown, changed, stepped and let go: %s', async (place) => {
    const engine = await engines[place]?.()
    if (!engine) return
    const run = await engine.run(flow, { outlets })
    const watch = new RunWatch(run)
    const breakpoint = await watch.addBreakpoint({ node: 'map', where: 'row.n == 2' })
    expect(await watch.breakpoints()).toMatchObject([{ breakpoint, node: 'map', where: 'row.n == 2' }])
    const writer = run.inlet('in').getWriter()
    void writer.write(numbers(5)).then(() => writer.close())
    const rows: Record<string, unknown>[] = []
    const read = (async () => {
      for await (const row of run.rows('out', 'rows')) rows.push(row as Record<string, unknown>)
    })()
    const heldOne = async (): Promise<{ held: number; target: string; row: Record<string, unknown> }> => {
      await until(async () => (await watch.held()).length === 1, 'a held row')
      const [found] = await watch.held()
      if (!found) throw new Error('it went')
      return found
    }
    const first = await heldOne()
    expect(first).toMatchObject({ target: 'map', row: { n: 2 } })
    await watch.change(first.held, { n: 20 })
    await watch.step(first.held)
    const second = await heldOne()
    expect(second).toMatchObject({ target: 'out', row: { n: 20, half: 10 } })
    await watch.resume(breakpoint)
    await read
    expect(rows.map((row) => row.n)).toEqual([0, 1, 20, 3, 4])
    expect((await run.result).outcome).toBe('done')
    watch.close()
  })

  it('damaged frames are errors with a code, whatever bytes they hold', async () => {
    const engine = await LocalEngine.make(module)
    const run = await engine.run(flow, { outlets })
    const frames: Frame[] = []
    const watcher = run.watch()
    watcher.onFrame?.((frame) => frames.push({ ...frame, payload: frame.payload.slice() }))
    await watcher.ask('subscribe', { kind: 'tap', edge: 'e1' })
    await run.inlet('in').getWriter().write(numbers(50))
    await until(() => frames.some((frame) => frame.kind === 3), 'rows')
    run.dispose()
    expect(() => new BatchAssembler().take(frames.at(-1) as Frame)).toThrow(/before their schema/)
    let state = 7
    const next = (below: number): number => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0
      return Math.floor((state / 2 ** 32) * below)
    }
    let refused = 0
    for (let round = 0; round < 3000; round++) {
      const assembler = new BatchAssembler()
      const damaged = next(frames.length)
      try {
        frames.forEach((frame, i) => {
          const payload = frame.payload.slice(
            0,
            i === damaged && round % 3 === 0 ? next(frame.payload.length) : undefined
          )
          if (i === damaged) for (let j = 0; j < 1 + next(4); j++) payload[next(payload.length)] = next(256)
          const batch = assembler.take({ ...frame, payload })
          if (batch) rowsOf(batch)
        })
      } catch (reason) {
        refused += 1
        expect(reason).toBeInstanceOf(WeirError)
      }
    }
    expect(refused).toBeGreaterThan(500)
  })
})
