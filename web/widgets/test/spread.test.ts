// @vitest-environment happy-dom
// Histogram and heat map: what they count, whatever values come, and in which bins.
import { beforeEach, describe, expect, it } from 'vitest'
import { builtInWidgets, FrameClock, HeatMapView, HistogramView, TableView, widgetSettings } from '../src/core.ts'
import { BinAxis } from '../src/data/bin-axis.ts'
import { batchOf } from './batches.ts'
import { HandFrames } from './fakes.ts'

let frames: HandFrames
let clock: FrameClock

beforeEach(() => {
  document.body.replaceChildren()
  frames = new HandFrames()
  clock = new FrameClock(frames)
})

const histogram = (values: (number | null)[], more: { bins?: number } = {}): HistogramView => {
  const view = new HistogramView({ title: 'Prices', clock, ...more })
  document.body.append(view.element)
  view.take(batchOf({ price: values }))
  frames.step()
  return view
}
const textOf = (view: HistogramView | HeatMapView, selector: string): string =>
  view.element.querySelector(selector)?.textContent ?? ''

describe('BinAxis', () => {
  it('keeps every value in its bin while the range grows, in pieces of any order', () => {
    let counts = new Float64Array(64)
    const axis = new BinAxis(64, (into) => {
      const before = counts
      counts = new Float64Array(64)
      for (let i = 0; i < axis.count; i++) counts[into(i)] = (counts[into(i)] ?? 0) + (before[i] ?? 0)
    })
    const all: number[] = []
    for (const value of [0.3, 0.1, 0.7, -0.2, 3, 2.9, 41, -17, 1000, 999.9, 0, -5000]) {
      all.push(value)
      axis.cover(value, value)
      counts[axis.place(value)] = (counts[axis.place(value)] ?? 0) + 1
      for (let i = 0; i < axis.count; i++) {
        const [from, to] = [axis.edge(i), axis.edge(i + 1)]
        const there = all.filter((each) => each >= from - 1e-9 && each < to - 1e-9).length
        expect(counts[i], `${value}: ${from} to ${to}`).toBe(there)
      }
    }
  })

  it.each([
    [0, 0],
    [5, 5],
    [-1e-300, 1e-300],
    [-Number.MAX_VALUE, Number.MAX_VALUE],
    [1e300, 1e300 * (1 + 1e-15)],
    [Number.MIN_VALUE, 1],
    [123456789.123, 123456789.124]
  ])('has bins for %d to %d, no more than it may', (min, max) => {
    const axis = new BinAxis(32, () => undefined)
    axis.cover(min, max)
    expect(axis.count).toBeGreaterThan(0)
    expect(axis.count).toBeLessThanOrEqual(32)
    for (const value of [min, max]) {
      expect(axis.place(value)).toBeGreaterThanOrEqual(0)
      expect(axis.place(value)).toBeLessThan(axis.count)
    }
    for (const most of [0, 1, 5]) expect(axis.merged(most)).toBeGreaterThan(0)
  })
})

describe('HistogramView', () => {
  it('counts all values in round bins', () => {
    const view = histogram([1, 2, 2, 3, 9, 10], { bins: 5 })
    const bars = view.bars()
    expect(bars.reduce((sum, bar) => sum + bar.count, 0)).toBe(6)
    expect(bars.length).toBeLessThanOrEqual(5)
    expect(bars.map((bar) => [bar.from, bar.to, bar.count])).toEqual([
      [0, 5, 4],
      [5, 10, 1],
      [10, 15, 1]
    ])
    expect(textOf(view, '.weir-foot')).toBe('6 values')
  })

  it('shows one value, and a flat line of them', () => {
    expect(
      histogram([7])
        .bars()
        .map((bar) => bar.count)
    ).toEqual([1])
    expect(
      histogram([7, 7, 7])
        .bars()
        .map((bar) => bar.count)
    ).toEqual([3])
    expect(
      histogram([0, 0])
        .bars()
        .map((bar) => bar.count)
    ).toEqual([2])
  })

  it('leaves out nulls, NaN and infinities, and says how many', () => {
    const view = histogram([1, null, NaN, Infinity, -Infinity, 2, null])
    expect(view.bars().reduce((sum, bar) => sum + bar.count, 0)).toBe(2)
    expect(textOf(view, '.weir-foot')).toBe('2 values · 2 empty · 3 not finite')
  })

  it('takes ranges as wide as numbers are, and those that grow by powers', () => {
    const wide = histogram([-Number.MAX_VALUE, 0, Number.MAX_VALUE, 1e-300])
    expect(wide.bars().reduce((sum, bar) => sum + bar.count, 0)).toBe(4)
    const grows = histogram([0.001])
    for (let power = -2; power < 12; ++power) grows.take(batchOf({ price: [10 ** power, -(10 ** power)] }))
    expect(grows.bars().reduce((sum, bar) => sum + bar.count, 0)).toBe(29)
    expect(grows.bars().length).toBeLessThanOrEqual(30)
  })

  it('says why there is nothing: no rows, only nulls, no column of numbers, another type later', () => {
    const empty = new HistogramView({ title: 'Prices', clock })
    document.body.append(empty.element)
    frames.step()
    expect(textOf(empty, '.weir-empty')).toBe('Waiting for rows')
    empty.take(batchOf({}))
    empty.take(batchOf({ price: [null, null] as (number | null)[], other: [1, 2] }))
    frames.step()
    const nulls = histogram([null])
    expect(nulls.bars()).toEqual([])
    expect(() => {
      histogram([1]).take(batchOf({ price: ['a'] }))
    }).toThrow('A column of numbers is needed')
    const texts = new HistogramView({ title: 'Names', clock })
    expect(() => {
      texts.take(batchOf({ name: ['a'] }))
    }).toThrow('the rows have name (string)')
  })

  it('tells screen readers where most values are', () => {
    const view = histogram([1, 1, 1, 8], { bins: 10 })
    expect(view.element.querySelector('canvas')?.getAttribute('aria-label')).toBe(
      'Prices: 4 values from 1 to 9, most in 1 to 2: 3'
    )
  })
})

