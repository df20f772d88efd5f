// Figures as people read them: exact where they are counted, with their unit, in the person's time zone.

const THIN = '\u2009'

/** How figures and days are written: locales, such as `de`. Empty: as the machine does. */
export interface Formats {
  figures: string
  /** `iso`: 2026-03-04, as it sorts. */
  days: string
}

let formats: Formats = { figures: 'en', days: 'iso' }

/** Counts for what is written from now on. */
export function setFormats(next: Formats): void {
  formats = next
  written.clear()
}

const localeOf = (name: string): string | undefined => (name === '' ? undefined : name)

/** A count with groups of three: 1,241,774. */
export function count(value: number): string {
  return value.toLocaleString(localeOf(formats.figures))
}

/** How often, such as 1.28 M/s. */
export function rate(perSecond: number): string {
  if (perSecond >= 1e6) return `${(perSecond / 1e6).toFixed(2)}${THIN}M/s`
  if (perSecond >= 1e4) return `${(perSecond / 1e3).toFixed(0)}${THIN}k/s`
  if (perSecond >= 1e3) return `${(perSecond / 1e3).toFixed(1)}${THIN}k/s`
  return `${perSecond >= 10 ? perSecond.toFixed(0) : perSecond.toFixed(1)}/s`
}

/** Bytes in powers of 1024. */
export function bytes(value: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  let size = value
  let unit = 0
  while (size >= 1024 && unit + 1 < units.length) {
    size /= 1024
    unit += 1
  }
  return `${unit === 0 || size >= 100 ? size.toFixed(0) : size.toFixed(1)}${THIN}${units[unit] ?? ''}`
}

/** How long: 0.31 s, 12 s, 3 min 04 s, 2 h 10 min, 5 d 3 h. */
export function duration(ms: number): string {
  if (ms < 1000) return `${(ms / 1000).toFixed(2)} s`
  const seconds = Math.floor(ms / 1000)
  if (seconds < 60) return `${ms < 10_000 ? (ms / 1000).toFixed(1) : seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min ${String(seconds % 60).padStart(2, '0')} s`
  const hours = Math.floor(minutes / 60)
  if (hours < 24) return `${hours} h ${String(minutes % 60).padStart(2, '0')} min`
  return hours % 24 === 0 ? `${hours / 24} d` : `${Math.floor(hours / 24)} d ${hours % 24} h`
}

/** Nanoseconds of work: 14 µs, 0.21 ms, 3.1 s. */
export function short(nanos: number): string {
  if (nanos < 1e5) return `${(nanos / 1e3).toFixed(nanos < 1e4 ? 1 : 0)} µs`
  if (nanos < 1e9) return `${(nanos / 1e6).toFixed(nanos < 1e7 ? 2 : 0)} ms`
  return `${(nanos / 1e9).toFixed(1)} s`
}

const written = new Map<string, Intl.DateTimeFormat>()

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = written.get(zone)
  if (known !== undefined) return known
  const made = new Intl.DateTimeFormat(formats.days === 'iso' ? 'en-GB' : localeOf(formats.days), {
    timeZone: zone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23'
  })
  written.set(zone, made)
  return made
}

/** A time as 2026-03-04 12:20:07 in a zone, or as the person writes days. */
export function time(ms: number, zone: string): string {
  if (formats.days !== 'iso') return formatOf(zone).format(ms)
  const parts = Object.fromEntries(
    formatOf(zone)
      .formatToParts(ms)
      .map((part) => [part.type, part.value])
  )
  return `${parts.year ?? ''}-${parts.month ?? ''}-${parts.day ?? ''} ${parts.hour ?? ''}:${parts.minute ?? ''}:${parts.second ?? ''}`
}

/** How long ago, or how long until: "3 min ago", "in 2 h". */
export function distance(ms: number, now: number): string {
  const apart = Math.abs(now - ms)
  if (apart < 5000) return 'now'
  const [size, unit] =
    apart < 60_000
      ? [1000, 's']
      : apart < 3_600_000
        ? [60_000, 'min']
        : apart < 86_400_000
          ? [3_600_000, 'h']
          : [86_400_000, 'd']
  const text = `${Math.floor(apart / size)} ${unit}`
  return ms < now ? `${text} ago` : `in ${text}`
}
