// WorkflowEngine: runs workflows in the engine; nodes of its registry are executed on this side.
import {
  FlowError,
  type BrowserLimits,
  type Engine,
  type Execution,
  type PortName,
  type RunOptions,
  type RunResult
} from '@weir/engine-client'
import { RunFigures, type Figures } from '../stream/run-figures.ts'
import { StreamEngine, type StreamEngineOptions } from '../stream/stream-engine.ts'
import { parseWorkflow, type SerializedWorkflow, type Workflow, type WorkflowDefinition } from './graph-schema.ts'
import { MemoryNodeRegistry, type NodeRegistry } from './node-registry.ts'
import { disposeOf, executePageNode, prepare, type PageNode, type PageNodeFailure } from './page-nodes.ts'
import { jsonText } from './row-check.ts'
import { Updates, type ExecutionUpdate } from './updates.ts'
import { WorkflowConnection } from './workflow-connection.ts'

export interface WorkflowEngineOptions extends StreamEngineOptions {
  registry?: NodeRegistry
  /** When one is crossed, the execution's updates say so (kind `limit`); nothing is stopped. */
  limits?: Partial<BrowserLimits>
}

export interface ExecuteOptions extends Omit<RunOptions, 'outlets'> {
  /** Ports whose rows are read with `rows`; one that is not read makes its node wait. */
  outlets?: PortName[]
}

/** A workflow that runs. */
export interface WorkflowExecution {
  readonly id: string
  readonly workflow: Workflow
  /** Of a run that failed it says why; it rejects only if the engine itself failed. */
  readonly result: Promise<RunResult>
  /** Figures, events, and how it ended. */
  readonly stream: ReadableStream<ExecutionUpdate>
  /** Ids for `getStreamEngine().getWorkflowConnection`: those of the workflow's edges. */
  readonly connections: readonly string[]
  /** Rows that nodes of the registry could not execute, the newest 1,000. */
  readonly failures: readonly PageNodeFailure[]
  /** Rows of a port in `outlets`. Once. */
  rows(node: string, port: string): ReadableStream<unknown>
  /** Rows for a `page/inlet` of the workflow. */
  inlet(node: string): WritableStream<unknown[]>
  metrics(): Promise<Figures | undefined>
  /** Sources give no more; what is under way is finished. */
  drain(): void
  cancel(): Promise<void>
}

const MOST_FAILURES = 1000

export class WorkflowEngine {
  readonly registry: NodeRegistry
  private readonly streams: StreamEngine

  constructor(private readonly options: WorkflowEngineOptions = {}) {
    this.registry = options.registry ?? new MemoryNodeRegistry()
    this.streams = new StreamEngine(options)
  }

  /** Has a connection for each edge of each workflow that runs, beside those made by hand. */
  getStreamEngine(): StreamEngine {
    return this.streams
  }

  /**
   * Resolves when the workflow runs; `result` of what it gives resolves when it has ended.
   * @throws FlowError (a rejection) with everything that is wrong with the document.
   */
  async executeWorkflow(
    definition: WorkflowDefinition | SerializedWorkflow,
    options: ExecuteOptions = {}
  ): Promise<WorkflowExecution> {
    const engine = await this.streams.engine()
    const workflow = parseWorkflow(definition)
    if (!workflow) throw await refusalOf(definition, engine)
    const { flow, pageNodes, problems } = prepare(workflow, this.registry)
    if (problems.length > 0) throw new FlowError([...problems, ...(await engine.validate(flow)).problems])
    const nodes = await Promise.all(
      pageNodes.map(({ instance }) =>
        this.registry.create(instance.typeId, { id: instance.id, settings: instance.settings })
      )
    )
    const inputs = pageNodes.flatMap((one) => (one.outlet === undefined ? [] : [{ node: one.outlet, port: 'rows' }]))
    const outlets = [...(options.outlets ?? []), ...inputs]
    const execution = await engine.run(flow, { ...options, outlets }).catch(async (reason: unknown) => {
      await Promise.allSettled(nodes.map(disposeOf))
      throw reason
    })
    const running = new RunningWorkflow(workflow, execution, this.streams, this.options.limits ?? {})
    pageNodes.forEach((page, i) => {
      const node = nodes[i]
      if (node) running.execute(page, () => executePageNode(page, node, execution, running.failed))
    })
    return running
  }
}

