// Facts of a column over the rows that are shown: bars of a histogram, values with counts, how much is empty.
import { copyText } from './cell-format.ts'
import type { RowTable, TableColumn } from './row-table.ts'

export interface Bar {
  /** Of the largest, 0 to 1. */
  height: number
  count: number
  /** What the bar stands for: a value, or a range [from, to) of which the last has its end. */
  value: string | undefined
  from: number
  to: number
}

export interface ColumnFacts {
  /** Values that are not empty. */
  count: number
  empty: number
  /** Distinct values; undefined: more than were counted. */
  distinct: number | undefined
  bars: readonly Bar[]
  /** The most frequent values, as texts, with their counts; of at most 8. */
  values: readonly (readonly [string, number])[]
  sum: number | undefined
  least: number | undefined
  most: number | undefined
}

/** Rows that are looked at. */
export const kFactRows = 5000
const kBars = 12
const kMostDistinct = 1000

function numbersOf(table: RowTable, column: TableColumn, rows: number): number[] {
  const found: number[] = []
  for (let row = 0; row < rows; ++row) {
    const value = table.value(row, column.name)
    if (typeof value !== 'number' && typeof value !== 'bigint') continue
    const number = Number(value)
    if (Number.isFinite(number)) found.push(number)
  }
  return found
}

/** Bars of even width between the least and the most value. */
export function histogram(values: readonly number[], bars = kBars): Bar[] {
  if (values.length === 0) return []
  let least = Infinity
  let most = -Infinity
  for (const value of values) {
    least = Math.min(least, value)
    most = Math.max(most, value)
  }
  const width = (most - least) / bars
  if (!(width > 0) || !Number.isFinite(width))
    return [{ height: 1, count: values.length, value: undefined, from: least, to: most }]
  const counts = new Array<number>(bars).fill(0)
  for (const value of values) {
    const at = Math.min(bars - 1, Math.floor((value - least) / width))
    counts[at] = (counts[at] ?? 0) + 1
  }
  const tallest = Math.max(...counts)
  return counts.map((count, at) => ({
    height: count / tallest,
    count,
    value: undefined,
    from: least + at * width,
    to: at === bars - 1 ? most : least + (at + 1) * width
  }))
}

export function columnFacts(table: RowTable, column: TableColumn): ColumnFacts {
  const rows = Math.min(table.length, kFactRows)
  const counts = new Map<string, number>()
  let empty = 0
  for (let row = 0; row < rows; ++row) {
    if (table.isEmpty(row, column.name)) {
      ++empty
      continue
    }
    const text = copyText(table.value(row, column.name), column)
    if (counts.size < kMostDistinct || counts.has(text)) counts.set(text, (counts.get(text) ?? 0) + 1)
  }
  const values = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, 8)
  const ranged = column.kind === 'number' || column.type === 'timestamp'
  const numbers = ranged ? numbersOf(table, column, rows) : []
  const bars = ranged ? histogram(numbers) : valueBars(values)
  const summed = column.kind === 'number' && numbers.length > 0
  return {
    count: rows - empty,
    empty,
    distinct: counts.size >= kMostDistinct ? undefined : counts.size,
    bars,
    values,
    sum: summed ? numbers.reduce((sum, value) => sum + value, 0) : undefined,
    least: bars[0]?.from,
    most: bars.at(-1)?.to
  }
}

/** Of a column of few values, one bar each; of many, none: they would all be alike. */
function valueBars(values: readonly (readonly [string, number])[]): Bar[] {
  const tallest = values[0]?.[1] ?? 0
  if (tallest < 2) return []
  return values.map(([value, count]) => ({ height: count / tallest, count, value, from: NaN, to: NaN }))
}
