// What stands under the canvas, without a page: rows, figures of columns, copies, offers and the equation of an edge.
import { batchOfRows } from '@weir/engine-client'
import type { Batch } from '@weir/engine-client'
import { fromPlain, nodeTypeOf } from '@weir/flow-model'
import type { JsonObject } from '@weir/flow-model'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readConditions } from '../../src/formula/conditions.ts'
import { cellText, hexText, timeText } from '../../src/panels/data/cell-format.ts'
import { columnFacts, histogram } from '../../src/panels/data/column-facts.ts'
import { csvOf, tabbedOf } from '../../src/panels/data/copy-table.ts'
import { barOffers, cellOffers, celValue, columnOffers } from '../../src/panels/data/offers.ts'
import { isoText, RowTable } from '../../src/panels/data/row-table.ts'
import { countsOf, equationOf } from '../../src/panels/edge/equation.ts'
import { isVisible } from '../../src/panels/form/visible-when.ts'

function timed(micros: readonly bigint[]): Batch {
  const values = BigInt64Array.from(micros)
  const column = {
    name: 'at',
    kind: 'timestamp' as const,
    format: 'tsu:UTC',
    length: values.length,
    nullCount: 0,
    values
  }
  return { rows: values.length, columns: [column], buffer: values.buffer, bytes: 8 * values.length }
}

describe('RowTable', () => {
  const first = batchOfRows([{ id: 1, note: 'a' }, { id: 2 }])
  const second = batchOfRows([{ id: 3.5, extra: [1, 2] }, { id: 4.5 }, { id: 5.5 }])

  it('reads across batches, with columns that only some have', () => {
    const table = new RowTable([first, second])
    expect(table.length).toBe(5)
    expect([0, 1, 2, 3, 4].map((row) => table.value(row, 'id'))).toEqual([1, 2, 3.5, 4.5, 5.5])
    expect(table.value(2, 'note')).toBeNull()
    expect(table.value(2, 'extra')).toEqual([1, 2])
    expect(table.columns).toEqual([
      { name: 'id', kind: 'any', type: 'any' },
      { name: 'note', kind: 'string', type: 'string' },
      { name: 'extra', kind: 'any', type: 'list' }
    ])
  })

  it('has the newest on top, and other orders', () => {
    const table = new RowTable([second, first], true)
    expect([0, 1, 2, 3, 4].map((row) => table.value(row, 'id'))).toEqual([5.5, 4.5, 3.5, 2, 1])
    const turned = table.reordered(Uint32Array.from([4, 0])).reordered(Uint32Array.from([1]))
    expect(turned.length).toBe(1)
    expect(turned.value(0, 'id')).toBe(5.5)
  })

  it('is empty without batches', () => {
    expect(RowTable.empty.length).toBe(0)
    expect(RowTable.empty.value(0, 'id')).toBeNull()
    expect(RowTable.empty.isEmpty(3, 'id')).toBe(true)
  })
})

describe('cells', () => {
  it('show times in a zone and copy them in UTC, before 1970 too', () => {
    const table = new RowTable([timed([1_772_623_207_120_000n, -1n, 1_772_623_207_120_045n])])
    const [column = { name: '', kind: 'any', type: '' } as const] = table.columns
    expect(cellText(table.value(0, 'at'), column, 'Europe/Berlin')).toBe('2026-03-04 12:20:07.120')
    expect(timeText(1_772_623_207_120_045n, 'UTC')).toBe('2026-03-04 11:20:07.120045')
    expect(isoText(-1n)).toBe('1969-12-31T23:59:59.999999Z')
    expect(isoText(1_772_623_207_000_000)).toBe('2026-03-04T11:20:07Z')
    expect(isoText(2n ** 63n - 1n)).toContain('µs')
    expect(hexText(new Uint8Array([0, 255, 16]), 2)).toBe('00 ff … (3 bytes)')
    expect(table.sample(1)).toEqual([{ at: '2026-03-04T11:20:07.12Z' }])
  })
})

describe('copies', () => {
  const table = new RowTable([
    batchOfRows([
      { name: '=HYPERLINK("x")', n: -3, text: 'a,"b"' },
      { name: '@cmd', n: 4, text: 'line\nbreak' }
    ])
  ])
  it('open in Excel and do nothing there', () => {
    expect(csvOf(table)).toBe('\ufeffname,n,text\r\n"\'=HYPERLINK(""x"")",-3,"a,""b"""\r\n\'@cmd,4,"line\nbreak"\r\n')
  })
  it('are one line a row on the clipboard', () => {
    expect(tabbedOf(table).split('\n')).toEqual([
      'name\tn\ttext',
      '\'=HYPERLINK("x")\t-3\ta,"b"',
      "'@cmd\t4\tline break"
    ])
    expect(tabbedOf(table, 1, 2).split('\n').length).toBe(2)
  })
})

