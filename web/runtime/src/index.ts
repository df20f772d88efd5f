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
export {
  StreamDebugger,
  type DebugData,
  type DebuggedConnection,
  type DebuggerOptions,
  type StreamAlert
} from './debug/stream-debugger.ts'
export { DATA_PATTERNS, patternValues, type DataPattern } from './performance/patterns.ts'
export { PerformanceTestSuite } from './performance/performance-test-suite.ts'
export { STANDARD_PERFORMANCE_TESTS, type PerformanceResult, type PerformanceTest } from './performance/tests.ts'
export { DEFAULT_LIMITS, detectLimits, type BrowserLimits } from '@weir/engine-client'
export type { EdgeFigures, Figures, NodeFigures, RunEvent } from './stream/run-figures.ts'
export type {
  EdgeInstance,
  GraphSchema,
  NodeInstance,
  PortInstance,
  SerializedWorkflow,
  WidgetInstance,
  Workflow,
  WorkflowDefinition
} from './workflow/graph-schema.ts'
export {
  MemoryNodeRegistry,
  type Node,
  type NodeConfig,
  type NodeFactory,
  type NodeRegistry,
  type NodeType,
  type ValidationResult
} from './workflow/node-registry.ts'
export type { PageNodeFailure } from './workflow/page-nodes.ts'
export type { ExecutionUpdate } from './workflow/updates.ts'
export type { WorkflowConnection } from './workflow/workflow-connection.ts'
export {
  WorkflowEngine,
  type ExecuteOptions,
  type WorkflowEngineOptions,
  type WorkflowExecution
} from './workflow/workflow-engine.ts'
export type {
  ExecutionContext,
  LocalExecutor,
  NodeSecurity,
  NodeStreamer,
  PluginInterface,
  PluginSandbox,
  ResourceLimits,
  StreamingNodeSystem,
  WorkflowSerializer
} from './page/extensions.ts'
export type {
  DistributionMap,
  P2PCoordinator,
  P2PExecution,
  P2PMessage,
  P2PProtocol,
  PeerInfo,
  PeerMesh,
  WorkflowState
} from './page/peers.ts'
export { PageScaling, type LocalExecution, type ScalingInterface } from './page/scaling.ts'
export {
  PlacementDecision,
  type DecisionOptions,
  type ResourceCheck,
  type ScalingDecision,
  type ScalingReason
} from './page/scaling-decision.ts'
export {
  HttpServerProtocol,
  RemoteComputeService,
  type ComputeService,
  type ServerCapabilities,
  type ServerExecution,
  type ServerFeature,
  type ServerHealth,
  type ServerProtocol
} from './page/server.ts'
export {
  createRuntime,
  MemoryStorage,
  streamingState,
  type ExecutionStream,
  type LocalStorage,
  type RuntimeOptions,
  type ServiceWorkerRuntime,
  type StreamingEngine,
  type StreamingState,
  type StreamSubscription,
  type WorkflowExecutor,
  type WorkflowStream
} from './page/service-worker-runtime.ts'
export { WorkflowStreams, type NodeOutput, type StreamingProtocol, type WidgetData } from './page/streaming-protocol.ts'
export {
  ProtocolWidgetStreamer,
  type StreamingWidget,
  type WidgetFailed,
  type WidgetStreamer
} from './page/widget-streamer.ts'
export type { Engine, StreamMessage } from '@weir/engine-client'
