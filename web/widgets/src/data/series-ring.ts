// SeriesRing: the newest points of several series over one x, with the least and greatest of every block.

/** Points of a block; extremes of a range are found block by block. */
export const BLOCK = 64
const SHIFT = 6

export interface Range {
  min: number
  max: number
}

/** What one series keeps. */
interface Lane {
  values: Float64Array
  blockMin: Float64Array
  blockMax: Float64Array
}

/**
 * Points are named by how many came before them since the beginning: `first` to `end` - 1 are kept. Memory is fixed:
 * `capacity` points, rounded up to a power of two. NaN in a series is a gap. x should not fall; `sorted` tells.
 */
export class SeriesRing {
  readonly capacity: number
  private readonly x: Float64Array
  private readonly lanes: Lane[]
  private readonly mask: number
  private total = 0
  private lastX = -Infinity
  private rising = true

  constructor(capacity: number, series: number) {
    this.capacity = Math.max(BLOCK * 2, 2 ** Math.ceil(Math.log2(Math.max(1, capacity))))
    this.mask = this.capacity - 1
    this.x = new Float64Array(this.capacity)
    this.lanes = Array.from({ length: series }, () => ({
      values: new Float64Array(this.capacity),
      blockMin: new Float64Array(this.capacity >> SHIFT),
      blockMax: new Float64Array(this.capacity >> SHIFT)
    }))
  }

  /** One past the newest point. */
  get end(): number {
    return this.total
  }

  /** The oldest point. A block that is half overwritten counts as gone. */
  get first(): number {
    const oldest = this.total - this.capacity
    return oldest <= 0 ? 0 : blockUp(oldest)
  }

  get count(): number {
    return this.total - this.first
  }

  get series(): number {
    return this.lanes.length
  }

  /** x never fell since the ring was made or cleared. */
  get sorted(): boolean {
    return this.rising
  }

  clear(): void {
    this.total = 0
    this.lastX = -Infinity
    this.rising = true
  }

  /** Appends `count` points: x and then every series, each read by a call that fills `target` at `at`. */
  append(
    count: number,
    readX: (from: number, to: number, target: Float64Array, at: number) => void,
    readY: (series: number, from: number, to: number, target: Float64Array, at: number) => void
  ): void {
    // What would be overwritten at once is not copied.
    const skip = Math.max(0, count - this.capacity)
    this.total += skip
    if (skip > 0) this.total = blockUp(this.total)
    for (let from = skip; from < count;) {
      const slot = this.total & this.mask
      const to = Math.min(count, from + this.capacity - slot)
      readX(from, to, this.x, slot)
      this.checkOrder(slot, to - from)
      for (let series = 0; series < this.lanes.length; series++) {
        const lane = this.lanes[series]
        if (!lane) continue
        readY(series, from, to, lane.values, slot)
        summarise(lane, slot, to - from)
      }
      this.total += to - from
      from = to
    }
  }

  xAt(point: number): number {
    return this.x[point & this.mask] ?? NaN
  }

  yAt(series: number, point: number): number {
    return this.lanes[series]?.values[point & this.mask] ?? NaN
  }

  /** Least and greatest of points `from` to `to` - 1, widening `into`. */
  extremes(series: number, from: number, to: number, into: Range): void {
    const lane = this.lanes[series]
    if (!lane) return
    const headEnd = Math.min(to, blockUp(from))
    this.scan(lane, from, headEnd, into)
    const tailStart = Math.max(headEnd, to - (to % BLOCK))
    const blockMask = this.mask >> SHIFT
    for (let point = headEnd; point < tailStart; point += BLOCK) {
      const block = (point / BLOCK) & blockMask
      const low = lane.blockMin[block] ?? NaN
      const high = lane.blockMax[block] ?? NaN
      if (low < into.min) into.min = low
      if (high > into.max) into.max = high
    }
    this.scan(lane, tailStart, to, into)
  }

  /** The first point of `from` to `to` whose x is not less than `x`; `to` if there is none. Needs `sorted`. */
  firstAt(x: number, from: number, to: number): number {
    let low = from
    let high = to
    while (low < high) {
      const middle = low + Math.floor((high - low) / 2)
      if (this.xAt(middle) < x) low = middle + 1
      else high = middle
    }
    return low
  }

  private scan(lane: Lane, from: number, to: number, into: Range): void {
    for (let point = from; point < to; point++) {
      const value = lane.values[point & this.mask] ?? NaN
      if (value < into.min) into.min = value
      if (value > into.max) into.max = value
    }
  }

  private checkOrder(slot: number, count: number): void {
    let last = this.lastX
    for (let i = slot; i < slot + count; i++) {
      const x = this.x[i] ?? NaN
      if (!(x >= last)) this.rising = false
      last = x
    }
    this.lastX = last
  }
}

/** The next whole block; points outgrow 32 bits, so no bit operations. */
export function blockUp(point: number): number {
  return Math.ceil(point / BLOCK) * BLOCK
}

/** Brings the blocks of the slots up to date. Slots never wrap within a call. */
function summarise(lane: Lane, slot: number, count: number): void {
  const end = slot + count
  for (let at = slot; at < end;) {
    const block = at >> SHIFT
    const stop = Math.min(end, (block + 1) << SHIFT)
    const fresh = (at & (BLOCK - 1)) === 0
    let min = fresh ? Infinity : (lane.blockMin[block] ?? Infinity)
    let max = fresh ? -Infinity : (lane.blockMax[block] ?? -Infinity)
    for (; at < stop; at++) {
      const value = lane.values[at] ?? NaN
      if (value < min) min = value
      if (value > max) max = value
    }
    lane.blockMin[block] = min
    lane.blockMax[block] = max
  }
}
