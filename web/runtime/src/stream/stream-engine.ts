// StreamEngine: connections between nodes of a page; each is an edge of the engine.
import type { Engine } from '@weir/engine-client'
import { sharedEngine } from '../engine-source.ts'
import type { BackpressureHandler } from './backpressure.ts'
import { streamConfig, type StreamConfig } from './config.ts'
import { StreamConnection } from './connection.ts'
import { DEFAULT_ALERTS, type AlertRule } from './connection-flow.ts'
import type { ConnectionMetrics } from './connection-metrics.ts'
import type { StreamEvent } from './events.ts'
import { ListenerFailures } from './listener-failures.ts'
import type { NodeMessage } from './message.ts'
import type { ErrorRecovery } from './recovery.ts'
import type { WorkflowConnection } from '../workflow/workflow-connection.ts'

export interface StreamEngineOptions {
  /** Where connections run; by default an engine in this thread, loaded when the first connection is made. */
  engine?: Engine | Promise<Engine>
  /** For connections that say nothing else. */
  config?: Partial<StreamConfig>
  /** What is worth an alert, of every connection. */
  alerts?: readonly AlertRule[]
}

/** Of all connections. */
export interface StreamMetrics {
  activeConnections: number
  messageCount: number
  sent: number
  dropped: number
  failed: number
  averageLatency: number
  connections: Record<string, ConnectionMetrics>
}

export class StreamEngine {
  private readonly connections = new Map<string, StreamConnection>()
  private readonly listeners = new Set<(event: StreamEvent) => void>()
  private readonly failures = new ListenerFailures()
  private readonly ofWorkflows = new Map<string, WorkflowConnection>()
  private handler: BackpressureHandler | undefined
  private recovery: ErrorRecovery | undefined
  private last = 0

  constructor(private readonly options: StreamEngineOptions = {}) {}

  /** What connections run in. */
  engine(): Promise<Engine> {
    return Promise.resolve(this.options.engine ?? sharedEngine())
  }

  /** For connections made from now on. Without one, a full connection makes its writer wait and drops nothing. */
  setBackpressureHandler(handler: BackpressureHandler): void {
    this.handler = handler
  }

  /** For subscribers that fail, of all connections. Without one, a message is tried once. */
  setErrorRecovery(recovery: ErrorRecovery): void {
    this.recovery = recovery
  }

  /** @throws RangeError for a configuration that cannot be. */
  createConnection(
    sourceNode: string,
    targetNode: string,
    outputPort: string,
    inputPort: string,
    config: Partial<StreamConfig> = {}
  ): string {
    this.last += 1
    const id = `${sourceNode}:${outputPort}-${targetNode}:${inputPort}-${this.last}`
    const ends = { sourceNode, targetNode, outputPort, inputPort }
    const connection = new StreamConnection(id, ends, streamConfig({ ...this.options.config, ...config }), {
      engine: this.engine(),
      handler: this.handler,
      recovery: () => this.recovery,
      alerts: this.options.alerts ?? DEFAULT_ALERTS,
      emit: (event) => {
        this.emit(event)
      }
    })
    this.connections.set(id, connection)
    this.emit({
      type: 'created',
      connectionId: id,
      timestamp: Date.now(),
      data: { ...ends, config: connection.config }
    })
    return id
  }

  /** @throws RangeError */
  getConnection(id: string): StreamConnection {
    const found = this.connections.get(id)
    if (!found) throw new RangeError(`there is no connection '${id}'`)
    return found
  }

  /** The messages of a connection, for widgets: `useStreamData(connectionId)` of @weir/widgets takes its streams here. */
  createStream(connectionId: string): ReadableStream<NodeMessage> {
    return this.getConnection(connectionId).stream()
  }

  listConnections(): StreamConnection[] {
    return [...this.connections.values()]
  }

  /** An edge of a workflow that runs. @throws RangeError */
  getWorkflowConnection(edge: string): WorkflowConnection {
    const found = this.ofWorkflows.get(edge)
    if (!found) throw new RangeError(`no workflow that runs has an edge '${edge}'`)
    return found
  }

  listWorkflowConnections(): WorkflowConnection[] {
    return [...this.ofWorkflows.values()]
  }

  /** For WorkflowEngine. Of two workflows with edges of one id, the later is found. */
  addWorkflowConnections(connections: readonly WorkflowConnection[]): void {
    for (const one of connections) this.ofWorkflows.set(one.id, one)
  }

  removeWorkflowConnections(executionId: string): void {
    for (const [id, one] of this.ofWorkflows) if (one.executionId === executionId) this.ofWorkflows.delete(id)
  }

  /** Forgets the connection; what was written is still read, if somebody reads. */
  async removeConnection(id: string): Promise<void> {
    const connection = this.getConnection(id)
    this.connections.delete(id)
    // One that has failed is over, and has told why.
    await (connection.isRead ? connection.close() : connection.abort()).catch(() => undefined)
  }

  async getMetrics(): Promise<StreamMetrics> {
    const all = await Promise.all(this.listConnections().map(async (one) => [one.id, await one.metrics()] as const))
    const sum = (of: (one: ConnectionMetrics) => number): number => all.reduce((total, [, one]) => total + of(one), 0)
    const messageCount = sum((one) => one.messageCount)
    return {
      activeConnections: all.length,
      messageCount,
      sent: sum((one) => one.sent),
      dropped: sum((one) => one.dropped),
      failed: sum((one) => one.failed),
      averageLatency: messageCount === 0 ? 0 : sum((one) => one.averageLatency * one.messageCount) / messageCount,
      connections: Object.fromEntries(all)
    }
  }

  /** Ends by what it returns. An error that the listener throws is reported, and changes nothing. */
  onEvent(listener: (event: StreamEvent) => void): () => void {
    this.listeners.add(listener)
    return () => {
      this.listeners.delete(listener)
    }
  }

  /** Ends all connections at once; what is under way is gone. */
  async dispose(): Promise<void> {
    const all = this.listConnections()
    this.connections.clear()
    await Promise.all(all.map((one) => one.abort().catch(() => undefined)))
  }

  private emit(event: StreamEvent): void {
    for (const listener of this.listeners) {
      this.failures.guard(listener, () => {
        listener(event)
      })
    }
  }
}
