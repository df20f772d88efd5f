// Cells as people read them: numbers with all their digits, times with a zone, nested values as JSON.
import { cell, isNull, type Column } from '@weir/engine-client'

/** What stands for null. */
export const EMPTY = 'empty'

export interface TextOptions {
  /** An IANA zone; absent: the person's. */
  timeZone?: string
}

const MICRO_PER_SECOND = 1_000_000n

/** The cell's text; null as an empty text, which the caller marks. */
export function cellText(column: Column, row: number, options: TextOptions = {}): string {
  if (isNull(column, row)) return ''
  if (column.kind === 'timestamp') return timeText(microseconds(column, row), options.timeZone)
  return valueText(cell(column, row))
}

export function valueText(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return value
    case 'number':
    case 'bigint':
    case 'boolean':
      return String(value)
    case 'object':
      if (value === null) return ''
      if (value instanceof Uint8Array) return bytesText(value)
      return JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? String(part) : part))
    default:
      return ''
  }
}

function microseconds(column: Column, row: number): bigint {
  if (column.dictionary) return BigInt(cell(column, row) as number | bigint)
  return (column.values as BigInt64Array)[row] ?? 0n
}

const SHOWN_BYTES = 16

function bytesText(bytes: Uint8Array): string {
  const shown = Array.from(bytes.subarray(0, SHOWN_BYTES), (byte) => byte.toString(16).padStart(2, '0')).join(' ')
  return bytes.length > SHOWN_BYTES ? `${shown} … (${bytes.length} bytes)` : shown
}

const formats = new Map<string, Intl.DateTimeFormat>()

function formatOf(timeZone: string | undefined): Intl.DateTimeFormat {
  const key = timeZone ?? ''
  let format = formats.get(key)
  if (!format) {
    format = new Intl.DateTimeFormat('sv-SE', {
      dateStyle: 'short',
      timeStyle: 'medium',
      ...(timeZone !== undefined && { timeZone })
    })
    formats.set(key, format)
  }
  return format
}

/** As 2026-03-04 12:20:07.120, in the zone; with microseconds where there are any. */
export function timeText(micros: bigint, timeZone?: string): string {
  let seconds = micros / MICRO_PER_SECOND
  let rest = micros % MICRO_PER_SECOND
  if (rest < 0n) {
    rest += MICRO_PER_SECOND
    seconds -= 1n
  }
  const ms = Number(seconds) * 1000
  if (Math.abs(ms) > 8.64e15) return `${micros} µs`
  const digits = rest.toString().padStart(6, '0')
  return `${formatOf(timeZone).format(ms)}.${digits.endsWith('000') ? digits.slice(0, 3) : digits}`
}

/** The zone's name, for heads of columns and axes. */
export function zoneName(timeZone?: string): string {
  return timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone
}
