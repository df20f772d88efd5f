// What panels do with runs, without a page: rows that are followed and left again, breakpoints, offers, letters and values.
import { batchOfRows } from '@weir/engine-client'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { causeOf, grouped, readLetter } from '../../src/panels/bottom/letters.ts'
import { filteredLines } from '../../src/panels/bottom/log-tab.tsx'
import { outputsOf } from '../../src/panels/bottom/result-tab.tsx'
import { bounded } from '../../src/panels/bottom/height.ts'
import { EdgeRows } from '../../src/panels/data/edge-rows.ts'
import { moved, sorted } from '../../src/panels/data/grid-state.ts'
import { headLine } from '../../src/panels/data/head-line.ts'
import { insertOffer } from '../../src/panels/data/offers.ts'
import { RowTable } from '../../src/panels/data/row-table.ts'
import { sourceOf } from '../../src/panels/data/use-rows-source.ts'
import { readValue } from '../../src/panels/form/read-value.ts'
import { sharedSpecs } from '../../src/panels/form/settings-form.tsx'
import { slotAt, slotBelow } from '../../src/panels/form/slot.ts'
import { breakpointsOf } from '../../src/panels/run/breakpoints.ts'
import { readHeld } from '../../src/panels/run/read-held.ts'
import { runTo } from '../../src/panels/run/run-to.ts'
import { feedWidget } from '../../src/panels/widget/widget-feed.ts'
import { FakePlace, FakeRun, orderBatch } from './fake-place.ts'
import { ordersSession } from './orders-flow.ts'
import { schemasOfNodes } from './schemas.ts'

const schemas = schemasOfNodes()
const kWanted = { node: 'paid', port: 'match', edge: 'e2', where: '', most: 100, everyMs: 1 }

afterEach(() => {
  vi.restoreAllMocks()
})

async function until(holds: () => boolean): Promise<void> {
  await vi.waitFor(() => {
    if (!holds()) throw new Error('not yet')
  }, 20_000)
}

describe('EdgeRows', () => {
  it('follow a tap, keep the newest, and leave it when they are disposed of', async () => {
    const session = ordersSession(schemas)
    const run = new FakeRun('test', 'Test', 'running')
    session.run.setState({ shown: run })
    const rows = new EdgeRows(session, { ...kWanted, where: 'row.id > 1' })
    await until(() => run.taps.length === 1 && rows.store.getState().source === 'tap')
    const [tap] = run.taps
    expect(tap?.options).toEqual({ edge: 'e2', where: 'row.id > 1' })
    tap?.give(orderBatch(60), { passed: 60, seen: 60, matched: 60, shown: 60, failed: 0 })
    tap?.give(orderBatch(60, 60), { passed: 500, seen: 300, matched: 120, shown: 120, failed: 0 })
    await until(() => rows.store.getState().table.length === 100)
    const state = rows.store.getState()
    expect(state.table.value(0, 'id')).toBe(5_240_119)
    expect(headLine(state, 'x')).toBe('showing 100 of 120 matches in 300 seen, 500 passed')
    rows.dispose()
    expect(tap?.closed).toBe(true)
  })

  it('go over to kept rows at the end of a run, and to another run when that is shown', async () => {
    const session = ordersSession(schemas)
    const run = new FakeRun('test', 'Test', 'running')
    session.run.setState({ shown: run })
    const rows = new EdgeRows(session, kWanted)
    await until(() => run.taps.length === 1)
    run.facts.setState({ status: 'done', endedAt: 5 })
    await until(() => rows.store.getState().source === 'kept')
    expect(rows.store.getState().table.length).toBe(300)
    expect(run.taps[0]?.closed).toBe(true)
    const other = new FakeRun('finished', 'Finished', 'done')
    other.keptRows = undefined
    other.facts.setState({ documentText: session.document.text() })
    session.run.setState({ shown: other })
    await until(() => rows.store.getState().why.includes('kept no rows'))
    session.run.setState({ shown: undefined })
    expect(rows.store.getState().why).toContain('Nothing has run yet')
    rows.dispose()
  })

  it('meet a condition over all kept rows, and say which stays without any', async () => {
    const session = ordersSession(schemas)
    session.run.setState({ shown: new FakeRun('sample', 'Sample', 'done'), place: new FakePlace() })
    const rows = new EdgeRows(session, { ...kWanted, where: 'row.status == "open"' })
    await until(() => rows.store.getState().source === 'kept')
    expect(headLine(rows.store.getState(), 'x')).toBe('sample · showing 75 of 75 matches in 300 kept')
    rows.dispose()
    const none = new EdgeRows(session, { ...kWanted, where: 'row.status == "gone"' })
    await until(() => none.store.getState().why !== 'Reading…')
    expect(none.store.getState().why).toBe('All filtered: none of the 300 rows kept meets the condition.')
    none.dispose()
  })

  it('tell what is wrong with a tap, and close one that comes too late', async () => {
    const session = ordersSession(schemas)
    const run = new FakeRun('test', 'Test', 'running')
    session.run.setState({ shown: run })
    const late = new EdgeRows(session, kWanted)
    late.dispose()
    await until(() => run.taps[0]?.closed === true)
    vi.spyOn(run, 'tap').mockRejectedValue(new Error("there is no edge 'e2'."))
    const refused = new EdgeRows(session, kWanted)
    await until(() => refused.store.getState().problem !== '')
    expect(refused.store.getState()).toMatchObject({ problem: "there is no edge 'e2'.", why: '' })
    refused.dispose()
  })
})

