// Decimation: a line of any number of points as at most four per pixel: first, least, greatest, last.
import { BLOCK, blockUp, type Range, type SeriesRing } from './series-ring.ts'

/** Points of a path as pairs of x and y in data units; a NaN pair is a gap. */
export interface Path {
  points: Float64Array
  /** Numbers in use: twice the points. */
  length: number
}

export const POINTS_PER_PIXEL = 4

/** With so many blocks in a pixel, pixels begin at whole blocks: a tenth of a pixel is not seen, and few points are read. */
const BLOCKS_PER_PIXEL = 10

export function makePath(pixels: number): Path {
  // Every pixel may end in a gap, which takes a pair too.
  return { points: new Float64Array(Math.max(1, pixels) * (POINTS_PER_PIXEL + 1) * 2), length: 0 }
}

/**
 * Fills `path` with series `series` of `from` to `to` - 1, and widens `extent` by its values. Few points are taken as
 * they are; many are cut into `pixels` parts, by x if it never falls, else by number. No allocation.
 */
export function decimate(
  ring: SeriesRing,
  series: number,
  from: number,
  to: number,
  pixels: number,
  path: Path,
  extent: Range
): void {
  path.length = 0
  if (to - from <= pixels * 2) {
    for (let point = from; point < to; point++) put(path, ring.xAt(point), ring.yAt(series, point), extent)
    return
  }
  const low = ring.xAt(from)
  const width = ring.xAt(to - 1) - low
  const byX = ring.sorted && width > 0
  const whole = to - from >= pixels * BLOCK * BLOCKS_PER_PIXEL
  for (let pixel = 0, start = from; pixel < pixels; pixel++) {
    const edge = byX ? low + (width * (pixel + 1)) / pixels : from + ((to - from) * (pixel + 1)) / pixels
    const near = pixel === pixels - 1 ? to : byX ? gallop(ring, edge, start, to) : Math.round(edge)
    const stop = whole ? Math.min(to, blockUp(near)) : near
    if (stop > start) putColumn(ring, series, start, stop, path, extent)
    start = stop
  }
}

/** As firstAt, but quick when the answer is near `from`. */
function gallop(ring: SeriesRing, x: number, from: number, to: number): number {
  let step = 1
  while (from + step < to && ring.xAt(from + step) < x) step *= 2
  return ring.firstAt(x, from + Math.floor(step / 2), Math.min(to, from + step))
}

const column: Range = { min: 0, max: 0 }

function putColumn(ring: SeriesRing, series: number, from: number, to: number, path: Path, extent: Range): void {
  column.min = Infinity
  column.max = -Infinity
  ring.extremes(series, from, to, column)
  const x = ring.xAt(from)
  if (column.min > column.max) {
    put(path, x, NaN, extent)
    return
  }
  const first = ring.yAt(series, from)
  const last = ring.yAt(series, to - 1)
  const lastX = ring.xAt(to - 1)
  const middle = (x + lastX) / 2
  // Nulls at the rim of a column are not drawn; what lies within is.
  if (first === first) put(path, x, first, extent)
  put(path, middle, column.min, extent)
  if (column.max !== column.min) put(path, middle, column.max, extent)
  if (last === last) put(path, lastX, last, extent)
}

function put(path: Path, x: number, y: number, extent: Range): void {
  path.points[path.length] = x
  path.points[path.length + 1] = y
  path.length += 2
  if (y < extent.min) extent.min = y
  if (y > extent.max) extent.max = y
}
