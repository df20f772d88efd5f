// A run as it goes on: its figures, events and lines of the log from the live stream, kept within bounds.
import { useEffect, useState } from 'react'
import { addressOf } from '../../api/client.ts'
import { readStream, type LiveMessage, type StreamState } from '../../api/live-stream.ts'
import { cache, server } from '../../api/server.ts'
import { figuresOf, rowsRead, type RunFigures } from './metrics.ts'

export interface LogLine {
  at: number
  level: string
  node: string
  message: string
}

export interface RunEvent {
  number: number
  at: number
  severity: string
  kind: string
  subject: string
  message: string
}

/** One moment of the chart. */
export interface Moment {
  seconds: number
  rowsPerSecond: number
  held: number
}

export interface RunLive {
  stream: StreamState
  figures: RunFigures | null
  moments: readonly Moment[]
  lines: readonly LogLine[]
  events: readonly RunEvent[]
}

const MOST_LINES = 1000
const MOST_EVENTS = 500
const MOST_MOMENTS = 600
/** Each so often what came meanwhile is shown. */
const SHOW_MS = 250

const NOTHING: RunLive = { stream: 'closed', figures: null, moments: [], lines: [], events: [] }

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** A line of the log, whose time may be a text or milliseconds. */
export function lineOf(data: unknown): LogLine {
  const raw = (typeof data === 'object' && data !== null ? data : {}) as Record<string, unknown>
  const at = typeof raw.at === 'number' ? raw.at : Date.parse(textOf(raw.at))
  return {
    at: Number.isNaN(at) ? 0 : at,
    level: textOf(raw.level),
    node: textOf(raw.node),
    message: textOf(raw.message)
  }
}

/** An event of a run. */
export function eventOf(data: unknown): RunEvent {
  const raw = (typeof data === 'object' && data !== null ? data : {}) as Record<string, unknown>
  return {
    number: typeof raw.number === 'number' ? raw.number : 0,
    at: typeof raw.atMicros === 'number' ? raw.atMicros / 1000 : 0,
    severity: textOf(raw.severity),
    kind: textOf(raw.kind),
    subject: textOf(raw.subject),
    message: textOf(raw.message)
  }
}

/** The moment that two readings of the figures make. */
export function momentOf(before: RunFigures | null, figures: RunFigures): Moment {
  const seconds = figures.elapsedMicros / 1e6
  const apart = before === null ? seconds : seconds - before.elapsedMicros / 1e6
  const rows = rowsRead(figures) - (before === null ? 0 : rowsRead(before))
  return {
    seconds,
    rowsPerSecond: apart > 0 ? Math.max(0, rows / apart) : 0,
    held: figures.edges.reduce((sum, edge) => sum + edge.held, 0)
  }
}

/** What a message adds. */
export function withMessage(live: RunLive, message: LiveMessage): RunLive {
  if (message.type === 'log') return { ...live, lines: [...live.lines, lineOf(message.data)].slice(-MOST_LINES) }
  if (message.type === 'event') return { ...live, events: [...live.events, eventOf(message.data)].slice(-MOST_EVENTS) }
  if (message.type !== 'metrics') return live
  const figures = figuresOf(message.data)
  if (figures === null) return live
  const last = live.moments.at(-1)
  const moment = momentOf(live.figures, figures)
  // Four moments a second are enough for a chart.
  if (last !== undefined && moment.seconds - last.seconds < 0.2) return { ...live, figures: live.figures }
  return { ...live, figures, moments: [...live.moments, moment].slice(-MOST_MOMENTS) }
}

/** Reads the streams of a run from its beginning on; `withData` says whether its log may be read. */
export function useRunLive(run: string, withData: boolean): RunLive {
  const [live, setLive] = useState<RunLive>(NOTHING)
  useEffect(() => {
    const kinds = withData ? ['metrics', 'events', 'logs'] : ['metrics', 'events']
    const subscribe = kinds.map((kind) => `${kind}:${run}`)
    let waiting: LiveMessage[] = []
    const show = setInterval(() => {
      if (waiting.length === 0) return
      const messages = waiting
      waiting = []
      setLive((before) => messages.reduce(withMessage, before))
    }, SHOW_MS)
    const stop = readStream(server.url(addressOf('/api/v1/live/events', {}, { subscribe })), {
      message: (message) => {
        waiting.push(message)
        if (message.type === 'ended') void cache.invalidateQueries({ queryKey: ['/api/v1/runs/{run}'] })
      },
      state: (stream) => {
        // A stream that begins anew tells all again.
        setLive((before) =>
          stream === 'open' && before.stream === 'waiting' ? { ...NOTHING, stream } : { ...before, stream }
        )
      }
    })
    return () => {
      clearInterval(show)
      stop()
    }
  }, [run, withData])
  return live
}
