// Runs on a server that was started for it: samples, tests of a draft, live runs, and the server going away and coming back.
import { rowsOf } from '@weir/engine-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ServerPlace } from '../../src/run/server-place.ts'
import { ended, flowText, make, ordersFlow, until } from './flows.ts'
import { hasServer, TestServer } from './server.ts'

/** make -> share -> say; one row fails. */
function sharesFlow(rows: number, rate: number): string {
  return flowText(
    [
      make(rows, { rate, batchRows: 10 }),
      { id: 'share', typeId: 'logic/map', settings: { set: { share: '100 / (row.id - 7)' } } },
      { id: 'say', typeId: 'debug/log', settings: { rows: 3 } }
    ],
    ['make>share', 'share>say']
  )
}

describe.skipIf(!hasServer)('a server as a place', () => {
  let server: TestServer
  let place: ServerPlace
  beforeAll(async () => {
    server = await TestServer.start()
    place = new ServerPlace(server.place())
  }, 60_000)
  afterAll(async () => {
    place.dispose()
    await server.end()
  })

  it('knows its nodes, and what is wrong with a document', async () => {
    expect((await place.nodes()).map(({ id }) => id)).toContain('sql/write')
    expect((await place.check(ordersFlow(1, 'row.')))[0]).toMatchObject({ code: 'cel.syntax', node: 'big' })
    expect(place).toMatchObject({ id: 'server', name: 'the server' })
  })

  it('runs a sample up to a node, without effects', async () => {
    const run = await place.start(ordersFlow(1_000_000), { kind: 'sample', sampleRows: 80 })
    const facts = await ended(run)
    expect(facts.status).toBe('done')
    expect(facts.rows).toBe(80)
    expect(run.figures.edge('e1', 'taken')).toBe(30)
    expect(((await run.rowsOf('big', 'match')) ?? []).flatMap(rowsOf)).toHaveLength(30)
    const [held] = await run.heldBack()
    expect(held).toMatchObject({ node: 'out', what: 'write out.csv' })
    expect(held?.rows).toHaveLength(30)
    run.dispose()
  }, 60_000)

  it('starts a live run of the flow that it keeps, shows it, and leaves it going on', async () => {
    const text = sharesFlow(0, 200)
    await server.ask('POST', '/flows', JSON.parse(text))
    await server.ask('POST', '/flows/orders/versions', { publish: true })
    const run = await place.start(text, { kind: 'live' })
    expect(run).toMatchObject({ kind: 'live', label: 'Live', place: 'the server' })
    await until(() => run.facts.getState().rows > 20, 'rows of the live run')
    expect(run.facts.getState().status).toBe('running')
    expect(run.figures.edge('e0', 'taken')).toBeGreaterThan(10)
    const tap = await run.tap({ edge: 'e0' })
    const reader = tap.batches.getReader()
    const { value } = await reader.read()
    expect(value?.rows).toBeGreaterThan(0)
    await tap.close()
    const breakpoint = await run.addBreakpoint({ edge: 'e1', where: 'row.id % 50 == 0' })
    await until(() => run.facts.getState().held.length === 1, 'a row is held')
    const [held] = run.facts.getState().held
    await run.goOn(held?.held ?? 0, { ...held?.row, value: 0.5 })
    await run.removeBreakpoint(breakpoint)
    await until(() => run.facts.getState().status === 'running', 'the row went on')
    const shown = await place.show(run.id, text, 'Live 1.4.0')
    run.dispose()
    await until(() => shown.facts.getState().rows > 60, 'the run goes on')
    shown.cancel()
    // What is under way is finished.
    expect((await ended(shown)).status).toBe('done')
    shown.dispose()
  }, 90_000)

  it('tests the draft that the server keeps, and says what failed', async () => {
    const text = sharesFlow(20, 0).replace('"orders"', '"shares"')
    await server.ask('POST', '/flows', JSON.parse(text))
    const run = await place.start(text, { kind: 'test' })
    const facts = await ended(run)
    expect(facts).toMatchObject({ status: 'done', aside: 1 })
    expect(facts.failures[0]).toMatchObject({ code: 'cel.divide_by_zero', node: 'share', count: 1 })
    expect(await run.deadLetters()).toHaveLength(1)
    expect(await run.rowsOf('share', 'rows')).toBeUndefined()
    run.dispose()
    await expect(place.start(ordersFlow().replace('"orders"', '"nobody"'), { kind: 'live' })).rejects.toMatchObject({
      message: expect.stringContaining('nobody') as string
    })
  }, 60_000)

  it('checks, completes and computes formulas as a page does', async () => {
    const fields = [{ name: 'id', type: 'int' }]
    expect(await place.checkFormula('row.id + 1', fields, 'int')).toEqual({ type: 'int', problems: [] })
    expect((await place.checkFormula('row.di', fields)).problems[0]).toMatchObject({ from: 4, to: 6 })
    expect(await place.evaluate('row.id + 1', [{ id: 1 }], fields)).toEqual([{ value: 2 }])
    expect((await place.completions('row.', 4, fields)).map(({ label }) => label)).toEqual(['id'])
    expect((await place.completions("'a'.up", 6, [])).map(({ label }) => label)).toEqual(['upperAscii'])
    expect(await place.evaluate("timestamp('2026-07-01T00:00:00Z').getHours('Europe/Paris')", [{}])).toEqual([
      { value: 2 }
    ])
  }, 60_000)

  it('says when it is gone, and when it is back', async () => {
    expect(await place.look()).toBe(true)
    await server.stop()
    expect(await place.look()).toBe(false)
    expect(place.away.getState().reason).toMatch(/^the server: /)
    await expect(place.start(ordersFlow(), { kind: 'sample' })).rejects.toBeInstanceOf(Error)
    await server.again()
    await until(() => place.away.getState().reason === '', 'the server is back')
    expect((await place.nodes()).length).toBeGreaterThan(10)
  }, 90_000)
})