describe('widgets', () => {
  it('get rows until they end, and none after they were stopped', async () => {
    const run = new FakeRun('test', 'Test', 'running')
    const sink = { take: vi.fn(), end: vi.fn() }
    const stop = feedWidget(run, { node: 'paid', port: 'match', edge: 'e2' }, sink)
    await until(() => run.taps.length === 1)
    run.taps[0]?.give(orderBatch(3), { passed: 3, seen: 3, matched: 3, shown: 3, failed: 0 })
    await until(() => sink.take.mock.calls.length === 1)
    stop()
    expect(run.taps[0]?.closed).toBe(true)
    await Promise.resolve()
    expect(sink.end).not.toHaveBeenCalled()
    const ended = new FakeRun('finished', 'Finished', 'done')
    feedWidget(ended, { node: 'paid', port: 'match', edge: 'e2' }, sink)
    await until(() => sink.end.mock.calls.length === 1)
    expect(sink.take).toHaveBeenCalledTimes(2)
  })

  it('are told of what they threw', async () => {
    const failure = new Error('no numbers')
    const end = vi.fn()
    const take = (): void => {
      throw failure
    }
    feedWidget(new FakeRun('finished', 'Finished', 'done'), { node: 'a', port: 'rows', edge: undefined }, { take, end })
    await until(() => end.mock.calls.length === 1)
    expect(end).toHaveBeenCalledWith(failure)
  })
})

describe('breakpoints', () => {
  it('are set in the run that is shown and in the next, and taken away', async () => {
    const session = ordersSession(schemas)
    const breakpoints = breakpointsOf(session)
    expect(breakpointsOf(session)).toBe(breakpoints)
    breakpoints.toggle('nodes', 'net')
    const run = new FakeRun('test', 'Test', 'running')
    session.run.setState({ shown: run })
    expect(run.acts).toEqual([{ add: { node: 'net' } }])
    session.view.setState({
      breakpoints: [...session.view.getState().breakpoints, { edge: 'e2', where: 'row.id == 3', after: 2 }]
    })
    breakpoints.toggle('nodes', 'net')
    await until(() => run.acts.length === 3)
    expect(run.acts.slice(1)).toEqual([{ add: { edge: 'e2', where: 'row.id == 3', after: 2 } }, { remove: 1 }])
    expect(breakpoints.options).toEqual([{ edge: 'e2', where: 'row.id == 3', after: 2 }])
  })

  it('are given to a run that goes up to a node, and not set in it once more', async () => {
    const session = ordersSession(schemas)
    const place = new FakePlace()
    const before = new FakeRun('test', 'Test', 'done')
    session.run.setState({ place, shown: before })
    breakpointsOf(session).toggle('nodes', 'net')
    await runTo(session, 'sum')
    expect(place.started[0]?.options).toMatchObject({
      kind: 'sample',
      upTo: 'sum',
      preview: true,
      breakpoints: [{ node: 'net' }]
    })
    expect(before.disposed).toBe(true)
    expect((session.run.getState().shown as FakeRun).acts).toEqual([])
  })

  it('do not start what cannot run, and say why', async () => {
    const session = ordersSession(schemas)
    await runTo(session, 'sum')
    expect(session.notice.getState().notice?.text).toBe('There is no engine to run it.')
    const place = new FakePlace()
    vi.spyOn(place, 'start').mockRejectedValue(new Error('no memory'))
    session.run.setState({ place })
    await runTo(session, 'sum')
    expect(session.notice.getState().notice).toMatchObject({ text: 'no memory', tone: 'error' })
  })
})