describe('facts of columns', () => {
  it('count every value in one bar', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { maxLength: 60 }), (values) => {
        expect(histogram(values).reduce((sum, bar) => sum + bar.count, 0)).toBe(values.length)
      })
    )
  })
  it('tell values, empties and sums', () => {
    const rows = [{ r: 'north', q: 1 }, { r: 'north', q: 2 }, { r: 'east', q: 4 }, { q: null }]
    const table = new RowTable([batchOfRows(rows)])
    const [region, quantity] = table.columns
    if (region === undefined || quantity === undefined) throw new Error('no columns')
    expect(columnFacts(table, region)).toMatchObject({
      count: 3,
      empty: 1,
      distinct: 2,
      values: [
        ['north', 2],
        ['east', 1]
      ]
    })
    expect(columnFacts(table, quantity)).toMatchObject({ sum: 7, least: 1, most: 4, empty: 1 })
  })
})

describe('offers', () => {
  const region = { name: 'region', kind: 'string', type: 'string' } as const
  const price = { name: 'unit price', kind: 'number', type: 'double' } as const
  it('are formulas that rows can show again', () => {
    const [keep, remove, replace] = cellOffers(region, 'north "1"', 'north "1"')
    const condition = keep?.settings[0]?.[1]
    expect(readConditions(typeof condition === 'string' ? condition : '')?.parts).toEqual([
      { column: 'region', comparison: 'is', values: [{ kind: 'text', text: 'north "1"' }] }
    ])
    expect(remove?.words).toBe('Remove north "1"')
    expect(replace?.typeId).toBe('logic/map')
    expect(cellOffers(region, null, '')[0]?.settings[0]?.[1]).toBe('row.region == null')
    expect(cellOffers({ name: 'x', kind: 'any', type: 'list' }, [1], '[1]')).toEqual([])
  })
  it('write numbers and times as CEL has them', () => {
    expect(celValue(3, price)).toBe('3.0')
    expect(celValue(3, { type: 'int' })).toBe('3')
    expect(celValue(NaN, price)).toBeUndefined()
    expect(celValue(0, { type: 'timestamp' })).toBe('timestamp("1970-01-01T00:00:00Z")')
    const bar = { height: 1, count: 1, value: undefined, from: 0.5, to: 2 }
    expect(barOffers(price, bar, false)[0]?.settings[0]?.[1]).toBe(
      'row["unit price"] >= 0.5 && row["unit price"] < 2.0'
    )
    expect(barOffers(price, bar, true)[0]?.settings[0]?.[1]).toBe(
      'row["unit price"] >= 0.5 && row["unit price"] <= 2.0'
    )
  })
  it('offer no change to the type that a column has', () => {
    const words = columnOffers(price).map((offer) => offer.words)
    expect(words).toContain('Change type to text')
    expect(words).not.toContain('Change type to number')
    expect(words).toContain('Summarise by unit price')
  })
})

describe('the equation of an edge', () => {
  const counts = { offered: 10, taken: 5, held: 2, filtered: 1, dropped: 1, discarded: 0, failed: 1 }
  it('adds up, or says by how much it does not', () => {
    expect(equationOf(counts)).toMatchObject({ given: 10, missing: 0 })
    expect(equationOf({ ...counts, taken: 4 }).missing).toBe(1)
    expect(equationOf({ ...counts, taken: 7 }).missing).toBe(-2)
    expect(equationOf({ ...counts, filtered: 0, failed: 0 }).terms.map((term) => term.words)).toEqual([
      'taken',
      'waiting',
      'dropped by rule'
    ])
  })
  it('is not told of counts that are not all there', () => {
    expect(countsOf(undefined)).toBeUndefined()
    expect(countsOf({ ...counts, held: 'x' })).toBeUndefined()
    expect(countsOf({ ...counts, id: 'e1' })).toEqual(counts)
  })
})

describe('conditions of settings', () => {
  const { settings: specs } = nodeTypeOf(
    fromPlain({ settings: [{ name: 'auth', type: 'enum', options: ['none', 'hmac'], default: 'none' }] })
  )
  const given = fromPlain({ preset: 'custom', exactlyOnce: true, tag: 'b' }) as JsonObject
  it.each([
    ["settings.auth == 'none'", true],
    ["settings.auth == 'hmac' && settings.preset == 'custom'", false],
    ["settings.auth == 'hmac' || (settings.preset == 'custom' && !settings.nothing)", true],
    ['settings.exactlyOnce', true],
    ['!settings.exactlyOnce', false],
    ["settings.tag in ['a', 'b']", true],
    ['settings.count != 3', true],
    ['size(settings.auth) > 3', true],
    ['settings.auth ==', true],
    ['', true]
  ])('%s is %s', (condition, shown) => {
    expect(isVisible(condition, given, specs)).toBe(shown)
  })
})
