// The points of a line chart: which columns it draws, and the ring they are kept in.
import type { Batch, Column } from '@weir/engine-client'
import { isNumeric, readNumbers } from '../data/column-read.ts'
import { missing, named } from '../data/named-column.ts'
import { SeriesRing } from '../data/series-ring.ts'

export const MOST_SERIES = 6

export interface LineColumns {
  x?: string
  y?: readonly string[]
}

export class LineData {
  readonly ring: SeriesRing
  readonly names: readonly string[]
  /** Absent: x is the number of the row. */
  readonly xName: string | undefined
  readonly isTime: boolean
  /** Columns that could be drawn and are not: there are too many. */
  readonly leftOut: number
  private came = 0

  /** Chooses the columns by the settings or by what the first rows have. Throws if there is nothing to draw. */
  constructor(
    columns: readonly Column[],
    wanted: LineColumns,
    private readonly points: number
  ) {
    const x = wanted.x === undefined ? columns.find((column) => column.kind === 'timestamp') : named(columns, wanted.x)
    const doubles = columns.filter((column) => column.kind === 'double' && column !== x)
    const others = columns.filter((column) => isNumeric(column) && column !== x).slice(0, 1)
    const y = wanted.y?.map((name) => named(columns, name)) ?? (doubles.length > 0 ? doubles : others)
    if (y.length === 0) throw new Error(missing('a column of numbers', columns))
    this.names = y.slice(0, MOST_SERIES).map((column) => column.name)
    this.leftOut = y.length - this.names.length
    this.xName = x?.name
    this.isTime = x?.kind === 'timestamp'
    this.ring = new SeriesRing(points + 64, this.names.length)
  }

  /** The oldest point that is shown. */
  get first(): number {
    return Math.max(this.ring.first, this.ring.end - this.points)
  }

  get end(): number {
    return this.ring.end
  }

  add(batch: Batch): void {
    const x = this.xName === undefined ? undefined : named(batch.columns, this.xName)
    const y = this.names.map((name) => named(batch.columns, name))
    this.ring.append(
      batch.rows,
      (from, to, target, at) => {
        if (x) readNumbers(x, from, to, target, at)
        else for (let i = from; i < to; i++) target[at + i - from] = this.came + i
      },
      (series, from, to, target, at) => {
        const column = y[series]
        if (!column) return
        readNumbers(column, from, to, target, at)
        dropInfinite(target, at, at + to - from)
      }
    )
    this.came += batch.rows
  }

  /** x at both sides; where x falls somewhere, all points are looked at. */
  xExtent(): { low: number; high: number } {
    const { ring, first } = this
    if (ring.sorted) return { low: ring.xAt(first), high: ring.xAt(ring.end - 1) }
    let low = Infinity
    let high = -Infinity
    for (let point = first; point < ring.end; point++) {
      const x = ring.xAt(point)
      if (x < low) low = x
      if (x > high) high = x
    }
    return low <= high ? { low, high } : { low: 0, high: 1 }
  }

  /** The point whose x is nearest; `share`: how far along the plot, for where x falls. */
  nearest(x: number, share: number): number {
    const { ring, first } = this
    if (!ring.sorted) return this.clamp(Math.round(first + share * (ring.end - first)))
    const right = this.clamp(ring.firstAt(x, first, ring.end))
    if (right <= first) return first
    return x - ring.xAt(right - 1) < ring.xAt(right) - x ? right - 1 : right
  }

  clamp(point: number): number {
    return Math.max(this.first, Math.min(this.ring.end - 1, point))
  }
}

/** An infinite value has no place on a scale: it is a gap. */
function dropInfinite(values: Float64Array, from: number, to: number): void {
  for (let i = from; i < to; i++) {
    const value = values[i] ?? NaN
    if (value === Infinity || value === -Infinity) values[i] = NaN
  }
}
