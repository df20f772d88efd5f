// When an alert would have been raised over figures that are kept, by the rules of the engine (engine/runtime/alerts).
import type { FigureHistory } from './figure-history.ts'

/** What decides; times in milliseconds. */
export interface Rule {
  over: number | undefined
  under: number | undefined
  forMs: number
  quietMs: number
}

/** One time that it was raised; `to` undefined: it still is. */
export interface Fired {
  from: number
  to: number | undefined
}

export interface Series {
  /** Milliseconds since the beginning. */
  times: readonly number[]
  /** Undefined where nothing can be said yet. */
  values: readonly (number | undefined)[]
  /** The figure is only near what the engine looks at. */
  approximate: boolean
}

const kPoints = 400
/** What is said about a second needs one. */
const kSecond = 1000
const kWindowMs = 10_000

type Read = (series: string, ms: number) => number

/** The growth of a count in the window before a time, and over how long. */
function grown(read: Read, series: string, at: number, windowMs: number): { by: number; ms: number } {
  const from = Math.max(0, at - windowMs)
  return { by: read(series, at) - read(series, from), ms: at - from }
}

function perSecond(read: Read, series: string, at: number, windowMs: number): number | undefined {
  const { by, ms } = grown(read, series, at, windowMs)
  return ms < kSecond ? undefined : (by * 1000) / ms
}

/** For how long a count has not changed at each of the times. */
function unchanged(read: Read, series: string, times: readonly number[], counts: (at: number) => boolean): number[] {
  let since = 0
  let last = -1
  return times.map((at) => {
    const value = read(series, at)
    if (value !== last || !counts(at)) since = at
    last = value
    return at - since
  })
}

function valueAt(measure: string, read: Read, at: number, windowMs: number, few: boolean): number | undefined {
  switch (measure) {
    case 'errorRate': {
      const tried = grown(read, 'tried', at, windowMs).by
      return tried > 0 ? grown(read, 'failed', at, windowMs).by / tried : 0
    }
    case 'retriesPerSecond':
      return perSecond(read, 'retries', at, windowMs)
    case 'rowsPerSecond':
      return perSecond(read, 'offered', at, windowMs)
    case 'dropsPerSecond':
      return perSecond(read, 'dropped', at, windowMs)
    case 'errorsPerSecond':
      return perSecond(read, 'errors', at, windowMs)
    case 'rows': {
      const { by, ms } = grown(read, 'offered', at, windowMs)
      // That there are too few is known when the time is over.
      return ms >= windowMs || (!few && ms >= kSecond) ? by : undefined
    }
    case 'breakerOpen':
      return read('breaker', at)
    case 'latencyMs':
    case 'waitMs':
      return read('p99', at)
    case 'memoryBytes':
      return read('usedBytes', at)
    default:
      return read(measure, at)
  }
}

/** A figure over what is kept; undefined: nothing was told of it. `untilMs`: the run went on until then. */
export function seriesOf(
  history: FigureHistory,
  metric: { subject: string; of: 'node' | 'edge' | 'run'; measure: string },
  options: { windowMs?: number | undefined; few?: boolean; untilMs?: number } = {}
): Series | undefined {
  const { subject, of, measure } = metric
  // How full an edge is when it is under pressure is its own; nobody tells it.
  if (!history.has(of, subject) || measure === 'underPressure') return undefined
  const end = Math.max(history.lastMs, options.untilMs ?? 0)
  if (end <= 0) return undefined
  const read: Read = (series, ms) => history.at(of, subject, series, ms)
  const times = Array.from({ length: kPoints + 1 }, (_, at) => (end * at) / kPoints)
  if (measure === 'idleMs' || measure === 'stalledMs') {
    const waits = (at: number): boolean => measure === 'idleMs' || read('waiting', at) > 0
    const values = unchanged(read, measure === 'idleMs' ? 'offered' : 'rowsIn', times, waits)
    return { times, values, approximate: false }
  }
  const windowMs = options.windowMs ?? kWindowMs
  const values = times.map((at) => valueAt(measure, read, at, windowMs, options.few === true))
  return { times, values, approximate: measure === 'latencyMs' || measure === 'waitMs' }
}

function isBeyond({ over, under }: Rule, value: number): boolean {
  return (over !== undefined && value > over) || (under !== undefined && value < under)
}

/** A tenth on the good side, so that a value at the bound does not flutter. */
function isWell({ over, under }: Rule, value: number): boolean {
  if (over !== undefined && value > over - Math.abs(over) / 10) return false
  return under === undefined || value >= under + Math.abs(under) / 10
}

/** When it would have been raised and cleared. */
export function firesOf({ times, values }: Series, rule: Rule): Fired[] {
  const fired: Fired[] = []
  let open: Fired | undefined
  let [bad, good]: (number | undefined)[] = []
  let quietUntil = -1
  times.forEach((at, index) => {
    const value = values[index]
    if (value === undefined) return
    bad = isBeyond(rule, value) ? (bad ?? at) : undefined
    good = isWell(rule, value) ? (good ?? at) : undefined
    if (open === undefined) {
      if (bad === undefined || at - bad < rule.forMs || at < quietUntil) return
      open = { from: at, to: undefined }
      fired.push(open)
    } else if (good !== undefined && at - good >= Math.max(rule.forMs, kSecond)) {
      open.to = at
      open = undefined
      quietUntil = at + rule.quietMs
    }
  })
  return fired
}
