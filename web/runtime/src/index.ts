// @weir/runtime: streams between nodes, backpressure, recovery, debugging and measurement, over the Weir engine.
export { loadEngine, setSharedEngine, sharedEngine, type WasmSource } from './engine-source.ts'
export {
  AdaptiveBackpressureHandler,
  BlockingBackpressureHandler,
  DEFAULT_BACKPRESSURE,
  DefaultBackpressureHandler,
  type BackpressureHandler,
  type BackpressureOptions,
  type PressureEvent
} from './stream/backpressure.ts'
export {
  DEFAULT_STREAM_CONFIG,
  edgeSettings,
  HIGH_FREQUENCY_CONFIG,
  LOW_LATENCY_CONFIG,
  MEMORY_CONSTRAINED_CONFIG,
  retrySettings,
  streamConfig,
  type BackpressurePolicy,
  type EdgeSettings,
  type RetrySettings,
  type StreamConfig
} from './stream/config.ts'
export { StreamConnection, type MessageListener } from './stream/connection.ts'
export { DEFAULT_ALERTS, type AlertRule } from './stream/connection-flow.ts'
export type { ConnectionMetrics } from './stream/connection-metrics.ts'
export type { ConnectionWriter } from './stream/connection-writer.ts'
export type { StreamEvent, StreamEventType } from './stream/events.ts'
export type { NodeMessage } from './stream/message.ts'
export {
  DEFAULT_RECOVERY,
  GracefulErrorRecovery,
  type BreakerState,
  type ErrorRecovery,
  type RecoveryOptions
} from './stream/recovery.ts'
export { StreamEngine, type StreamEngineOptions, type StreamMetrics } from './stream/stream-engine.ts'
