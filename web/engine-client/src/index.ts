// @weir/engine-client: runs flows in this thread, in a worker of the page, or on a server.
export { LocalApi, type LocalApiOptions } from './api/local-api.ts'
export { cell, isNull, rowsOf, type Batch, type Column, type ColumnKind } from './batch.ts'
export * from './engine.ts'
export { asWeirError, EngineFault, FlowError, WeirError, type Problem } from './errors.ts'
export type * from './flow-compare.ts'
export type { FormulaAnswer, FormulaField, FormulaFunction, FormulaProblem, FormulaQuestion } from './formula.ts'
export { MemoryFiles } from './hosts/memory-files.ts'
export { MemoryState } from './hosts/memory-state.ts'
export type { FlowHost } from './hosts/flow-calls.ts'
export type {
  FileHost,
  FileInfo,
  Hosts,
  HttpHost,
  StateChange,
  StateHost,
  StreamHost,
  ZoneHost
} from './hosts/host-calls.ts'
export { LateZones } from './hosts/late-zones.ts'
export { PackedZones } from './hosts/packed-zones.ts'
export type { PlaceOptions } from './hosts/place.ts'
export { BatchAssembler } from './live/batch-assembler.ts'
export type { Control, Frame } from './live/frames.ts'
export {
  RunWatch,
  type BreakpointOptions,
  type HeldRow,
  type Tap,
  type TapCounts,
  type TapOptions
} from './live/run-watch.ts'
export { LocalEngine } from './local-engine.ts'
export type { RunRequest, RunResult } from './wasm/engine-module.ts'
export { eventsOf, type ServerEvent } from './server/event-stream.ts'
export { batchOfRows } from './rows-to-batch.ts'
export {
  API_VERSION,
  ServerEngine,
  type ServerCapabilities,
  type ServerEngineOptions,
  type ServerHealth,
  type ServerRun
} from './server/server-engine.ts'
export type { LiveSocket } from './server/live-connection.ts'
export type { ServerExecution } from './server/server-execution.ts'
export type { Fetch, ServerHttpOptions } from './server/server-http.ts'
export { DEFAULT_LIMITS, detectLimits, type BrowserLimits } from './placement/limits.ts'
export { Placement, type PlacementAdvice, type PlacementOptions } from './placement/placement.ts'
export type { PlacementCode, PlacementReason, ResourceCheck } from './placement/reasons.ts'
export { sliceBatch } from './batch-slice.ts'
export { mobilityOf, type Mobility } from './placement/mobility.ts'
export { PlacedEngine, type PlacedEngineOptions, type PlacedOptions } from './placement/placed-engine.ts'
export type { PlacedRun, PlacementNotice, RunPlace } from './placement/placed-run.ts'
export { partsOf, type CutEdge, type FlowParts } from './placement/flow-parts.ts'
export { PartedRun } from './placement/parted-run.ts'
export type { RunCounters } from './placement/add-figures.ts'
