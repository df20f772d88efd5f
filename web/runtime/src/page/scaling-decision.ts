// ScalingDecision: the placement of @weir/engine-client, with the nodes of this page, in the form of the specification.
import {
  Placement,
  type Engine,
  type NodeType,
  type PlacementOptions,
  type PlacementReason,
  type ResourceCheck
} from '@weir/engine-client'
import type { Workflow } from '../workflow/graph-schema.ts'
import type { NodeRegistry } from '../workflow/node-registry.ts'
import type { PeerInfo } from './peers.ts'

export type ScalingReason = PlacementReason
export type { ResourceCheck }

export interface ScalingDecision {
  shouldScaleToServer(workflow: Workflow): boolean
  shouldUseP2P(workflow: Workflow, peers: PeerInfo[]): boolean
  canRunLocally(workflow: Workflow): ResourceCheck
}

export interface DecisionOptions extends Omit<PlacementOptions, 'ownTypes'> {
  /** Nodes of the page. */
  registry?: NodeRegistry
}

export class PlacementDecision extends Placement implements ScalingDecision {
  constructor(types: readonly NodeType[], { registry, ...options }: DecisionOptions = {}) {
    super(types, { ...options, ownTypes: () => registry?.list().map((one) => one.type) ?? [] })
  }

  /** With the nodes that the engine knows. */
  static async make(engine: Engine, options: DecisionOptions = {}): Promise<PlacementDecision> {
    return new PlacementDecision(await engine.nodes(), options)
  }

  /** Never: there is no peer to peer execution. */
  shouldUseP2P(): boolean {
    return false
  }
}
