// Cells as people read them, and as they are copied: times in the zone of the person, in copies in UTC.
import { isoText } from './row-table.ts'
import type { TableColumn } from './row-table.ts'

const kFormats = new Map<string, Intl.DateTimeFormat>()

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = kFormats.get(zone)
  if (known !== undefined) return known
  const made = new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeStyle: 'medium', timeZone: zone })
  kFormats.set(zone, made)
  return made
}

/** As 2026-03-04 12:20:07.120 in a zone, with microseconds where there are any. */
export function timeText(micros: number | bigint, zone: string): string {
  const exact = BigInt(micros)
  const rest = ((exact % 1_000_000n) + 1_000_000n) % 1_000_000n
  const ms = Number((exact - rest) / 1000n)
  if (Math.abs(ms) > 8.64e15) return `${exact} µs`
  const digits = String(rest).padStart(6, '0')
  return `${formatOf(zone).format(ms)}.${digits.endsWith('000') ? digits.slice(0, 3) : digits}`
}

/** A value that is no null, as text. */
export function plainText(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return value
    case 'number':
    case 'bigint':
    case 'boolean':
      return String(value)
    case 'object':
      if (value === null) return ''
      return value instanceof Uint8Array ? hexText(value, 16) : jsonText(value)
    default:
      return ''
  }
}

export function jsonText(value: unknown, indent = 0): string {
  const parts = (_: string, part: unknown): unknown => {
    if (typeof part === 'bigint') return String(part)
    if (part instanceof Uint8Array) return hexText(part)
    return typeof part === 'number' && !Number.isFinite(part) ? String(part) : part
  }
  return JSON.stringify(value, parts, indent)
}

export function hexText(bytes: Uint8Array, most = Infinity): string {
  const shown = Array.from(bytes.subarray(0, Math.min(most, bytes.length)), (byte) =>
    byte.toString(16).padStart(2, '0')
  )
  return bytes.length > most ? `${shown.join(' ')} … (${bytes.length} bytes)` : shown.join(' ')
}

/** A cell as the table shows it; empty of a null. */
export function cellText(value: unknown, column: Pick<TableColumn, 'type'>, zone: string): string {
  if (column.type === 'timestamp' && (typeof value === 'number' || typeof value === 'bigint'))
    return timeText(value, zone)
  return plainText(value)
}

/** A cell as it is copied: times in UTC. */
export function copyText(value: unknown, column: Pick<TableColumn, 'type'>): string {
  return column.type === 'timestamp' && value !== null ? isoText(value) : plainText(value)
}