describe('offers', () => {
  const keep = {
    words: 'Keep only x',
    typeId: 'logic/filter',
    name: 'Only x',
    settings: [['condition', 'row.a == 1']] as const
  }
  it('put a node on the edge as one gesture, and choose it', () => {
    const session = ordersSession(schemas)
    const id = insertOffer(session, 'e2', keep)
    expect(id).toBe('filter')
    expect(session.document.node('filter')).toMatchObject({ typeId: 'logic/filter', name: 'Only x' })
    expect(session.document.edge('e2')?.target).toEqual({ node: 'filter', port: 'rows' })
    expect(session.document.edgesOutOf('filter').map((edge) => [edge.source.port, edge.target.node])).toEqual([
      ['match', 'net']
    ])
    expect([...session.selection.ids('nodes')]).toEqual(['filter'])
    session.undo()
    expect(session.document.edge('e2')?.target.node).toBe('net')
    expect(session.document.node('filter')).toBeUndefined()
  })
  it('do nothing on what is not there', () => {
    const session = ordersSession(schemas)
    expect(insertOffer(session, 'e99', keep)).toBeUndefined()
    expect(insertOffer(session, 'e2', { ...keep, typeId: 'no/such' })).toBeUndefined()
    expect(session.history.undoLabel).toBeUndefined()
  })
})

describe('rows and outputs', () => {
  it('are those of the tap, the edge or the node', () => {
    const session = ordersSession(schemas)
    expect(sourceOf(session, 'e3', 'paid')).toMatchObject({ node: 'net', port: 'rows', edge: 'e3' })
    expect(sourceOf(session, undefined, 'paid')).toMatchObject({ node: 'paid', port: 'match', edge: 'e2' })
    expect(sourceOf(session, undefined, 'unpaid')).toMatchObject({ node: 'paid', port: 'rest', edge: 'e4' })
    expect(sourceOf(session, 'gone', 'gone')).toBeUndefined()
    expect(outputsOf(session).map((output) => output.key)).toEqual(['sum', 'e4'])
  })
  it('are sorted with empty cells last, whatever is in them', () => {
    const table = new RowTable([batchOfRows([{ a: 3 }, { a: null }, { a: 1 }, { a: 2 }])])
    const values = (down: boolean): unknown[] => {
      const made = sorted(table, { column: 'a', down })
      return [0, 1, 2, 3].map((row) => made.value(row, 'a'))
    }
    expect(values(false)).toEqual([1, 2, 3, null])
    expect(values(true)).toEqual([3, 2, 1, null])
    expect(sorted(table, undefined)).toBe(table)
  })
  it('are walked within their bounds', () => {
    const size = { rows: 3, columns: 2, page: 10 }
    expect(moved(undefined, 'ArrowDown', false, size)).toEqual({ kind: 'cell', row: 0, column: 0, anchor: 0 })
    const at = { kind: 'cell', row: 1, column: 0, anchor: 1 } as const
    expect(moved(at, 'PageDown', true, size)).toEqual({ kind: 'cell', row: 2, column: 0, anchor: 1 })
    expect(moved(at, 'constructor', false, size)).toBeUndefined()
    expect(moved(at, 'ArrowUp', false, { ...size, rows: 0 })).toBeUndefined()
  })
})

