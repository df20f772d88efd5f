// What widgets keep: rings of points, decimation, texts by number, rows.
import { cell } from '@weir/engine-client'
import { describe, expect, it } from 'vitest'
import { readNumbers } from '../src/data/column-read.ts'
import { decimate, makePath } from '../src/data/decimate.ts'
import { KeptRows } from '../src/data/kept-rows.ts'
import { SeriesRing, type Range } from '../src/data/series-ring.ts'
import { TextSlots } from '../src/data/text-slots.ts'
import { batchOf, coded } from './batches.ts'

function fill(ring: SeriesRing, count: number, y: (i: number) => number, x: (i: number) => number = (i) => i): void {
  const from = ring.end
  ring.append(
    count,
    (low, high, target, at) => {
      for (let i = low; i < high; i++) target[at + i - low] = x(from + i)
    },
    (_, low, high, target, at) => {
      for (let i = low; i < high; i++) target[at + i - low] = y(from + i)
    }
  )
}

function slowExtremes(ring: SeriesRing, from: number, to: number): Range {
  const range = { min: Infinity, max: -Infinity }
  for (let i = from; i < to; i++) {
    range.min = Math.min(range.min, ring.yAt(0, i))
    range.max = Math.max(range.max, ring.yAt(0, i))
  }
  return range
}

const noise = (i: number): number => Math.sin(i * 12.9898) * 43758.5453 - Math.floor(Math.sin(i * 12.9898) * 43758.5453)

describe('SeriesRing', () => {
  it('keeps the newest points and forgets whole blocks', () => {
    const ring = new SeriesRing(256, 1)
    fill(ring, 200, (i) => i * 10)
    fill(ring, 100, (i) => i * 10)
    expect(ring.end).toBe(300)
    expect(ring.first).toBe(64)
    for (let i = ring.first; i < ring.end; i++) expect(ring.yAt(0, i)).toBe(i * 10)
  })

  it('finds the extremes of any range, whatever pieces the points came in', () => {
    const ring = new SeriesRing(1024, 1)
    for (const piece of [1, 63, 64, 65, 500, 700, 3, 129]) {
      fill(ring, piece, noise)
      for (let i = 0; i < 40; i++) {
        const from = ring.first + Math.floor(noise(i + 0.5) * ring.count)
        const to = from + Math.floor(noise(i + 0.25) * (ring.end - from))
        const range = { min: Infinity, max: -Infinity }
        ring.extremes(0, from, to, range)
        expect(range).toEqual(slowExtremes(ring, from, to))
      }
    }
  })

  it('keeps the end of a piece that is larger than itself', () => {
    const ring = new SeriesRing(128, 1)
    fill(ring, 10, (i) => i)
    ring.append(
      1000,
      (low, high, target, at) => {
        for (let i = low; i < high; i++) target[at + i - low] = i
      },
      (_, low, high, target, at) => {
        for (let i = low; i < high; i++) target[at + i - low] = i
      }
    )
    expect(ring.count).toBe(128)
    expect(ring.yAt(0, ring.first)).toBe(872)
    expect(ring.yAt(0, ring.end - 1)).toBe(999)
  })

  it('goes on when more points have come than 32 bits count', () => {
    const ring = new SeriesRing(1024, 1)
    Object.assign(ring, { total: 2 ** 33 + 64 })
    fill(ring, 2000, noise)
    const range = { min: Infinity, max: -Infinity }
    ring.extremes(0, ring.first + 5, ring.end - 3, range)
    expect(ring.count).toBeLessThanOrEqual(1024)
    expect(range).toEqual(slowExtremes(ring, ring.first + 5, ring.end - 3))
  })

  it('skips gaps and says when x falls', () => {
    const ring = new SeriesRing(128, 1)
    fill(ring, 10, (i) => (i % 2 === 0 ? NaN : i))
    const range = { min: Infinity, max: -Infinity }
    ring.extremes(0, 0, 10, range)
    expect(range).toEqual({ min: 1, max: 9 })
    expect(ring.sorted).toBe(true)
    fill(
      ring,
      2,
      (i) => i,
      (i) => -i
    )
    expect(ring.sorted).toBe(false)
  })
})

