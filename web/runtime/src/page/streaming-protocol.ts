// StreamingProtocol: a workflow, its nodes and its widgets as streams of messages.
import { WeirError, type Engine, type PortName, type StreamMessage } from '@weir/engine-client'
import { parseWorkflow, type Workflow, type WorkflowDefinition } from '../workflow/graph-schema.ts'
import type { ExecutionUpdate } from '../workflow/updates.ts'
import type { WorkflowEngine, WorkflowExecution } from '../workflow/workflow-engine.ts'

/** `data` is a row; the metadata name the node and the port. */
export type NodeOutput = StreamMessage
/** `data` is a row; the metadata name the widget. */
export type WidgetData = StreamMessage

export interface StreamingProtocol {
  createWorkflowStream(workflow: Workflow): ReadableStream<ExecutionUpdate>
  createNodeStream(nodeId: string): ReadableStream<NodeOutput>
  createWidgetStream(widgetId: string): ReadableStream<WidgetData>
  bridgeToServer?(stream: ReadableStream): ReadableStream
  bridgeToP2P?(stream: ReadableStream, peers: string[]): ReadableStream
}

/**
 * One workflow at a time. `createWorkflowStream` begins it when its stream is first read; streams of its nodes and widgets
 * are made before that, and each of them, read slowly, slows the node.
 */
export class WorkflowStreams implements StreamingProtocol {
  private source: { document: WorkflowDefinition } | undefined
  private asked = new Set<AskedRows>()
  private running: Promise<WorkflowExecution> | undefined
  private began: ((running: Promise<WorkflowExecution>) => void) | undefined
  private whenBegun: Promise<WorkflowExecution> | undefined

  constructor(private readonly engine: WorkflowEngine) {}

  /** The workflow that runs, once it does. */
  get execution(): Promise<WorkflowExecution> | undefined {
    return this.running
  }

  /** A document that cannot run is a stream that fails with FlowError. */
  createWorkflowStream(workflow: WorkflowDefinition): ReadableStream<ExecutionUpdate> {
    this.source = { document: workflow }
    this.asked = new Set()
    this.running = undefined
    this.whenBegun = new Promise((resolve) => (this.began = resolve))
    this.whenBegun.catch(() => undefined)
    let reader: ReadableStreamDefaultReader<ExecutionUpdate> | undefined
    return new ReadableStream<ExecutionUpdate>(
      {
        pull: async (controller) => {
          reader ??= (await this.begin()).stream.getReader()
          const read = await reader.read()
          if (read.done) controller.close()
          else controller.enqueue(read.value)
        },
        cancel: async () => {
          await (await this.running)?.cancel()
        }
      },
      { highWaterMark: 0 }
    )
  }

  /** Rows of the node's first output. @throws WeirError if the workflow runs already, or has no such node. */
  createNodeStream(nodeId: string): ReadableStream<NodeOutput> {
    return this.stream('node-output', this.firstOutput(nodeId), { nodeId })
  }

  /** Rows that the workflow's `widgets` give the widget. @throws WeirError as createNodeStream. */
  createWidgetStream(widgetId: string): ReadableStream<WidgetData> {
    const widget = this.drawn().widgets?.find((one) => one.id === widgetId)
    if (widget?.node === undefined) {
      throw new WeirError('flow.unknown_node', `the workflow has no widget '${widgetId}' that shows a node`)
    }
    const { node, port } = widget
    const shown = port === undefined ? this.firstOutput(node) : () => Promise.resolve({ node, port })
    return this.stream('widget-data', shown, { widgetId, nodeId: node })
  }

  private stream(
    type: StreamMessage['type'],
    port: () => Promise<PortName>,
    about: Record<string, unknown>
  ): ReadableStream<StreamMessage> {
    if (this.running) {
      throw new WeirError('run.no_outlet', 'the workflow runs already: streams of its nodes are made before it begins')
    }
    const rows = new AskedRows(port())
    const { asked } = this
    asked.add(rows)
    const begun = this.whenBegun
    let count = 0
    return new ReadableStream<StreamMessage>(
      {
        pull: async (controller) => {
          const execution = await begun
          if (!execution) throw new WeirError('run.none', 'there is no workflow')
          const read = await rows.read(execution)
          if (read.done) {
            controller.close()
            return
          }
          count += 1
          const id = `${execution.id}-${JSON.stringify(about)}-${count}`
          controller.enqueue({ id, timestamp: Date.now(), type, data: read.value, metadata: about })
        },
        cancel: () => {
          // A workflow that has not begun runs without it; one that runs, or is about to, must not wait for it.
          asked.delete(rows)
          begun?.then((execution) => rows.cancel(execution)).catch(() => undefined)
        }
      },
      { highWaterMark: 0 }
    )
  }

  private begin(): Promise<WorkflowExecution> {
    const { source } = this
    if (!source) throw noWorkflow()
    for (const one of this.asked) one.begun = true
    this.running ??= Promise.all([...this.asked].map((one) => one.port)).then((ports) =>
      this.engine.executeWorkflow(source.document, { outlets: distinct(ports) })
    )
    this.began?.(this.running)
    return this.running
  }

  /** @throws WeirError at once if there is no such node. */
  private firstOutput(nodeId: string): () => Promise<PortName> {
    const node = this.drawn().nodes.find((one) => one.id === nodeId)
    if (!node) throw new WeirError('flow.unknown_node', `the workflow has no node '${nodeId}'`)
    return async () => {
      const engine: Engine = await this.engine.getStreamEngine().engine()
      const type = (await engine.nodes()).find((one) => one.id === node.typeId && one.version === node.version)
      const ports = type?.ports as { outputs?: { name: string }[] } | undefined
      return { node: nodeId, port: ports?.outputs?.[0]?.name ?? 'rows' }
    }
  }

  private drawn(): Workflow {
    if (!this.source) throw noWorkflow()
    const workflow = parseWorkflow(this.source.document)
    if (!workflow) throw new WeirError('flow.invalid', 'the workflow is no document with nodes and edges')
    return workflow
  }
}

/** Rows of a port that a stream was made for, before the workflow ran. */
class AskedRows {
  /** The run has the port as an outlet. */
  begun = false
  private cancelled = false
  private reader: ReadableStreamDefaultReader<unknown> | undefined

  constructor(readonly port: Promise<PortName>) {
    // The workflow's own stream fails with it.
    port.catch(() => undefined)
  }

  async read(execution: WorkflowExecution): Promise<ReadableStreamReadResult<unknown>> {
    const { node, port } = await this.port
    if (this.cancelled) return { done: true, value: undefined }
    this.reader ??= execution.rows(node, port).getReader()
    return this.reader.read()
  }

  async cancel(execution: WorkflowExecution): Promise<void> {
    this.cancelled = true
    if (!this.begun) return
    const { node, port } = await this.port
    this.reader ??= execution.rows(node, port).getReader()
    await this.reader.cancel()
  }
}

function noWorkflow(): WeirError {
  return new WeirError('run.none', 'there is no workflow: createWorkflowStream names it')
}

/** @throws WeirError for a port that is asked for twice. */
function distinct(ports: readonly PortName[]): PortName[] {
  const seen = new Set<string>()
  for (const { node, port } of ports) {
    if (seen.has(`${node}\u0000${port}`)) {
      throw new WeirError('run.no_outlet', `port '${port}' of '${node}' has a stream already; use its tee()`)
    }
    seen.add(`${node}\u0000${port}`)
  }
  return [...ports]
}
