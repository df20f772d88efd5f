// Runs as the canvas shows them, over an engine in this thread.
import { FlowError, rowsOf } from '@weir/engine-client'
import { describe, expect, it } from 'vitest'
import { problemsOf } from '../../src/run/engine-place.ts'
import { ended, files, flowText, hasModule, localPlace, make, ordersFlow, until } from './flows.ts'

const rowsIn = (batches: readonly Parameters<typeof rowsOf>[0][] | undefined): unknown[] =>
  (batches ?? []).flatMap(rowsOf)

const written = (disk: ReturnType<typeof files>): string[] =>
  disk.list('.').map(({ path }) => path.replace(/^.*[:/]/, ''))

describe.skipIf(!hasModule)('a run in this thread', () => {
  it('writes and ends with its result, its figures and the rows of its ends', async () => {
    const disk = files()
    const place = localPlace({ files: disk })
    const run = await place.start(ordersFlow(), { kind: 'live' })
    const facts = await ended(run)
    expect(facts).toMatchObject({ status: 'done', rows: 100, rate: 0, aside: 0, dropped: 0, failures: [] })
    expect(facts.result?.outcome).toBe('done')
    expect(facts.documentText).toBe(ordersFlow())
    expect(run).toMatchObject({ kind: 'live', label: 'Live', place: 'This thread' })
    expect(run.figures.node('make', 'rowsOut')).toBe(100)
    expect(run.figures.node('out', 'rowsIn')).toBe(50)
    expect(run.figures.edge('e1', 'taken')).toBe(50)
    expect(run.figures.edge('e1', 'rate')).toBe(0)
    expect(written(disk)).toEqual(['out.csv'])
    expect(rowsIn(await run.rowsOf('big', 'match'))).toHaveLength(50)
    expect(await run.rowsOf('nobody', 'rows')).toBeUndefined()
    run.dispose()
  })

  it('runs up to a node, and nothing else', async () => {
    const place = localPlace({ files: files() })
    const run = await place.start(ordersFlow(), { kind: 'test', upTo: 'big' })
    expect(run.label).toBe('Test of draft up to big')
    await ended(run)
    expect(run.figures.hasNode('big')).toBe(true)
    expect(run.figures.hasNode('out')).toBe(false)
    expect(rowsIn(await run.rowsOf('big', 'rest'))).toHaveLength(50)
    run.dispose()
    await expect(place.start(ordersFlow(), { kind: 'test', upTo: 'nobody' })).rejects.toMatchObject({
      code: 'flow.unknown_node'
    })
  })

  it('a sample has few rows of its sources, the rows of every port, and no effects', async () => {
    const disk = files()
    const place = localPlace({ files: disk })
    const run = await place.start(ordersFlow(1_000_000), { kind: 'sample', sampleRows: 80 })
    const facts = await ended(run)
    expect(facts.status).toBe('done')
    expect(rowsIn(await run.rowsOf('make', 'rows'))).toHaveLength(80)
    expect(rowsIn(await run.rowsOf('big', 'match'))).toHaveLength(30)
    expect(rowsIn(await run.rowsOf('big', 'rest'))).toHaveLength(50)
    expect(written(disk)).toEqual([])
    expect(run.figures.hasNode('make~sample')).toBe(false)
    const [held] = await run.heldBack()
    expect(held).toMatchObject({ node: 'out', what: 'write out.csv' })
    expect(held?.rows).toHaveLength(30)
    run.dispose()
  })

  it('a sample of many files has rows of the first, the one in the middle and the last', async () => {
    const names = Array.from({ length: 9 }, (_, i) => `orders/${String(i + 1)}.csv`)
    const rows = Array.from({ length: 50 }, (_, i) => String(i)).join('\n')
    const disk = files()
    for (const [i, name] of names.entries()) disk.put(name, `file,n\n${rows.replace(/^/gm, `${String(i + 1)},`)}\n`)
    const read = { id: 'read', typeId: 'files/csv-read', settings: { path: 'orders/*.csv' } }
    const text = flowText([read, { id: 'big', typeId: 'logic/filter', settings: { condition: 'true' } }], ['read>big'])
    const run = await localPlace({ files: disk }).start(text, { kind: 'sample', sampleRows: 10 })
    const facts = await ended(run)
    expect(facts).toMatchObject({ status: 'done', failures: [] })
    const seen = rowsIn(await run.rowsOf('big', 'match')).map((row) => (row as { file: number }).file)
    expect(seen).toHaveLength(30)
    expect(new Set(seen)).toEqual(new Set([1, 5, 9]))
    expect(rowsIn(await run.rowsOf('read', 'rows'))).toHaveLength(30)
    run.dispose()
  })

  it('does once what it held back', async () => {
    const disk = files()
    const run = await localPlace({ files: disk }).start(ordersFlow(), { kind: 'test', preview: true, writes: ['out'] })
    await ended(run)
    expect(await run.heldBack()).toEqual([])
    expect(written(disk)).toEqual(['out.csv'])
    run.dispose()
  })

  it('counts failures by their cause, however many there are', async () => {
    const text = flowText(
      [make(3000), { id: 'share', typeId: 'logic/map', settings: { set: { share: '1 / (row.id % 2)' } } }],
      ['make>share'],
      { config: { maxErrors: 5000 } }
    )
    const run = await localPlace().start(text, { kind: 'test', parameters: {} })
    const facts = await ended(run)
    expect(facts.aside).toBe(1500)
    expect(facts.failures).toHaveLength(1)
    expect(facts.failures[0]).toMatchObject({ code: 'cel.divide_by_zero', node: 'share', count: 1500 })
    expect((await run.deadLetters()).length).toBe(1000)
    run.dispose()
  })

  it('tells what stands in its way before it starts', async () => {
    const wrong = ordersFlow(10, 'row.nothing >')
    const refused = await localPlace()
      .start(wrong, { kind: 'sample' })
      .catch((reason: unknown) => reason)
    expect(refused).toBeInstanceOf(FlowError)
    expect(problemsOf(refused)[0]?.code).toBe('cel.syntax')
    expect(problemsOf(new Error('else'))).toEqual([])
    const found = await localPlace().check(wrong)
    expect(found[0]).toMatchObject({ code: 'cel.syntax', node: 'big' })
    await expect(localPlace().start('{', { kind: 'test' })).rejects.toBeInstanceOf(FlowError)
  })

  it('stops when it is told to, and says what holds it up', async () => {
    const text = flowText(
      [
        make(0, { rate: 0 }),
        { id: 'slow', typeId: 'flow/throttle', settings: { rowsPerSecond: 5 } },
        { id: 'say', typeId: 'debug/log', settings: { rows: 2 } }
      ],
      ['make>slow', 'slow>say']
    )
    const run = await localPlace().start(text, { kind: 'test' })
    await until(() => run.facts.getState().heldUpBy === 'slow', 'the slow node holds it up')
    expect(run.figures.edge('e0', 'fill')).toBeGreaterThan(0.5)
    expect(run.facts.getState().status).toBe('running')
    await until(() => run.log.getState().lines.some(({ node }) => node === 'say'), 'lines of its node')
    run.cancel()
    expect(run.facts.getState().status).toBe('stopping')
    expect((await ended(run)).status).toBe('cancelled')
    run.cancel()
    run.dispose()
    run.dispose()
  })

  it('holds rows at breakpoints, lets them go as they are or edited, and taps edges', async () => {
    const text = flowText(
      [make(5), { id: 'twice', typeId: 'logic/map', settings: { set: { twice: 'row.id * 2' } } }],
      ['make>twice']
    )
    const run = await localPlace().start(text, { kind: 'test', breakpoints: [{ edge: 'e0', where: 'row.id == 3' }] })
    await until(() => run.facts.getState().held.length === 1, 'a row is held')
    expect(run.facts.getState().status).toBe('held')
    const [held] = run.facts.getState().held
    await run.goOn(held?.held ?? 0, { ...held?.row, id: 30 })
    const facts = await ended(run)
    expect(facts).toMatchObject({ status: 'done', held: [] })
    expect(rowsIn(await run.rowsOf('twice', 'rows')).map((row) => (row as { twice: number }).twice)).toContain(60)
    await expect(run.addBreakpoint({ edge: 'nobody' })).rejects.toBeInstanceOf(Error)
    await expect(run.tap({ edge: 'nobody' })).rejects.toBeInstanceOf(Error)
    run.dispose()
  })

  it('a sample of a source that goes on and on has an end', async () => {
    const text = flowText([make(0, { rate: 10 })], [])
    const run = await localPlace().start(text, { kind: 'sample', sampleRows: 1000 })
    expect((await ended(run)).status).toBe('done')
    expect(run.log.getState().lines[0]?.message).toContain('the sample ended')
    run.dispose()
  }, 60_000)
})