/** What the engine says against a document that is no workflow. */
async function refusalOf(definition: unknown, engine: Engine): Promise<FlowError> {
  const { problems } = await engine.validate(typeof definition === 'string' ? definition : jsonOf(definition))
  const pointer = ''
  const unlike = 'a workflow is an object with the lists nodes (each with id and typeId) and edges.'
  const own = { severity: 'error' as const, code: 'flow.invalid', pointer, message: unlike }
  return new FlowError(problems.some((one) => one.severity === 'error') ? problems : [...problems, own])
}

function jsonOf(value: unknown): string {
  try {
    return jsonText(value) ?? 'null'
  } catch {
    return 'null'
  }
}

class RunningWorkflow implements WorkflowExecution {
  readonly id: string
  readonly result: Promise<RunResult>
  readonly stream: ReadableStream<ExecutionUpdate>
  readonly connections: readonly string[]
  readonly failures: PageNodeFailure[] = []
  private readonly updates: Updates
  private readonly figures: RunFigures
  private readonly crossed = new Set<string>()
  private readonly inlets = new Map<string, WritableStreamDefaultWriter<unknown[]>>()

  constructor(
    readonly workflow: Workflow,
    private readonly execution: Execution,
    streams: StreamEngine,
    private readonly limits: Partial<BrowserLimits>
  ) {
    this.id = execution.id
    this.updates = new Updates(execution.id)
    this.stream = this.updates.stream
    const connections = workflow.edges.map((edge) => this.connectionOf(edge))
    this.connections = connections.map((one) => one.id)
    this.figures = new RunFigures(execution, {
      figures: (figures) => {
        for (const one of connections) one.told(figures)
        this.told(figures)
      },
      event: (event) => {
        this.updates.tell('event', event, event.severity === 'error' ? 'error' : 'execution-update')
      }
    })
    streams.addWorkflowConnections(connections)
    this.result = execution.result.finally(() => {
      streams.removeWorkflowConnections(this.id)
    })
    void this.finish()
  }

  /** Page nodes run beside the engine; one that breaks cancels the run. */
  execute(page: PageNode, run: () => Promise<void>): void {
    run().catch((reason: unknown) => {
      const message = reason instanceof Error ? reason.message : String(reason)
      this.updates.tell('node', { nodeId: page.instance.id, message }, 'error')
      this.execution.cancel()
    })
  }

  readonly failed = (failure: PageNodeFailure): void => {
    this.failures.push(failure)
    if (this.failures.length > MOST_FAILURES) this.failures.shift()
    this.updates.tell('node', failure, 'error')
  }

  rows(node: string, port: string): ReadableStream<unknown> {
    return this.execution.rows(node, port)
  }

  inlet(node: string): WritableStream<unknown[]> {
    return this.execution.inlet(node)
  }

  metrics(): Promise<Figures | undefined> {
    return this.figures.now()
  }

  drain(): void {
    this.execution.drain()
  }

  async cancel(): Promise<void> {
    this.execution.cancel()
    await this.result
  }

  private connectionOf(edge: Workflow['edges'][number]): WorkflowConnection {
    const source = this.workflow.nodes.find((node) => node.id === edge.source.node)
    const write = source?.typeId === 'page/inlet' ? (row: unknown) => this.writeTo(source.id, row) : undefined
    return new WorkflowConnection(this.id, edge, () => this.figures.now(), write)
  }

  private async writeTo(node: string, row: unknown): Promise<void> {
    const writer = this.inlets.get(node) ?? this.execution.inlet(node).getWriter()
    this.inlets.set(node, writer)
    await writer.write([row])
  }

  private told(figures: Figures): void {
    this.updates.tell('figures', figures, 'execution-update', true)
    this.cross('memoryThreshold', figures.usedBytes)
    this.cross('executionTimeout', figures.elapsedMicros / 1000)
  }

  private cross(limit: 'memoryThreshold' | 'executionTimeout', value: number): void {
    const most = this.limits[limit]
    if (most === undefined || value <= most || this.crossed.has(limit)) return
    this.crossed.add(limit)
    this.updates.tell('limit', { limit, value, most })
  }

  private async finish(): Promise<void> {
    try {
      const result = await this.result
      this.updates.tell('ended', result, result.outcome === 'failed' ? 'error' : 'execution-update')
    } catch (reason) {
      this.updates.tell('ended', { message: reason instanceof Error ? reason.message : String(reason) }, 'error')
    }
    this.updates.end()
  }
}
