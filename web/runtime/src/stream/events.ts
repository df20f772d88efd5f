// What happens on connections, for debuggers and measurements.

export type StreamEventType =
  | 'created'
  | 'sent'
  | 'received'
  | 'metrics'
  | 'retry'
  | 'failed'
  | 'pressure'
  | 'pressure-over'
  | 'dropping'
  | 'alert.raised'
  | 'alert.cleared'
  | 'error'
  | 'closed'

export interface StreamEvent {
  type: StreamEventType
  connectionId: string
  /** Milliseconds since 1970. */
  timestamp: number
  data: unknown
  /** Of `received`: from `write` to here. */
  latencyMs?: number
}
