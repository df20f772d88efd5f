// Runs that end because something stopped them: who reads them is told, nobody waits for ever.
import { afterEach, describe, expect, it } from 'vitest'
import { LocalEngine, PlacedEngine, ServerEngine, WeirError, type Engine, type Execution } from '../src/index.ts'
import { all, counting, flowOf } from './flows.ts'
import { engineModule, hasModule } from './module.ts'
import { TestServer } from './test-server.ts'

const relay = flowOf(
  [
    { id: 'in', typeId: 'page/inlet' },
    { id: 'out', typeId: 'logic/filter', settings: { condition: 'true' } }
  ],
  [['in', 'out']]
)
const outlets = [{ node: 'out', port: 'match' }]
const remembering = flowOf(
  [
    { id: 'in', typeId: 'page/inlet' },
    { id: 'out', typeId: 'logic/filter', settings: { condition: 'true' } },
    { id: 'once', typeId: 'flow/deduplicate', settings: { key: 'row.n / 3' } }
  ],
  [
    ['in', 'out'],
    ['out.match', 'once']
  ]
)
const endless = flowOf([counting(100_000_000)], [])
const counted = [{ node: 'count', port: 'rows' }]

const circle: Record<string, unknown> = {}
circle.itself = circle
const deep: unknown = Array.from({ length: 600 }).reduce((inner: unknown) => [inner], 1)
const bad: [string, unknown, string][] = [
  ['half a character', { s: '\ud800' }, 'json.lone_surrogate'],
  ['a whole number that JSON does not have', { n: 2n ** 70n }, 'json.wrong_type'],
  ['a number', 5, 'schema.mismatch'],
  ['a function', () => 1, 'json.wrong_type'],
  ['a circle', circle, 'json.wrong_type'],
  ['too many levels', { deep }, 'json.too_deep']
]

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'none',
    (reason: unknown) => (reason instanceof WeirError ? reason.code : `no code: ${String(reason)}`)
  )

async function writeBad(run: Execution, row: unknown): Promise<{ write: string; rows: string }> {
  const rows = codeOf(all(run.rows('out', 'match')))
  const writer = run.inlet('in').getWriter()
  writer.closed.catch(() => undefined)
  await writer.write([{ n: 0 }])
  return { write: await codeOf(writer.write([row])), rows: await rows }
}

describe.skipIf(!hasModule)('A run whose inlet was given what is no row', () => {
  const opened: Engine[] = []
  const made = async (): Promise<LocalEngine> => {
    const engine = await LocalEngine.make(await engineModule())
    opened.push(engine)
    return engine
  }
  afterEach(() => {
    for (const engine of opened.splice(0)) engine.close()
  })

  it.each(bad)('has failed, and its readers are told: %s', async (_what, row, code) => {
    const run = await (await made()).run(relay, { outlets })
    expect(await writeBad(run, row)).toEqual({ write: code, rows: code })
    expect(await run.result).toMatchObject({ outcome: 'failed', exitCode: 1, error: { code } })
  })

  it.each(bad)('has failed in a run that may move, too: %s', async (_what, row) => {
    const run = await new PlacedEngine({ local: await made() }).run(relay, { outlets })
    const told = await writeBad(run, row)
    expect(told.write).not.toBe('none')
    expect(told.rows).toBe(told.write)
    expect(await codeOf(run.result)).toBe(told.write)
  })

  it('has failed in a run whose rows are kept for a move, too', async () => {
    const local = await made()
    const engine = new PlacedEngine({ local, server: () => Promise.reject(new WeirError('server.none', 'none')) })
    const run = await engine.run(remembering, { outlets })
    const told = await writeBad(run, { n: 2n ** 70n })
    expect(told.write).not.toBe('none')
    expect([told.rows, await codeOf(run.result)]).toEqual([told.write, told.write])
  })

  it('has failed at a server, too', async () => {
    const server = await TestServer.start()
    const engine = await ServerEngine.connect({ url: server.url, retryDelayMs: 5 })
    const run = await engine.run(relay, { outlets })
    const told = await writeBad(run, { n: 2n ** 70n })
    expect(told.write).not.toBe('none')
    expect(told.rows).toBe(told.write)
    expect(await run.result).toMatchObject({ outcome: 'failed', error: { code: told.write } })
    engine.close()
    await server.close()
  })
})

describe.skipIf(!hasModule)('A reader of a run', () => {
  it('of an engine that was closed gets an error, not an end', async () => {
    const engine = await LocalEngine.make(await engineModule())
    const run = await engine.run(endless, { outlets: counted })
    const batches = await engine.run(endless, { outlets: counted })
    const reader = run.rows('count', 'rows').getReader()
    await reader.read()
    const rest = codeOf(
      (async () => {
        for (let read = await reader.read(); !read.done; read = await reader.read());
      })()
    )
    const others = codeOf(all(batches.outlet('count', 'rows')))
    engine.close()
    expect(await Promise.all([rest, others])).toEqual(['run.cancelled', 'run.cancelled'])
    expect((await run.result).outcome).toBe('cancelled')
  })

  it('of a run that it cancelled itself gets an end, also when the engine is closed after it', async () => {
    const engine = await LocalEngine.make(await engineModule())
    const run = await engine.run(endless, { outlets: counted })
    const rows = codeOf(all(run.rows('count', 'rows')))
    run.cancel()
    engine.close()
    expect(await rows).toBe('none')
  })

  it('at a server gets an error when the client is closed, or when the server cancelled the run', async () => {
    const server = await TestServer.start()
    const engine = await ServerEngine.connect({ url: server.url, retryDelayMs: 5 })
    const stopped = await engine.run(endless, { outlets: counted })
    const closed = await engine.run(endless, { outlets: counted })
    const rows = [stopped, closed].map((run) => codeOf(all(run.rows('count', 'rows'))))
    await engine.stopRun(stopped.id)
    expect(await rows[0]).toBe('run.cancelled')
    engine.close()
    expect(await rows[1]).toBe('run.cancelled')
    expect((await closed.result).outcome).toBe('cancelled')
    await server.close()
  })
})
