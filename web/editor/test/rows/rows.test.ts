// Rows by number: what a condition changes, what a table says of itself, what a total is made of, and equations that add up.
import { describe, expect, it } from 'vitest'
import { changesBetween, differenceWords, FateBook } from '../../src/formula/fates.ts'
import { rowsInFront } from '../../src/formula/fate-result.tsx'
import { exactLine, headLine } from '../../src/panels/data/head-line.ts'
import { OverAll } from '../../src/panels/data/over-all.ts'
import { RowTable } from '../../src/panels/data/row-table.ts'
import { heldRows } from '../../src/panels/data/use-edge-rows.ts'
import { whyEmpty, whyWaiting } from '../../src/panels/data/why-empty.ts'
import { nodeEquation } from '../../src/panels/edge/equation.ts'
import { equationAt } from '../../src/panels/node/node-equation.tsx'
import { droppedOn } from '../../src/page/shell/run-line.tsx'
import { rowsBehind } from '../../src/run/rows-behind.ts'
import type { CellText } from '../../src/run/rows-behind.ts'
import { sameRow } from '../../src/run/row-search.ts'
import { ended, files, flowText, hasModule, localPlace, make } from '../places/flows.ts'
import { FakePlace, FakeRun, orderBatch } from '../panels/fake-place.ts'
import { kOrdersFlow, ordersSession } from '../panels/orders-flow.ts'
import { schemasOfNodes } from '../panels/schemas.ts'

const schemas = schemasOfNodes()
const never = (): boolean => false

describe('a condition', () => {
  const table = new RowTable([orderBatch(300)])
  const fields = table.columns.map(({ name, type }) => ({ name, type }))

  it('is compared row by row with the one before', async () => {
    const book = new FateBook(new FakePlace(), table, fields)
    const before = await book.of('row.status == "paid"', never)
    const after = await book.of('row.status == "paid" && row.quantity > 5', never)
    if (before === undefined || after === undefined) throw new Error('nothing was found')
    const changes = changesBetween(before, after)
    expect([before.kept, after.kept]).toEqual([225, 225 - changes.length])
    expect(changes.every(({ from, to }) => from === 'kept' && to === 'dropped')).toBe(true)
    expect(differenceWords(before, after, changes, 'before')).toBe(`${changes.length} fewer than before`)
    expect(rowsInFront({ after, changes })).toEqual(changes)
    expect(differenceWords(before, before, [], 'before')).toBe('the same rows as before')
    expect(rowsInFront({ after, changes: [] }).length).toBeGreaterThan(2)
  })

  it('that was not there kept all, and one that fails on rows is a fate of its own', async () => {
    const book = new FateBook(new FakePlace(), table, fields)
    const [none, fails] = [await book.of('', never), await book.of('row.quantity', never)]
    if (none === undefined || fails === undefined) throw new Error('nothing was found')
    expect(none.kept).toBe(300)
    expect([fails.kept, fails.failed, fails.reasons.get(0)]).toEqual([0, 300, 'division by zero'])
    const changes = changesBetween(none, fails)
    expect(changes[0]).toEqual({ row: 0, from: 'kept', to: 'failed' })
    expect(differenceWords(none, fails, changes, 'without a condition')).toBe('300 fewer than without a condition')
  })

  it('is not asked on when nobody waits for it', async () => {
    const many = new RowTable([orderBatch(3000)])
    expect(await new FateBook(new FakePlace(), many, fields).of('row.quantity > 1', () => true)).toBeUndefined()
  })
})

