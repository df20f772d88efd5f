// Numbers, sizes and shapes of states as the page writes them.

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })
const exact = new Intl.NumberFormat('en', { maximumFractionDigits: 3 })
const compact = new Intl.NumberFormat('en', {
  notation: 'compact',
  minimumSignificantDigits: 3,
  maximumSignificantDigits: 3
})

export function numberText(value: number): string {
  return Math.abs(value) >= 1000 || Number.isInteger(value) ? whole.format(value) : exact.format(value)
}

/** Whole up to 99,999; above that three digits and a letter: for figures that change all the time. */
export function shortText(value: number): string {
  return Math.abs(value) < 100_000 ? whole.format(value) : compact.format(value)
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB']

export function bytesText(bytes: number): string {
  let size = bytes
  let unit = 0
  while (size >= 1000 && unit < UNITS.length - 1) {
    size /= 1000
    unit += 1
  }
  return unit === 0 ? `${size} B` : `${size.toFixed(size < 10 ? 1 : 0)} ${UNITS[unit] ?? ''}`
}

export function countText(count: number, one: string, many = `${one}s`): string {
  return count === 1 ? `1 ${one}` : `${numberText(count)} ${many}`
}

/** A state has a shape besides its colour. */
export const SHAPES = { good: '✓', bad: '✕', warn: '▲', busy: '▶', held: '‖', idle: '·' } as const
export type Shape = keyof typeof SHAPES
