// StreamDebugger: what happens on the connections of a StreamEngine, live and recorded.
import { filter, map, Observable } from 'rxjs'
import { expectWhole, type StreamConfig } from '../stream/config.ts'
import type { ConnectionEnds } from '../stream/connection-flow.ts'
import type { ConnectionMetrics } from '../stream/connection-metrics.ts'
import type { StreamEvent } from '../stream/events.ts'
import type { StreamEngine } from '../stream/stream-engine.ts'

export interface StreamAlert {
  severity: 'info' | 'warning' | 'error' | 'critical'
  message: string
  connectionId: string
  /** Milliseconds since 1970. */
  timestamp: number
  /** False: it is over. */
  raised: boolean
}

export interface DebuggedConnection {
  id: string
  ends: ConnectionEnds
  config: StreamConfig
  /** As the engine last told them. */
  metrics: ConnectionMetrics | null
}

/** What `exportDebugData` gives; plain data, fit for JSON. */
export interface DebugData {
  version: 1
  exportedAt: number
  startedAt: number | null
  stoppedAt: number | null
  /** The newest, oldest first. */
  events: StreamEvent[]
  /** Older events that had no room. */
  eventsLeftOut: number
  alerts: StreamAlert[]
  connections: DebuggedConnection[]
}

export interface DebuggerOptions {
  /** Events that a recording keeps, 10,000 by default; older ones go and are counted. 0: it only counts. */
  maxEvents?: number
}

export class StreamDebugger {
  /** Every event, recorded or not. */
  readonly debug$: Observable<StreamEvent>
  /** What the rules of `StreamEngineOptions.alerts` find, and connections that fail. */
  readonly alerts$: Observable<StreamAlert>
  private readonly maxEvents: number
  private events: StreamEvent[] = []
  private leftOut = 0
  private startedAt: number | null = null
  private stoppedAt: number | null = null
  private stop: (() => void) | undefined

  /** @throws RangeError */
  constructor(
    private readonly streams: StreamEngine,
    options: DebuggerOptions = {}
  ) {
    this.maxEvents = options.maxEvents ?? 10_000
    expectWhole('maxEvents', this.maxEvents, 0)
    this.debug$ = new Observable((subscriber) =>
      streams.onEvent((event) => {
        subscriber.next(event)
      })
    )
    this.alerts$ = this.debug$.pipe(
      map(alertOf),
      filter((alert) => alert !== undefined)
    )
  }

  get recording(): boolean {
    return this.stop !== undefined
  }

  /** A new recording; what an older one kept is gone. */
  startRecording(): void {
    this.stop?.()
    this.events = []
    this.leftOut = 0
    this.startedAt = Date.now()
    this.stoppedAt = null
    this.stop = this.streams.onEvent((event) => {
      this.keep(event)
    })
  }

  stopRecording(): void {
    if (!this.stop) return
    this.stop()
    this.stop = undefined
    this.stoppedAt = Date.now()
  }

  exportDebugData(): DebugData {
    const events = this.newest()
    return {
      version: 1,
      exportedAt: Date.now(),
      startedAt: this.startedAt,
      stoppedAt: this.stoppedAt,
      events,
      eventsLeftOut: this.leftOut + this.events.length - events.length,
      alerts: events.map(alertOf).filter((alert) => alert !== undefined),
      connections: this.streams.listConnections().map((one) => ({
        id: one.id,
        ends: { ...one.ends },
        config: { ...one.config },
        metrics: one.lastMetrics ?? null
      }))
    }
  }

  private keep(event: StreamEvent): void {
    // As it is now: who is handed the message may change it.
    this.events.push(structuredClone(event))
    // Cut now and then: removing the first of many each time would be slow.
    if (this.events.length < 2 * this.maxEvents) return
    const kept = this.newest()
    this.leftOut += this.events.length - kept.length
    this.events = kept
  }

  private newest(): StreamEvent[] {
    return this.events.slice(Math.max(0, this.events.length - this.maxEvents))
  }
}

function alertOf(event: StreamEvent): StreamAlert | undefined {
  const { connectionId, timestamp } = event
  const data = event.data as { severity?: StreamAlert['severity']; message?: string; error?: unknown }
  switch (event.type) {
    case 'alert.raised':
      return {
        severity: data.severity ?? 'warning',
        message: data.message ?? '',
        connectionId,
        timestamp,
        raised: true
      }
    case 'alert.cleared':
      return { severity: 'info', message: data.message ?? '', connectionId, timestamp, raised: false }
    case 'error':
      return { severity: 'critical', message: textOf(data.error), connectionId, timestamp, raised: true }
    default:
      return undefined
  }
}

function textOf(error: unknown): string {
  return typeof error === 'string' ? error : JSON.stringify(error)
}
