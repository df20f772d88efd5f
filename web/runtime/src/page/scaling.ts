// ScalingInterface: moves workflows to a server, and back to this place when the server goes away.
import { WeirError } from '@weir/engine-client'
import type { SerializedWorkflow, Workflow, WorkflowDefinition } from '../workflow/graph-schema.ts'
import type { WorkflowEngine, WorkflowExecution } from '../workflow/workflow-engine.ts'
import type { P2PExecution } from './peers.ts'
import type { HttpServerProtocol, ServerExecution } from './server.ts'

/** A workflow that runs here. */
export type LocalExecution = WorkflowExecution

export interface ScalingInterface {
  canScale(): boolean
  scaleToServer(workflow: Workflow): Promise<ServerExecution>
  scaleToP2P(workflow: Workflow): Promise<P2PExecution>
  fallbackToLocal(): Promise<LocalExecution>
}

export class PageScaling implements ScalingInterface {
  private latest: SerializedWorkflow | undefined
  private moved: ServerExecution | undefined

  /** `server`: absent, and nothing scales. */
  constructor(
    private readonly local: WorkflowEngine,
    private readonly server?: HttpServerProtocol
  ) {}

  /** There is a server to scale to; whether it answers is seen when it is asked. */
  canScale(): boolean {
    return this.server !== undefined
  }

  /** @throws WeirError (a rejection) `server.none`, or `http.status` if the server is not well. */
  async scaleToServer(workflow: WorkflowDefinition): Promise<ServerExecution> {
    this.latest = JSON.stringify(workflow)
    if (!this.server) throw new WeirError('server.none', 'no server was given to run workflows on')
    const health = await this.server.health()
    if (!health.ok) throw new WeirError('http.status', `the server answered ${health.status}`, true)
    this.moved = this.server.start(this.latest)
    return this.moved
  }

  /** @throws WeirError (a rejection) always: there is no peer to peer execution. */
  scaleToP2P(): Promise<P2PExecution> {
    return Promise.reject(
      new WeirError('p2p.none', 'workflows do not run among peers yet: run it here, or on a server')
    )
  }

  /** The workflow that was last to be scaled begins anew in this place; its run on the server is cancelled. */
  async fallbackToLocal(): Promise<LocalExecution> {
    if (this.latest === undefined) throw new WeirError('run.none', 'no workflow was to be scaled')
    await this.moved?.cancel()
    this.moved = undefined
    return this.local.executeWorkflow(this.latest)
  }
}