describe('letters and lines', () => {
  it('are grouped by cause, also without all that a letter has', () => {
    const groups = grouped(
      [
        { message: 'row 3: "a" is odd', nodeId: 'x', code: 'c' },
        5,
        null,
        { message: 'row 9: "b" is odd', nodeId: 'x', code: 'c', time: 'never' }
      ].map(readLetter)
    )
    expect(groups.map((group) => [group.letters.length, group.node])).toEqual([
      [2, 'x'],
      [2, '']
    ])
    expect(causeOf('field 7 is -3.5 in "x\\"y"\nand more')).toBe('field # is # in …')
  })
  it('are filtered by level, node and text', () => {
    const line = (level: 'debug' | 'error', node: string, message: string) => ({ at: 0, level, node, message })
    const lines = [line('debug', 'a', 'One'), line('error', 'a', 'Two'), line('error', 'b', 'two')]
    expect(filteredLines(lines, { level: 'debug', node: '', text: '' })).toBe(lines)
    expect(filteredLines(lines, { level: 'info', node: 'a', text: 'two' })).toEqual([lines[1]])
  })
})

describe('values', () => {
  it.each([
    ['integer', '1,234', { ok: true, value: 1234 }],
    ['integer', '9007199254740993', { ok: true, value: 9007199254740993n }],
    ['integer', '1.5', { ok: false }],
    ['number', 'abc', { ok: false }],
    ['number', '', { ok: true, value: undefined }],
    ['duration', '1m30s', { ok: true, value: '1m30s' }],
    ['duration', '1 minute', { ok: false }],
    ['bytesize', '64 MiB', { ok: true, value: '64 MiB' }],
    ['integer', '${rows}', { ok: true, value: '${rows}' }],
    ['list', '{}', { ok: false }],
    ['map', '{"a": ', { ok: false }],
    ['schema', '{id: string}', { ok: true, value: '{id: string}' }],
    ['string', ' a ', { ok: true, value: ' a ' }]
  ] as const)('of type %s are read from %s', (type, text, expected) => {
    expect(readValue(type, text)).toMatchObject(expected)
  })

  it('of a held row have its types', () => {
    const types = { n: 'int', d: 'double', b: 'bool', s: 'string', l: 'list' }
    const read = readHeld(
      { types },
      new Map([
        ['n', '12'],
        ['d', 'x'],
        ['b', 'maybe'],
        ['s', ''],
        ['l', '[1]']
      ])
    )
    expect(read.row).toEqual({ n: 12, s: '', l: [1] })
    expect([...read.wrong.keys()]).toEqual(['d', 'b'])
    expect(readHeld({ types }, new Map([['n', '9007199254740993']])).row).toEqual({ n: '9007199254740993' })
    expect(readHeld({ types }, new Map()).changed).toBe(false)
  })

  it('are put in place as one gesture a field, in every node, and leave nothing empty behind', () => {
    const session = ordersSession(schemas)
    const target = { session, kind: 'nodes', ids: ['paid', 'net'] } as const
    for (const text of ['1', '12', '123']) slotAt(target, '/retry/attempts', 'attempts').set(Number(text))
    expect(session.document.node('paid')?.retry.attempts).toBe(123)
    expect(slotAt(target, '/retry/attempts', 'attempts').mixed).toBe(false)
    slotAt(target, '/retry/attempts', 'attempts').set(undefined)
    expect(session.document.tables.nodes.get('paid')?.has('retry')).toBe(false)
    session.undo()
    expect(session.document.tables.nodes.get('paid')?.has('retry')).toBe(false)
    expect(session.document.node('net')?.retry.attempts).toBe(3)
  })

  it('below a default are written with the whole of it', () => {
    const session = ordersSession(schemas)
    const list = slotAt({ session, kind: 'nodes', ids: ['read'] }, '/settings/nullValues', 'null values', [''])
    slotBelow(list, 0, 'null value 1').set('NULL')
    expect(session.document.node('read')?.settings.get('nullValues')).toEqual(['NULL'])
  })

  it('are shared by types that have the same settings', () => {
    const session = ordersSession(schemas)
    const settingsOf = (id: string) => session.catalogue.newest(id)?.settings ?? []
    const names = sharedSpecs([settingsOf('files/csv-read'), settingsOf('files/csv-write')]).map((spec) => spec.name)
    expect(names).toContain('path')
    expect(names).not.toContain('encoding')
    expect(names).not.toContain('header')
  })

  it('of a height stay where they can be used', () => {
    expect(bounded(5, 800)).toBe(120)
    expect(bounded(Infinity, 800)).toBe(704)
    expect(bounded(300, 0)).toBe(120)
  })
})
