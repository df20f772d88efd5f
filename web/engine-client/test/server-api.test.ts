// ServerEngine against the platform's own API (service/api in C++): the client and the server of one release agree.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FlowError, PlacedEngine, LocalEngine, Placement, ServerEngine } from '../src/index.ts'
import { ApiServer } from './api-server.ts'
import { all, counting, flowOf } from './flows.ts'
import { engineModule } from './module.ts'

const fixed = { startTime: '2026-01-01T00:00:00Z' }
const doubled = { id: 'double', typeId: 'logic/map', settings: { set: { twice: 'row.id * 2' } } }
const doubling = (rows: number): Record<string, unknown> =>
  flowOf([counting(rows, fixed), doubled], [['count', 'double']])
const outlets = [{ node: 'double', port: 'rows' }]
const ids = (rows: unknown[]): number[] => (rows as { id: number }[]).map((row) => row.id)

describe('ServerEngine and service/api', () => {
  let server: ApiServer
  let engine: ServerEngine
  beforeEach(async () => {
    server = await ApiServer.start()
    engine = await ServerEngine.connect({ url: server.url, retryDelayMs: 5, timeoutMs: 5000 })
  })
  afterEach(async () => {
    engine.close()
    await server.close()
  })

  it('agree on health, capabilities, nodes and documents', async () => {
    expect(await engine.health()).toMatchObject({ status: 'ok' })
    expect(engine.capabilities.supportedNodeTypes).toContain('logic/map')
    expect((await engine.nodes()).map((type) => type.id)).toContain('logic/map')
    expect(await engine.format(doubling(1))).toContain('"logic/map"')
    await expect(engine.format('{')).rejects.toBeInstanceOf(FlowError)
    expect((await engine.validate(doubling(1))).problems.filter((one) => one.severity === 'error')).toEqual([])
    const here = await Placement.of(engine, { server: engine.capabilities })
    expect(here.advise(doubling(1)).place).toBe('here')
  })

  it('run a flow: its rows, its result, and what is wrong with a document', async () => {
    const run = await engine.run(doubling(1000), { outlets, seed: 3, runId: 'mine' })
    expect(ids(await all(run.rows('double', 'rows')))).toEqual(Array.from({ length: 1000 }, (_, i) => i))
    expect(await run.result).toMatchObject({ outcome: 'done', exitCode: 0 })
    expect((await engine.runs()).map((one) => one.id)).toContain(run.id)
    const failure = await engine.run(flowOf([{ id: 'x', typeId: 'none/such' }], [])).catch((one: unknown) => one)
    expect(failure).toBeInstanceOf(FlowError)
    const messages = await all(engine.execute(doubling(100), { outlets }))
    expect(messages.at(-1)).toMatchObject({ type: 'execution-update', data: { status: 'done' } })
  })

  it('lose no event and double none over broken connections', async () => {
    const run = await engine.run(doubling(40_000), { outlets })
    const rows: unknown[] = []
    let broken = 0
    for await (const row of run.rows('double', 'rows')) {
      rows.push(row)
      if (rows.length % 9000 !== 0) continue
      broken += 1
      server.breakConnections()
    }
    expect(broken).toBe(4)
    expect(ids(rows)).toEqual(Array.from({ length: 40_000 }, (_, i) => i))
    expect((await run.result).outcome).toBe('done')
  })

  it('cancel a run, and one whose reader has left', async () => {
    const run = await engine.run(doubling(1_000_000_000), { outlets })
    const reader = run.rows('double', 'rows').getReader()
    await reader.read()
    run.cancel()
    expect((await run.result).outcome).toBe('cancelled')
    const other = await engine.run(doubling(1_000_000_000), { outlets })
    other.dispose()
    expect((await other.result).outcome).toBe('cancelled')
  })

  it('move a run there, which goes on here when the server goes away', async () => {
    const local = await LocalEngine.make(await engineModule())
    const placed = new PlacedEngine({ local, server: () => Promise.resolve(engine) })
    const run = await placed.run(doubling(300_000), { outlets })
    const rows: unknown[] = []
    for await (const row of run.rows('double', 'rows')) {
      rows.push(row)
      if (rows.length === 1000) await run.moveToServer()
      if (rows.length === 1000) expect(run.place).toBe('server')
      if (rows.length === 20_000) await server.close()
    }
    expect(run.place).toBe('here')
    expect(ids(rows)).toEqual(Array.from({ length: 300_000 }, (_, i) => i))
    await run.result
    server = await ApiServer.start()
  })
})
