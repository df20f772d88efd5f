// Colours as numbers: mixing, and how well one is told from another, after WCAG 2.

/** Red, green and blue, 0 to 255. */
export type Rgb = readonly [number, number, number]

/** Of `#rgb` and `#rrggbb`; undefined of all else. */
export function parseColor(text: string): Rgb | undefined {
  const [, short = '', long = ''] = /^#(?:([0-9a-f]{3})|([0-9a-f]{6}))$/i.exec(text.trim()) ?? []
  const digits = short === '' ? long : short.replace(/./g, '$&$&')
  if (digits === '') return undefined
  const part = (at: number): number => Number.parseInt(digits.slice(at, at + 2), 16)
  return [part(0), part(2), part(4)]
}

export function hexOf(color: Rgb): string {
  return `#${color.map((part) => Math.round(part).toString(16).padStart(2, '0')).join('')}`
}

/** `share` of `a`, the rest of `b`. */
export function mix(a: Rgb, b: Rgb, share: number): Rgb {
  const part = (at: 0 | 1 | 2): number => a[at] * share + b[at] * (1 - share)
  return [part(0), part(1), part(2)]
}

function luminance(color: Rgb): number {
  const [r, g, b] = color.map((part) => {
    const value = part / 255
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * (r ?? 0) + 0.7152 * (g ?? 0) + 0.0722 * (b ?? 0)
}

/** 1 to 21. */
export function contrast(a: Rgb, b: Rgb): number {
  const [one, other] = [luminance(a), luminance(b)]
  return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05)
}

/** `color`, led towards `towards` as far as it takes to have this contrast on `ground`. */
export function readable(color: Rgb, ground: Rgb, towards: Rgb, least: number): Rgb {
  for (let share = 1; share > 0; share -= 0.1) {
    const mixed = mix(color, towards, share)
    if (contrast(mixed, ground) >= least) return mixed
  }
  return towards
}