const heat = (columns: Parameters<typeof batchOf>[0], more = {}): HeatMapView => {
  const view = new HeatMapView({ title: 'Load', clock, ...more })
  document.body.append(view.element)
  view.take(batchOf(columns))
  frames.step()
  return view
}

describe('HeatMapView', () => {
  it('counts rows where two columns of names cross', () => {
    const view = heat({ day: ['mo', 'mo', 'tu'], shift: ['early', 'early', 'late'] })
    expect(view.grid()).toEqual({
      columns: ['mo', 'tu'],
      lines: ['early', 'late'],
      values: [
        [2, NaN],
        [NaN, 1]
      ]
    })
    expect(textOf(view, '.weir-foot')).toBe('rows by day and shift')
  })

  it.each([
    ['sum', 30],
    ['mean', 15],
    ['latest', 20]
  ])('shows the %s of a value', (show, expected) => {
    const view = heat({ day: ['mo', 'mo'], shift: ['a', 'a'], load: [10, 20] }, { value: 'load', show })
    expect(view.grid().values).toEqual([[expected]])
  })

  it('puts numbers and times into bins that grow, and loses none', () => {
    const view = heat({ x: [1, 2], y: [10, 20] }, { x: 'x', y: 'y' })
    view.take(batchOf({ x: [500, -3, 1e6], y: [10, 5, -70] }))
    const total = view
      .grid(20, 20)
      .values.flat()
      .reduce((sum, value) => sum + (Number.isNaN(value) ? 0 : value), 0)
    expect(total).toBe(5)
    const times = heat({ at: [0n, 3_600_000_000n], host: ['a', 'b'] }, {})
    expect(times.grid().lines.length).toBeGreaterThan(0)
  })

  it('counts what has no place: nulls of numbers, NaN, infinities; null is a name of its own among names', () => {
    const view = heat({ x: [1, null, NaN, Infinity], y: ['a', 'a', 'b', null] }, { x: 'x', y: 'y' })
    expect(textOf(view, '.weir-foot')).toBe('rows by x and y · 3 without a place')
    const names = heat({ x: ['a', null], y: ['b', 'b'] })
    expect(names.grid().columns).toEqual(['a', 'empty'])
  })

  it('makes one of what is more than it draws', () => {
    const many = Array.from({ length: 500 }, (_, i) => `name ${i}`)
    const view = heat({ x: many, y: many.map(() => 'one') })
    const { columns, values } = view.grid(10, 10)
    expect(columns).toHaveLength(10)
    expect(columns.at(-1)).toBe('other')
    expect(values.flat().reduce((sum, value) => sum + value, 0)).toBe(500)
  })

  it('says what it needs of columns that are not there', () => {
    expect(() => heat({ x: ['a'] })).toThrow('A column for each side is needed; the rows have x (string).')
    expect(() => heat({ x: ['a'], y: ['b'] }, { value: 'z' })).toThrow("Column 'z' is needed")
  })
})

describe('the registry', () => {
  it('knows both with their settings', () => {
    const registry = builtInWidgets()
    expect(registry.names()).toEqual(expect.arrayContaining(['histogram', 'heatmap']))
    expect(Object.keys(widgetSettings('histogram') ?? {})).toEqual(['value', 'bins'])
    expect(widgetSettings('nothing')).toBeUndefined()
    expect(() => registry.create('histogram', { title: 'A', settings: { bins: 'many' } })).toThrow(
      'a number is expected'
    )
  })

  it('says that the rows of an ended run are gone', () => {
    const view = new TableView({ title: 'Rows', clock })
    document.body.append(view.element)
    view.status = { is: 'notKept' }
    frames.step()
    expect(view.element.querySelector('.weir-empty')?.textContent).toMatch(/^The run has ended/)
  })
})
