// Plugins, checks of nodes and the node system: the specification's names and shapes, and what of them is there.
import type { SerializedWorkflow, Workflow } from '../workflow/graph-schema.ts'
import type { Node, NodeFactory, NodeRegistry, ValidationResult } from '../workflow/node-registry.ts'
import type { WorkflowExecutor } from './service-worker-runtime.ts'
import type { StreamingProtocol } from './streaming-protocol.ts'

/** WorkflowEngine is one. */
export type LocalExecutor = WorkflowExecutor
/** WorkflowStreams is one. */
export type NodeStreamer = Pick<StreamingProtocol, 'createNodeStream'>

/** A workflow is JSON: `JSON.stringify` and `JSON.parse` are one; `Engine.format` gives the canonical text. */
export interface WorkflowSerializer {
  serialize(workflow: Workflow): SerializedWorkflow
  deserialize(text: SerializedWorkflow): Workflow
}

/**
 * The nodes of a page and what runs them. A shape only: here a MemoryNodeRegistry stands where the shape has a Map, and
 * WorkflowEngine, WorkflowStreams and JSON are the other parts. An editor's CanvasEngine, which draws them, is not part
 * of this package: it comes with the editor.
 */
export interface StreamingNodeSystem {
  registry: Map<string, NodeFactory>
  executor: LocalExecutor
  streamer: NodeStreamer
  serializer: WorkflowSerializer
}

/** A shape only: nothing here loads plugins. A page imports its nodes and registers them in a NodeRegistry. */
export interface PluginInterface {
  load(source: string): Promise<NodeRegistry>
  unload(pluginId: string): Promise<void>
  sandbox?: PluginSandbox
}

export interface ResourceLimits {
  memoryBytes?: number
  /** Milliseconds. */
  time?: number
}

/** A shape only: nodes of a NodeRegistry run in the page, with all that the page may do; register only what you trust. */
export interface PluginSandbox {
  executeInSandbox(code: string): Promise<unknown>
  limitResources(limits: ResourceLimits): void
  restrictAPIs(allowedAPIs: string[]): void
}

/** Where a node runs: the run, and the workflow. */
export interface ExecutionContext {
  executionId: string
  workflow: Workflow
}

/**
 * A shape only, for pages that check nodes of their own. What is there: `Node.validate` checks each row before the node
 * gets it, and what a node gives is checked before the engine does; permissions there are none.
 */
export interface NodeSecurity {
  validateInput(input: unknown): ValidationResult
  sanitizeOutput(output: unknown): unknown
  checkPermissions(node: Node, context: ExecutionContext): boolean
}