describe('decimate', () => {
  const extent = (): Range => ({ min: Infinity, max: -Infinity })

  it('takes few points as they are', () => {
    const ring = new SeriesRing(128, 1)
    fill(ring, 5, (i) => i * i)
    const path = makePath(100)
    const range = extent()
    decimate(ring, 0, 0, 5, 100, path, range)
    expect([...path.points.subarray(0, path.length)]).toEqual([0, 0, 1, 1, 2, 4, 3, 9, 4, 16])
    expect(range).toEqual({ min: 0, max: 16 })
  })

  it('keeps every peak, in at most four points a pixel', () => {
    const ring = new SeriesRing(1 << 17, 1)
    fill(ring, 100_000, (i) => (i === 54_321 ? 1000 : i === 77_777 ? -1000 : noise(i)))
    const path = makePath(200)
    const range = extent()
    decimate(ring, 0, ring.first, ring.end, 200, path, range)
    expect(path.length).toBeLessThanOrEqual(200 * 4 * 2)
    expect(range).toEqual({ min: -1000, max: 1000 })
    const xOf = (y: number): number => {
      for (let i = 1; i < path.length; i += 2) if (path.points[i] === y) return path.points[i - 1] ?? NaN
      return NaN
    }
    expect(Math.abs(xOf(1000) - 54_321)).toBeLessThanOrEqual(500)
    expect(Math.abs(xOf(-1000) - 77_777)).toBeLessThanOrEqual(500)
  })

  it('cuts by x where x is uneven, and by number where x falls', () => {
    const ring = new SeriesRing(4096, 1)
    fill(
      ring,
      4000,
      (i) => i,
      (i) => (i < 3900 ? i / 3900 : i)
    )
    const path = makePath(10)
    decimate(ring, 0, 0, 4000, 10, path, extent())
    const xs = [...path.points.subarray(0, path.length)].filter((_, i) => i % 2 === 0)
    expect(xs.filter((x) => x <= 400)).toHaveLength(4)
    const mixed = new SeriesRing(4096, 1)
    fill(mixed, 4000, noise, (i) => -i)
    decimate(mixed, 0, 0, 4000, 10, path, extent())
    expect(path.length).toBe(10 * 4 * 2)
  })
})

describe('readNumbers', () => {
  it('reads each kind of column, nulls as NaN, times in milliseconds', () => {
    const batch = batchOf(
      {
        double: [1.5, null, -2],
        int: [9007199254740991n, -1n, -9007199254740991n],
        bool: [true, false, null],
        time: [1_700_000_000_123_456n, 0n, -1000n],
        text: ['a', 'b', 'c']
      },
      { time: 'timestamp' }
    )
    const read = (i: number): number[] => {
      const target = new Float64Array(3)
      const column = batch.columns[i]
      if (column) readNumbers(column, 0, 3, target, 0)
      return [...target]
    }
    expect(read(0)).toEqual([1.5, NaN, -2])
    expect(read(1)).toEqual([9007199254740991, -1, -9007199254740991])
    expect(read(2)).toEqual([1, 0, NaN])
    expect(read(3)).toEqual([1_700_000_000_123.456, 0, -1])
    expect(read(4)).toEqual([NaN, NaN, NaN])
  })

  it('reads a part of the rows to where it is told', () => {
    const column = batchOf({ n: [1n, 2n, 3n, 4n] }).columns[0]
    const target = new Float64Array(4)
    if (column) readNumbers(column, 1, 3, target, 2)
    expect([...target]).toEqual([0, 0, 2, 3])
  })
})

describe('TextSlots', () => {
  it('gives the same text the same number, in any column', () => {
    const slots = new TextSlots(10)
    const [plain] = batchOf({ region: ['north', 'süd', null, 'north'] }).columns
    const read = plain && slots.reader(plain)
    expect([0, 1, 2, 3].map((row) => read?.(row))).toEqual([0, 1, 2, 0])
    const again = slots.reader(coded('region', ['east', 'süd'], [1, 0, 1]))
    expect([0, 1, 2].map(again)).toEqual([1, 3, 1])
    expect(slots.names).toEqual(['north', 'süd', 'empty', 'east'])
  })

  it('puts what is over the limit together', () => {
    const slots = new TextSlots(2)
    const [column] = batchOf({ key: ['a', 'b', 'c', 'a', 'd'] }).columns
    const read = column && slots.reader(column)
    expect([0, 1, 2, 3, 4].map((row) => read?.(row))).toEqual([0, 1, -1, 0, -1])
  })
})

describe('KeptRows', () => {
  it('keeps the newest rows and finds each by its number', () => {
    const rows = new KeptRows(25)
    for (let i = 0; i < 100; i += 10) {
      rows.add(batchOf({ id: Array.from({ length: 10 }, (_, k) => i + k) }))
    }
    expect([rows.total, rows.first, rows.count]).toEqual([100, 75, 25])
    for (let i = 75; i < 100; i++) {
      const place = rows.at(i)
      const column = place?.batch.columns[0]
      expect(place && column && cell(column, place.row)).toBe(i)
    }
    expect(rows.at(74)).toBeUndefined()
    expect(rows.at(100)).toBeUndefined()
  })

  it('does not see what happens to the buffer it was given', () => {
    const rows = new KeptRows(5)
    const batch = batchOf({ id: [1, 2, 3] })
    rows.add(batch)
    ;(batch.columns[0]?.values as Float64Array).fill(99)
    const column = rows.at(0)?.batch.columns[0]
    expect(column && cell(column, 0)).toBe(1)
  })
})

describe('kept rows of long texts', () => {
  it('are fewer than there is room for, so that memory is bounded', () => {
    const kept = new KeptRows(1000, 10_000)
    for (let i = 0; i < 50; i++) kept.add(batchOf({ text: ['x'.repeat(1000)] }))
    expect(kept.total).toBe(50)
    expect(kept.count).toBeGreaterThan(5)
    expect(kept.count).toBeLessThan(12)
    expect(kept.at(49)).toBeDefined()
    expect(kept.at(0)).toBeUndefined()
  })
})

describe('batches of a page', () => {
  it('need as many values in each column', () => {
    expect(() => batchOf({ a: [1, 2], b: ['x'] })).toThrow("Column 'b' has 1 values, 'a' has 2")
    expect(batchOf({}).rows).toBe(0)
  })
})