describe('a table', () => {
  const table = new RowTable([orderBatch(200)])
  const base = { table, sample: '', given: undefined, why: '', problem: '' }
  const tap = { passed: 52_431_870, seen: 1_241_774, matched: 31_044, shown: 200, failed: 0 }

  it('says how many of how many it shows, and what is not exact', () => {
    const state = { ...base, counts: tap, source: 'tap' as const }
    expect(headLine(state, 'x')).toBe('showing 200 of 31,044 matches in 1,241,774 seen, ≈\u200952.4\u2009M passed')
    expect(exactLine(state, 'x')).toBe('showing 200 of 31,044 matches in 1,241,774 seen, 52,431,870 passed')
    expect(headLine({ ...state, counts: { ...tap, failed: 3 } }, 'x')).toContain('the condition fails on 3')
    expect(headLine({ ...base, counts: undefined, source: 'kept', given: 4100 }, '')).toBe('showing 200 of 4,100')
    expect(headLine({ ...base, counts: undefined, source: 'kept' }, '')).toBe('showing 200 kept')
    const within = { passed: 300, seen: 300, matched: 200, shown: 200, failed: 0 }
    expect(headLine({ ...base, counts: within, source: 'kept', given: 4100 }, 'x')).toBe(
      'showing 200 of 200 matches in 300 kept, 4,100 passed'
    )
  })

  it('says of a condition whether all rows are held', () => {
    const kept = { ...base, counts: undefined, source: 'kept' as const }
    expect(heldRows({ ...kept, given: 200 }, false)).toMatchObject({ whole: true, words: 'of all 200 rows' })
    expect(heldRows({ ...kept, given: 900 }, false).words).toBe('of the first 200 of 900 rows')
    expect(heldRows({ ...kept, sample: 'sample, 3 of 10,000 files' }, true).words).toBe(
      'of the 200 rows of the sample, 3 of 10,000 files'
    )
    expect(heldRows({ ...kept, source: 'tap', counts: tap }, false).words).toBe('of the newest 200 of 52,431,870 rows')
  })

  it('that is empty says why', () => {
    const session = ordersSession(schemas)
    const run = new FakeRun('test', 'Test', 'done')
    const at = { node: 'paid', port: 'match', edge: 'e2' }
    expect(whyEmpty(session, run, at)).toBe('No row came to Paid orders, so none left it.')
    run.figures.write([{ id: 'paid', rowsIn: 300, rowsOut: 0, failed: 2 }], [])
    expect(whyEmpty(session, run, at)).toBe(
      'All filtered: 300 rows came to Paid orders, 2 of them set aside, and none left it by match.'
    )
    run.figures.write([{ id: 'paid', failed: 300 }], [])
    expect(whyEmpty(session, run, at)).toContain('All 300 rows that came to Paid orders failed')
    expect(whyEmpty(session, run, { ...at, node: 'read', port: 'rows' })).toBe('Read CSV found no rows.')
    expect(whyWaiting(session, 'sum')).toBe('At the end only: Revenue by region gives its rows when all have come.')
    expect(whyWaiting(session, 'net')).toBe('Waiting for rows from Net price.')
    session.do([{ op: 'remove', kind: 'edges', id: 'e1' } as never], 'Cut')
    expect(whyWaiting(session, 'net')).toBe(
      'Not connected: nothing leads to Paid orders, from which Net price has its rows.'
    )
    session.dispose()
  })

  it('finds a row again by its cells, without times that a clock gave', () => {
    expect(sameRow(table, 3)).toContain('row.id == 5240003 && row.status == "open"')
    expect(sameRow(table, 3)).not.toContain('timestamp')
    expect(sameRow(new RowTable([]), 0)).toBe('true')
  })
})

describe('a total', () => {
  const cells =
    (row: Record<string, string>): CellText =>
    (column) =>
      row[column] === undefined ? undefined : { cel: JSON.stringify(row[column]), words: row[column] }

  it('leads to the rows that have its keys, also through what only sorts it', () => {
    const flow = structuredClone(kOrdersFlow) as { nodes: object[]; edges: object[] }
    flow.nodes.push({
      id: 'best',
      typeId: 'aggregate/sort',
      version: '1.0.0',
      settings: { keys: [{ field: 'revenue' }] }
    })
    flow.edges.push({ id: 'e5', source: { node: 'sum', port: 'rows' }, target: { node: 'best', port: 'rows' } })
    const session = ordersSession(schemas, flow)
    const wanted = { edge: 'e3', where: 'row.region == "north"', words: 'region is north', from: 'Net price' }
    expect(rowsBehind(session, 'sum', cells({ region: 'north' }))).toEqual({ behind: [wanted], why: '' })
    expect(rowsBehind(session, 'best', cells({ region: 'north' })).behind).toEqual([wanted])
    expect(rowsBehind(session, 'sum', cells({})).why).toContain('The keys of Revenue by region')
    expect(rowsBehind(session, 'net', cells({})).why).toBe(
      'The node Net price keeps no lineage: follow a row that goes into it instead.'
    )
    expect(rowsBehind(session, 'read', cells({})).why).toContain('nothing is behind it')
    expect(rowsBehind(session, 'gone', cells({})).why).not.toBe('')
    session.dispose()
  })

  it('of a join leads to both of its inputs by their keys', () => {
    const session = ordersSession(schemas, {
      id: 'joined',
      version: '1.0.0',
      nodes: [
        { id: 'a', typeId: 'generate/pattern', version: '1.0.0', settings: {} },
        { id: 'b', typeId: 'generate/pattern', version: '1.0.0', settings: {} },
        { id: 'j', typeId: 'data/join', version: '1.0.0', settings: { keys: [{ field: 'id', lookup: 'order' }] } }
      ],
      edges: [
        { id: 'e1', source: { node: 'a', port: 'rows' }, target: { node: 'j', port: 'rows' }, filter: 'row.id > 1' },
        { id: 'e2', source: { node: 'b', port: 'rows' }, target: { node: 'j', port: 'lookup' } }
      ]
    })
    const { behind } = rowsBehind(session, 'j', cells({ id: '7' }))
    expect(behind.map(({ edge, where }) => [edge, where])).toEqual([
      ['e1', '(row.id > 1) && (row.id == "7")'],
      ['e2', 'row.order == "7"']
    ])
    session.dispose()
  })
})

