// BinAxis: bins of equal width over numbers whose range is not known before; it grows by making bins of several one.

/** Bins of one axis as they stand: bin `i` holds what is from `edge(i)` to less than `edge(i + 1)`. */
export interface Bins {
  readonly from: number
  readonly count: number
}

/** How the bins of before lie in those of now: `into` by the old place. */
export type Regroup = (into: (place: number) => number) => void

const LEAST_POWER = -290
const MOST_POWER = 306
/** A range narrower than this part of its numbers is not told apart. */
const FINEST = 1e-12

/**
 * Widths are 1 and 2 times a power of ten, each a multiple of the one before: no value changes the bin that it was counted
 * in other than by bins becoming one. At most `capacity` bins, whatever comes. Only finite numbers are given.
 */
export class BinAxis {
  private mantissa: 1 | 2 = 1
  private power = 0
  /** The first bin, as a multiple of the width. */
  private base = 0
  private used = 0

  constructor(
    readonly capacity: number,
    private readonly regroup: Regroup
  ) {}

  get width(): number {
    return this.mantissa * 10 ** this.power
  }

  /** Bins from the first that was needed to the last. */
  get count(): number {
    return this.used
  }

  /** Where bin `i` begins. */
  edge(i: number): number {
    const steps = (this.base + i) * this.mantissa
    return this.power < 0 ? steps / 10 ** -this.power : steps * 10 ** this.power
  }

  /** Multiples of the width below the first bin: merged bins begin at multiples of their own. */
  get first(): number {
    return this.base
  }

  /** Makes room for these, and tells `regroup` if bins lie elsewhere than before. */
  cover(min: number, max: number): void {
    if (this.used === 0) this.begin(min, max)
    let [mantissa, power] = [this.mantissa, this.power]
    for (;;) {
      const low = Math.min(step(min, mantissa, power), this.used === 0 ? Infinity : this.lowIn(mantissa, power))
      const high = Math.max(step(max, mantissa, power), this.used === 0 ? -Infinity : this.highIn(mantissa, power))
      if (high - low < this.capacity) {
        this.move(mantissa, power, low, high - low + 1)
        return
      }
      if (mantissa === 1) mantissa = 2
      else {
        mantissa = 1
        power++
      }
    }
  }

  /** The bin of a number that is covered. */
  place(value: number): number {
    return step(value, this.mantissa, this.power) - this.base
  }

  /** How many bins are to be drawn as one, so that at most `most` are: a round width again. Around zero there are two at least. */
  merged(most: number): number {
    const bound = this.base < 0 && this.base + this.used > 0 ? Math.max(2, most) : Math.max(1, most)
    for (let power = 1; ; power *= 10) {
      for (const times of this.mantissa === 1 ? [1, 2, 5] : [1, 5, 10]) {
        const factor = times * power
        const first = Math.floor(this.base / factor)
        if (Math.floor((this.base + this.used - 1) / factor) - first < bound) return factor
      }
    }
  }

  private begin(min: number, max: number): void {
    const size = Math.max(Math.abs(min), Math.abs(max))
    const flat = size === 0 ? 1e-6 : size * 1e-6
    const span = max / this.capacity - min / this.capacity
    const finest = Math.max(span > 0 ? span : flat, size * FINEST)
    this.mantissa = 1
    this.power = Math.min(MOST_POWER, Math.max(LEAST_POWER, Math.floor(Math.log10(finest))))
  }

  private factor(mantissa: number, power: number): number {
    return Math.round((mantissa / this.mantissa) * 10 ** (power - this.power))
  }

  private lowIn(mantissa: number, power: number): number {
    return Math.floor(this.base / this.factor(mantissa, power))
  }

  private highIn(mantissa: number, power: number): number {
    return Math.floor((this.base + this.used - 1) / this.factor(mantissa, power))
  }

  private move(mantissa: 1 | 2, power: number, base: number, used: number): void {
    const factor = this.factor(mantissa, power)
    const before = this.base
    const moved = this.used > 0 && (factor !== 1 || base !== before)
    this.mantissa = mantissa
    this.power = power
    this.base = base
    if (moved) this.regroup((place) => Math.floor((before + place) / factor) - base)
    this.used = used
  }
}

/** Which multiple of the width is at or below a value; one that is at it but for rounding counts as at it. */
function step(value: number, mantissa: number, power: number): number {
  const exact = (power < 0 ? value * 10 ** -power : value / 10 ** power) / mantissa
  const near = Math.round(exact)
  return Math.abs(exact - near) <= 1e-9 * Math.max(1, Math.abs(near) * 1e-6) ? near : Math.floor(exact)
}
