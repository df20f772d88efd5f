// StreamingProtocol: a workflow, its nodes and its widgets as streams of messages.
import { WeirError, type Engine, type PortName, type StreamMessage } from '@weir/engine-client'
import { parseWorkflow, type Workflow } from '../workflow/graph-schema.ts'
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

interface Asked {
  port: Promise<PortName>
  rows: (execution: WorkflowExecution) => Promise<ReadableStream<unknown>>
}

/**
 * One workflow at a time. `createWorkflowStream` begins it when its stream is first read; streams of its nodes and widgets
 * are made before that, and each of them, read slowly, slows the node.
 */
export class WorkflowStreams implements StreamingProtocol {
  private workflow: Workflow | undefined
  private asked: Asked[] = []
  private running: Promise<WorkflowExecution> | undefined
  private began: ((running: Promise<WorkflowExecution>) => void) | undefined
  private whenBegun: Promise<WorkflowExecution> | undefined

  constructor(private readonly engine: WorkflowEngine) {}

  /** The workflow that runs, once it does. */
  get execution(): Promise<WorkflowExecution> | undefined {
    return this.running
  }

  createWorkflowStream(workflow: Workflow): ReadableStream<ExecutionUpdate> {
    this.workflow = parseWorkflow(workflow)
    this.asked = []
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
    const port = this.firstOutput(nodeId)
    return this.stream('node-output', port, { nodeId })
  }

  /** Rows that the workflow's `widgets` give the widget. @throws WeirError as createNodeStream. */
  createWidgetStream(widgetId: string): ReadableStream<WidgetData> {
    const widget = this.drawn().widgets?.find((one) => one.id === widgetId)
    if (widget?.node === undefined) {
      throw new WeirError('flow.unknown_node', `the workflow has no widget '${widgetId}' that shows a node`)
    }
    const { node } = widget
    const port = widget.port === undefined ? this.firstOutput(node) : Promise.resolve({ node, port: widget.port })
    return this.stream('widget-data', port, { widgetId, nodeId: node })
  }

  private stream(
    type: StreamMessage['type'],
    port: Promise<PortName>,
    about: Record<string, unknown>
  ): ReadableStream<StreamMessage> {
    if (this.running) {
      throw new WeirError('run.no_outlet', 'the workflow runs already: streams of its nodes are made before it begins')
    }
    const rows = async (execution: WorkflowExecution): Promise<ReadableStream<unknown>> => {
      const { node, port: name } = await port
      return execution.rows(node, name)
    }
    this.asked.push({ port, rows })
    port.catch(() => undefined)
    const begun = this.whenBegun
    let reader: ReadableStreamDefaultReader<unknown> | undefined
    let count = 0
    return new ReadableStream<StreamMessage>(
      {
        pull: async (controller) => {
          const execution = await begun
          if (!execution) throw new WeirError('run.none', 'there is no workflow')
          reader ??= (await rows(execution)).getReader()
          const read = await reader.read()
          if (read.done) {
            controller.close()
            return
          }
          count += 1
          const id = `${execution.id}-${JSON.stringify(about)}-${count}`
          controller.enqueue({ id, timestamp: Date.now(), type, data: read.value, metadata: about })
        },
        cancel: async () => {
          await reader?.cancel()
        }
      },
      { highWaterMark: 0 }
    )
  }

  private begin(): Promise<WorkflowExecution> {
    const workflow = this.drawn()
    this.running ??= Promise.all(this.asked.map((one) => one.port)).then((ports) =>
      this.engine.executeWorkflow(workflow, { outlets: distinct(ports) })
    )
    this.began?.(this.running)
    return this.running
  }

  private async firstOutput(nodeId: string): Promise<PortName> {
    const node = this.drawn().nodes.find((one) => one.id === nodeId)
    if (!node) throw new WeirError('flow.unknown_node', `the workflow has no node '${nodeId}'`)
    const engine: Engine = await this.engine.getStreamEngine().engine()
    const type = (await engine.nodes()).find((one) => one.id === node.typeId && one.version === node.version)
    const ports = type?.ports as { outputs?: { name: string }[] } | undefined
    return { node: nodeId, port: ports?.outputs?.[0]?.name ?? 'rows' }
  }

  private drawn(): Workflow {
    if (!this.workflow) throw new WeirError('run.none', 'there is no workflow: createWorkflowStream names it')
    return this.workflow
  }
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
