// Numbers as people read them, and the steps of axes.

const exactFormat = new Intl.NumberFormat('en', { maximumFractionDigits: 20 })
const compactFormat = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 4 })
const plainFormat = new Intl.NumberFormat('en', { maximumSignificantDigits: 6 })

/** All digits, in groups. */
export function exact(value: number): string {
  return exactFormat.format(value)
}

/** At most six digits; very large and very small numbers by powers of ten. */
export function short(value: number): string {
  if (!Number.isFinite(value)) return String(value)
  const size = Math.abs(value)
  if (size !== 0 && (size < 1e-4 || size >= 1e15)) return value.toExponential(3).replace('e+', 'e')
  return size >= 1e6 ? compactFormat.format(value) : plainFormat.format(value)
}

/** The step of 1, 2 or 5 times a power of ten that cuts `span` into at most `parts`. */
export function niceStep(span: number, parts: number): number {
  const rough = span / Math.max(1, parts)
  const power = 10 ** Math.floor(Math.log10(rough))
  const factor = rough / power
  return power * (factor <= 1 ? 1 : factor <= 2 ? 2 : factor <= 5 ? 5 : 10)
}

export interface Scale {
  low: number
  high: number
  step: number
}

/** A range with round ends that covers `min` to `max`; a flat line gets room above and below. */
export function niceScale(min: number, max: number, parts: number): Scale {
  if (!(min <= max)) return { low: 0, high: 1, step: 0.5 }
  // Wider than a number can be: halves of both ends.
  if (max - min === Infinity)
    return { low: -Number.MAX_VALUE / 2, high: Number.MAX_VALUE / 2, step: Number.MAX_VALUE / 4 }
  const flat = max - min <= Math.abs(max) * 1e-12
  const room = flat ? Math.max(Math.abs(max) * 0.1, 1e-9, max === 0 ? 1 : 0) : 0
  const step = niceStep(max - min + 2 * room, parts)
  return { low: Math.floor((min - room) / step) * step, high: Math.ceil((max + room) / step) * step, step }
}

export function ticks(scale: Scale): number[] {
  const first = Math.ceil(scale.low / scale.step - 1e-9)
  const last = Math.floor(scale.high / scale.step + 1e-9)
  return Array.from({ length: Math.min(50, Math.max(0, last - first + 1)) }, (_, i) => (first + i) * scale.step)
}

/** A tick's text, with as many decimals as its step needs. */
export function tickText(value: number, step: number): string {
  if (Math.abs(value) < step * 1e-9) return '0'
  if (Math.abs(value) >= 1e4 || step < 1e-4) return short(value)
  const decimals = Math.max(0, Math.min(6, -Math.floor(Math.log10(step) + 1e-9)))
  return value.toFixed(decimals)
}

const TIME_STEPS = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 15e3, 3e4, 6e4, 12e4, 3e5, 6e5, 9e5, 18e5, 36e5, 72e5, 108e5,
  216e5, 432e5, 864e5, 1728e5, 6048e5
]

/** The step in milliseconds that people are used to, for at most `parts`. */
export function timeStep(spanMs: number, parts: number): number {
  const rough = spanMs / Math.max(1, parts)
  return TIME_STEPS.find((step) => step >= rough) ?? niceStep(spanMs / 864e5, parts) * 864e5
}
