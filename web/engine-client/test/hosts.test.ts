// What the engine asks of a place, one by one: clock, randomness, state, log, and memory that is not there.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { withMostPages } from '../../demo/test/trapping-module.ts'
import { EngineFault, LocalEngine, MemoryFiles, MemoryState, type PlaceOptions } from '../src/index.ts'
import { engineModule, hasModule } from './module.ts'
import { brokenPromises } from './state-contract.ts'

const node = (id: string, typeId: string, settings: object): object => ({ id, typeId, version: '1.0.0', settings })
const edge = (from: string, to: string): object => ({
  id: `${from}-${to}`,
  source: { node: from, port: 'rows' },
  target: { node: to, port: 'rows' }
})
const flow = (nodes: object[], edges: object[] = [], config: object = {}): Record<string, unknown> => ({
  id: 'hosts',
  version: '1.0.0',
  config,
  nodes,
  edges
})

describe('R18: state in memory', () => {
  it('keeps the contract of stores', async () => {
    expect(await brokenPromises(new MemoryState(), 'f')).toEqual([])
  })
})

describe.skipIf(!hasModule)('A place', () => {
  async function rowsOf(document: object, from: string, place: PlaceOptions = {}, seed?: number): Promise<unknown[]> {
    const engine = await LocalEngine.make(await engineModule(), place)
    const run = await engine.run(document as Record<string, unknown>, {
      outlets: [{ node: from, port: 'rows' }],
      ...(seed !== undefined && { seed })
    })
    const rows: unknown[] = []
    for await (const row of run.rows(from, 'rows')) rows.push(row)
    const { error } = await run.result
    if (error) throw new Error(`${error.code}: ${error.message}`)
    return rows
  }

  const drawn = flow([
    node('draw', 'generate/pattern', { pattern: 'random', rows: 5, startTime: '2026-01-31T10:00:00Z' })
  ])

  it('draws the same numbers for the same seed', async () => {
    const first = await rowsOf(drawn, 'draw', {}, 7)
    expect(await rowsOf(drawn, 'draw', {}, 7)).toEqual(first)
    expect(await rowsOf(drawn, 'draw', {}, 8)).not.toEqual(first)
  })

  it('gives the clock that rows are stamped with', async () => {
    const at = Date.parse('2026-01-31T10:00:00Z')
    const set = { year: 'timestamp(now).getFullYear()', hour: 'timestamp(now).getHours()' }
    const stamped = flow(
      [node('draw', 'generate/pattern', { pattern: 'sequential', rows: 1 }), node('map', 'logic/map', { set })],
      [edge('draw', 'map')]
    )
    expect(await rowsOf(stamped, 'map', { now: () => at })).toMatchObject([{ year: 2026, hour: 10 }])
  })

  it('hears what nodes log, with the node and the level', async () => {
    const heard: string[] = []
    const logged = flow(
      [node('draw', 'generate/pattern', { pattern: 'sequential', rows: 2 }), node('show', 'debug/log', {})],
      [edge('draw', 'show')]
    )
    await rowsOf(logged, 'draw', { log: (level, from, message) => heard.push(`${level} ${from} ${message}`) })
    expect(heard.filter((line) => line.startsWith('info show'))).toHaveLength(2)
  })

  it('says what it does not have', async () => {
    const read = flow([node('read', 'files/csv-read', { path: 'a.csv' })])
    await expect(rowsOf(read, 'read')).rejects.toThrow('host.missing: this place has no files')
  })

  const lines = Array.from({ length: 60_000 }, (_, i) => `${i},${'text '.repeat(10)}${i}\n`).join('')
  const sorting = (memoryBytes: number): Record<string, unknown> =>
    flow(
      [
        node('read', 'files/csv-read', { path: 'in.csv' }),
        node('sort', 'aggregate/sort', { keys: [{ field: 'text', descending: true }] }),
        node('write', 'files/csv-write', { path: 'out.csv' })
      ],
      [edge('read', 'sort'), edge('sort', 'write')],
      { limits: { memoryBytes } }
    )

  it('ends a run that has too little memory with an error that says so', async () => {
    const files = new MemoryFiles()
    files.put('in.csv', `id,text\n${lines}`)
    const engine = await LocalEngine.make(await engineModule(), { files })
    const { outcome, error } = await (await engine.run(sorting(300_000))).result
    expect(outcome).toBe('limit')
    expect(error).toMatchObject({ code: 'memory.limit' })
    expect(error?.message).toContain('300000')
    // The engine goes on with other runs.
    expect((await (await engine.run(sorting(256 << 20))).result).outcome).toBe('done')
  })

  it('says that the memory of the module is gone, and does not only trap', async () => {
    const path = new URL('../../../build/wasm/weir.wasm', import.meta.url)
    const files = new MemoryFiles()
    files.put('in.csv', `id,text\n${lines.repeat(12)}`)
    const seen: string[] = []
    for (const pages of [64, 96, 160, 256]) {
      const module = await WebAssembly.compile(withMostPages(readFileSync(path), pages))
      try {
        const engine = await LocalEngine.make(module, { files })
        const { outcome, error } = await (await engine.run(sorting(1 << 30))).result
        seen.push(outcome === 'done' ? 'done' : `${error?.code ?? ''}: ${error?.message ?? ''}`)
      } catch (reason) {
        seen.push(reason instanceof EngineFault ? reason.message : String(reason))
      }
    }
    for (const one of seen) expect(one).toMatch(/memory|do not fit|done/)
    expect(seen).toContainEqual(expect.stringMatching(/memory|do not fit/))
    expect(seen.join()).not.toContain('unreachable')
  })
})
