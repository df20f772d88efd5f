// ServiceWorkerRuntime: what runs workflows in a place without a server, put together.
import type { SerializedWorkflow } from '../workflow/graph-schema.ts'
import { WorkflowEngine, type WorkflowEngineOptions, type WorkflowExecution } from '../workflow/workflow-engine.ts'
import type { StreamEngine } from '../stream/stream-engine.ts'
import { PageScaling, type ScalingInterface } from './scaling.ts'
import type { HttpServerProtocol } from './server.ts'

export type WorkflowExecutor = Pick<WorkflowEngine, 'executeWorkflow' | 'registry'>
export type StreamingEngine = StreamEngine

/** Workflows by id. */
export interface LocalStorage {
  get(id: string): Promise<SerializedWorkflow | undefined>
  put(id: string, workflow: SerializedWorkflow): Promise<void>
  remove(id: string): Promise<void>
  list(): Promise<string[]>
}

export interface ServiceWorkerRuntime {
  executor: WorkflowExecutor
  streamer: StreamingEngine
  storage: LocalStorage
  scaling: ScalingInterface
}

export type WorkflowStream = WorkflowExecution['stream']
export type ExecutionStream = WorkflowExecution['stream']

export interface StreamSubscription {
  /** The edge. */
  connectionId: string
  unsubscribe(): void
}

export interface StreamingState {
  workflow: WorkflowStream
  execution: ExecutionStream
  connections: Map<string, ReadableStream>
  subscriptions: Set<StreamSubscription>
}

/** Forgets with its process. */
export class MemoryStorage implements LocalStorage {
  private readonly workflows = new Map<string, SerializedWorkflow>()

  get(id: string): Promise<SerializedWorkflow | undefined> {
    return Promise.resolve(this.workflows.get(id))
  }

  put(id: string, workflow: SerializedWorkflow): Promise<void> {
    this.workflows.set(id, workflow)
    return Promise.resolve()
  }

  remove(id: string): Promise<void> {
    this.workflows.delete(id)
    return Promise.resolve()
  }

  list(): Promise<string[]> {
    return Promise.resolve([...this.workflows.keys()].sort())
  }
}

export interface RuntimeOptions extends WorkflowEngineOptions {
  /** Where workflows are kept; by default in memory. */
  storage?: LocalStorage
  server?: HttpServerProtocol
}

export function createRuntime(options: RuntimeOptions = {}): ServiceWorkerRuntime {
  const executor = new WorkflowEngine(options)
  return {
    executor,
    streamer: executor.getStreamEngine(),
    storage: options.storage ?? new MemoryStorage(),
    scaling: new PageScaling(executor, options.server)
  }
}

/**
 * Of a workflow that runs: its updates twice (who shows the workflow and who shows the execution read apart), and a stream
 * of figures for each edge, ten a second at most, which ends with the workflow.
 */
export function streamingState(execution: WorkflowExecution, streams: StreamEngine): StreamingState {
  const [workflow, updates] = execution.stream.tee()
  const subscriptions = new Set<StreamSubscription>()
  const connections = new Map<string, ReadableStream>()
  for (const id of execution.connections) {
    connections.set(id, edgeFigures(id, execution, streams, subscriptions))
  }
  return { workflow, execution: updates, connections, subscriptions }
}

const FIGURES_MS = 100

function edgeFigures(
  id: string,
  execution: WorkflowExecution,
  streams: StreamEngine,
  subscriptions: Set<StreamSubscription>
): ReadableStream {
  const connection = streams.getWorkflowConnection(id)
  let over = false
  const ended = execution.result.then(
    () => (over = true),
    () => (over = true)
  )
  const subscription: StreamSubscription = { connectionId: id, unsubscribe: () => (over = true) }
  subscriptions.add(subscription)
  let last = false
  return new ReadableStream(
    {
      pull: async (controller) => {
        if (last) {
          subscriptions.delete(subscription)
          controller.close()
          return
        }
        last = over
        const figures = await connection.metrics()
        if (figures) controller.enqueue(figures)
        else if (last) controller.close()
        if (!last) await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, FIGURES_MS))])
      },
      cancel: () => {
        subscriptions.delete(subscription)
      }
    },
    { highWaterMark: 0 }
  )
}