describe('equations', () => {
  it('of nodes add up, or are a fault of the engine; of what makes other rows there are none', () => {
    const counts = { rowsIn: 10, rowsOut: 7, failed: 1, given: [{ port: 'match', rows: 7 }] }
    expect(nodeEquation('filter', counts)).toMatchObject({ given: 10, missing: 0 })
    expect(nodeEquation('filter', counts)?.terms.map(({ words, count }) => [words, count])).toEqual([
      ['given on by match', 7],
      ['set aside', 1],
      ['not let through', 2]
    ])
    expect(nodeEquation('one', counts)?.missing).toBe(2)
    expect(nodeEquation('filter', { ...counts, rowsIn: 5 })?.missing).toBe(-3)
    expect(nodeEquation('fold', counts)).toBeUndefined()
  })

  it('name the edges that dropped rows, those with the most first', () => {
    const run = new FakeRun('test', 'Test', 'done')
    const edge = (id: string, dropped: number): object => ({
      ...{ id, offered: 9, taken: 9 - dropped, held: 0, filtered: 0, dropped, discarded: 0, failed: 0 }
    })
    run.figures.last = { edges: [edge('e1', 1), edge('e2', 0), edge('e3', 5)], nodes: [] } as never
    expect(droppedOn(run)).toEqual([
      { edge: 'e3', rows: 5 },
      { edge: 'e1', rows: 1 }
    ])
  })
})

describe.skipIf(!hasModule)('over everything', () => {
  const text = flowText(
    [
      make(25_000),
      { id: 'half', typeId: 'logic/map', settings: { set: { half: 'row.id % 2' } } },
      { id: 'big', typeId: 'logic/filter', settings: { condition: 'row.half == 1' } },
      { id: 'few', typeId: 'flow/limit', settings: { count: 100 } },
      { id: 'out', typeId: 'files/csv-write', settings: { path: 'out.csv' } }
    ],
    ['make>half', 'half>big', 'big.match>few', 'few>out']
  )

  it('a sum is exact, an order gives the first rows, and a condition counts', async () => {
    const place = localPlace({ files: files() })
    const at = { node: 'half', port: 'rows', where: '' }
    const sum = new OverAll(place, text, at, { kind: 'figures', column: 'id', isNumber: true })
    await sum.settled
    const { phase, rows, figures } = sum.state.getState()
    expect([phase, rows, Number(figures?.sum), figures?.empty]).toEqual(['done', 25_000, (25_000 * 24_999) / 2, 0])
    const where = { ...at, where: 'row.id < 20000' }
    const order = new OverAll(place, text, where, { kind: 'sort', column: 'id', down: true })
    await order.settled
    const { table } = order.state.getState()
    expect([order.state.getState().rows, table?.length, table?.value(0, 'id')]).toEqual([20_000, 10_000, 19_999])
    for (const each of [sum, order]) each.dispose()
  })

  it('what is stopped or cannot run says so', async () => {
    const place = localPlace({ files: files() })
    const at = { node: 'half', port: 'rows', where: '' }
    const stopped = new OverAll(place, text, at, { kind: 'sort', column: 'id', down: false })
    stopped.stop()
    await stopped.settled
    expect(stopped.state.getState().phase).toBe('stopped')
    for (const [of, column] of [
      [{ ...at, where: 'row.id <' }, 'id'],
      [at, 'nothing']
    ] as const) {
      const failed = new OverAll(place, text, of, { kind: 'figures', column, isNumber: true })
      await failed.settled
      expect(failed.state.getState().phase).toBe('failed')
      expect(failed.state.getState().problem).not.toBe('')
    }
  })

  it('equations of nodes add up also where a limit ends what is before it', async () => {
    const place = localPlace({ files: files() })
    const run = await place.start(text, { kind: 'test', preview: true })
    await ended(run)
    const session = ordersSession(schemas, JSON.parse(text) as object)
    for (const id of ['half', 'big', 'few']) expect([id, equationAt(session, run, id)?.missing]).toEqual([id, 0])
    expect(run.figures.node('few', 'rowsOut')).toBe(100)
    session.dispose()
    run.dispose()
  })
})
