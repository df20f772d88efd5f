// Engine: what runs flows, wherever it is: in this thread, in a worker, or on a server.
import type { RunCounters } from './placement/add-figures.ts'
import type { Batch } from './batch.ts'
import type { Problem } from './errors.ts'
import type { FormulaAnswer, FormulaFunction, FormulaQuestion } from './formula.ts'
import type { FlowDiff, FlowDiffOptions, FlowMerge, FlowVersions } from './flow-compare.ts'
import type { Control, Frame } from './live/frames.ts'
import type { RunRequest, RunResult } from './wasm/engine-module.ts'

/** A flow document, or its text. */
export type FlowSource = string | Record<string, unknown>

export interface Validation {
  problems: Problem[]
  deterministic?: boolean
  whyNotDeterministic?: string[]
  /** Nodes that cannot run in a browser, and where they can. */
  elsewhere?: { node: string; typeId: string; hosts: string[] }[]
}

export interface NodeType {
  id: string
  version: string
  category: string
  name: string
  description: string
  [key: string]: unknown
}

export interface PortName {
  node: string
  port: string
}

export interface RunOptions extends Omit<RunRequest, 'outlets'> {
  /** Ports whose rows the caller reads; a port that nobody reads slows nothing. */
  outlets?: PortName[]
}

/** A message of a run, in the form of the specification. */
export interface StreamMessage {
  id: string
  timestamp: number
  type: 'node-output' | 'execution-update' | 'widget-data' | 'error'
  data: unknown
  metadata?: Record<string, unknown>
}

export interface ExecuteOptions extends RunOptions {
  /** Told as updates, ten a second at most, the newest only; by default they are. */
  figures?: boolean
}

/** One run of a flow. */
/** Files of a run, as `mount:path`. */
export interface RunFiles {
  /** As they were when the run first saw them. */
  read: { path: string; bytes: number; modifiedMicros: number }[]
  written: string[]
}

export interface Execution {
  readonly id: string
  /** Rejects only if the engine itself failed; a run that fails has a result that says so. */
  readonly result: Promise<RunResult>
  /** Rows of a port in `outlets` (or of a node `page/outlet` there): read slowly, and the edges before it fill and block. Once. */
  outlet(node: string, port: string): ReadableStream<Batch>
  /** The same rows as objects. Once, and instead of `outlet`. */
  rows(node: string, port: string): ReadableStream<unknown>
  /** Rows for a node `page/inlet`; `write` waits while more than `mostBytes` (1 MiB) wait; 0: until the run took them. */
  inlet(node: string, mostBytes?: number): WritableStream<unknown[]>
  /** A watcher of the live protocol: metrics, events, taps, the debugger. */
  watch(): Watcher
  /** Sources give no more; what is under way is finished. */
  drain(): void
  cancel(): void
  /** The first 1,000 rows that failed and had nowhere to go, once the run has ended. */
  deadLetters(): Promise<unknown[]>
  /** What it counted in all, once it has ended; for runs that were over before anybody could watch them. Not every place tells it. */
  readonly lastFigures?: RunCounters | undefined
  /** Once it has ended; undefined: nobody knows. */
  files?(): RunFiles | undefined
  /** A batch that was read and is not needed any more: its buffer is used for another. */
  giveBack(batch: Batch): void
  /** Cancels the run if it goes on, and frees what it holds: rows that were not read are gone. */
  dispose(): void
}

export interface Watcher {
  /** A request of the live protocol; resolves with the data of its reply. */
  ask(type: string, data?: Record<string, unknown>, subscription?: number): Promise<unknown>
  /** What comes without being asked: figures, events, the end. */
  onMessage(listener: (message: Control) => void): void
  /** Rows of taps, for RunWatch; a watcher without it tells none. */
  onFrame?(listener: (frame: Frame) => void): void
  close(): void
}

export interface Engine {
  nodes(): Promise<NodeType[]>
  validate(flow: FlowSource): Promise<Validation>
  /** The canonical text of a document. Throws FlowError. */
  format(flow: FlowSource): Promise<string>
  /** What differs between two versions of a flow; moves do not count. Throws FlowError, which names the document. */
  diff(before: FlowSource, after: FlowSource, options?: FlowDiffOptions): Promise<FlowDiff>
  /** Merges by ids and paths; what is valid on each side alone and not together conflicts. Throws FlowError. */
  merge(versions: FlowVersions): Promise<FlowMerge>
  /** What the checker says of a formula, and what it gives for rows. */
  formula(question: FormulaQuestion): Promise<FormulaAnswer>
  /** All that a formula may call; a name once for each signature. */
  formulaFunctions(): Promise<FormulaFunction[]>
  /** Throws FlowError with every problem of the document. */
  run(flow: FlowSource, options?: RunOptions): Promise<Execution>
  /**
   * Runs the flow and tells of it: `execution-update` (data {status, figures | result}; the last one has the result),
   * `node-output` and `widget-data` (data: rows; metadata {node, port, widgetId}), `error`. Rows are those of
   * `outlets` (by default of the ports where the flow ends) and of the flow's widgets. It begins when the stream is first
   * read; read slowly, and the edges before those ports fill and block; cancelled, and the run is. A document that
   * cannot run is a stream that fails with FlowError.
   */
  execute(flow: FlowSource, options?: ExecuteOptions): ReadableStream<StreamMessage>
  close(): void
}

export function textOfFlow(flow: FlowSource): string {
  return typeof flow === 'string' ? flow : JSON.stringify(flow)
}

export function outletKey(port: PortName): string {
  return `${port.node}\u0000${port.port}`
}
