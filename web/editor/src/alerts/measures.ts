// What an alert can watch, in a person's words, with the unit in which its bound is written.
import { parseByteSize, parseDuration } from '@weir/flow-model'
import { bytes, count, duration } from '@weir/ui/figures/figures.ts'

/** `share`: 0 to 1, written in per cent; `ms`: a duration; `flag`: 0 or 1, which needs no bound. */
export type Unit = 'share' | 'ms' | 'count' | 'rate' | 'bytes' | 'flag'

export interface MeasureWords {
  measure: string
  of: 'node' | 'edge' | 'run'
  /** As it stands behind *Alert me when*. */
  words: string
  unit: Unit
  /** It counts within a window. */
  windowed: boolean
  /** A bound to begin with, as it is written. */
  suggested: string
  /** Too little of it is what is watched for; else too much. */
  few?: true
}

/** In the order in which they are offered: what people ask about most comes first. */
export const kMeasures: readonly MeasureWords[] = [
  { measure: 'errorRate', of: 'node', words: 'share of rows that fail', unit: 'share', windowed: true, suggested: '5' },
  {
    measure: 'stalledMs',
    of: 'node',
    words: 'rows wait and it takes none',
    unit: 'ms',
    windowed: false,
    suggested: '30s'
  },
  { measure: 'latencyMs', of: 'node', words: 'time of a step (99 %)', unit: 'ms', windowed: true, suggested: '1s' },
  { measure: 'retriesPerSecond', of: 'node', words: 'retries a second', unit: 'rate', windowed: true, suggested: '1' },
  { measure: 'breakerOpen', of: 'node', words: 'its breaker is open', unit: 'flag', windowed: false, suggested: '' },
  { measure: 'rowsPerSecond', of: 'edge', words: 'rows a second', unit: 'rate', windowed: true, suggested: '1000' },
  {
    measure: 'rows',
    of: 'edge',
    words: 'rows within a time',
    unit: 'count',
    windowed: true,
    suggested: '1',
    few: true
  },
  { measure: 'idleMs', of: 'edge', words: 'no row comes', unit: 'ms', windowed: false, suggested: '1m' },
  { measure: 'fill', of: 'edge', words: 'how full it is', unit: 'share', windowed: false, suggested: '80' },
  { measure: 'waitMs', of: 'edge', words: 'how long rows wait (99 %)', unit: 'ms', windowed: true, suggested: '10s' },
  {
    measure: 'dropsPerSecond',
    of: 'edge',
    words: 'rows dropped a second',
    unit: 'rate',
    windowed: true,
    suggested: '0'
  },
  { measure: 'underPressure', of: 'edge', words: 'it is under pressure', unit: 'flag', windowed: false, suggested: '' },
  { measure: 'deadLetters', of: 'run', words: 'rows set aside', unit: 'count', windowed: false, suggested: '0' },
  { measure: 'errorsPerSecond', of: 'run', words: 'errors a second', unit: 'rate', windowed: true, suggested: '1' },
  { measure: 'memoryBytes', of: 'run', words: 'memory', unit: 'bytes', windowed: false, suggested: '1GiB' }
]

const kByName = new Map(kMeasures.map((each) => [each.measure, each]))

export function measureNamed(name: string): MeasureWords | undefined {
  return kByName.get(name)
}

/** Durations that say *for so long* need no other bound: they are over it. */
export function isAbsence(measure: string): boolean {
  return measure === 'idleMs' || measure === 'stalledMs'
}

const kUnits: readonly (readonly [string, number])[] = [
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1]
]

/** A duration as it is typed: 90000 is 1m30s. */
export function durationText(ms: number): string {
  let left = Math.round(ms)
  if (left === 0) return '0s'
  let text = ''
  for (const [unit, size] of kUnits) {
    const amount = Math.floor(left / size)
    if (amount > 0) text += `${String(amount)}${unit}`
    left -= amount * size
  }
  return text
}

/** Milliseconds of a duration that was typed; a number alone is seconds. Undefined: it is none. */
export function readDuration(text: string): number | undefined {
  const plain = text.trim().replaceAll(' ', '').replaceAll('min', 'm')
  if (plain === '') return undefined
  const ms = /^\d+(\.\d+)?$/.test(plain) ? Number(plain) * 1000 : parseDuration(plain)
  return ms === undefined || ms < 0 ? undefined : Math.round(ms)
}

/** A bound as it is typed. */
export function boundText(unit: Unit, value: number | undefined): string {
  if (value === undefined || unit === 'flag') return ''
  if (unit === 'share') return String(Number((value * 100).toPrecision(12)))
  if (unit === 'ms') return durationText(value)
  if (unit === 'bytes') {
    for (const [name, size] of [
      ['GiB', 2 ** 30],
      ['MiB', 2 ** 20],
      ['KiB', 2 ** 10]
    ] as const)
      if (value >= size && value % size === 0) return `${String(value / size)}${name}`
  }
  return String(value)
}

/** The number of a bound that was typed; undefined: it is none. */
export function readBound(unit: Unit, text: string): number | undefined {
  const plain = text.trim()
  if (plain === '') return undefined
  if (unit === 'ms') return readDuration(plain)
  if (unit === 'bytes') {
    const size = Number.isNaN(Number(plain)) ? parseByteSize(plain.replaceAll(' ', '')) : Number(plain)
    return size === undefined || size < 0 ? undefined : size
  }
  const number = Number(unit === 'share' ? plain.replace(/\s*%$/, '') : plain.replaceAll(',', ''))
  if (!Number.isFinite(number)) return undefined
  return unit === 'share' ? number / 100 : number
}

/** A value as it is read. */
export function valueText(unit: Unit, value: number): string {
  if (unit === 'share') return `${String(Number((value * 100).toFixed(2)))} %`
  if (unit === 'ms') return value < 1000 ? `${String(Math.round(value))} ms` : duration(value)
  if (unit === 'bytes') return bytes(value)
  if (unit === 'rate') return `${count(Number(value.toFixed(value < 10 ? 2 : 0)))}/s`
  if (unit === 'flag') return value > 0 ? 'yes' : 'no'
  return count(Number(value.toFixed(2)))
}

/** What is written behind a bound that is typed. */
export const kUnitHelp: Readonly<Record<Unit, string>> = {
  share: 'Per cent',
  ms: 'Such as 30s, 5m or 1h',
  count: 'A number',
  rate: 'A number, a second',
  bytes: 'Such as 512MiB',
  flag: ''
}
