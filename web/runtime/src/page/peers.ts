// Running workflows among peers: the specification's names and shapes. Nothing here makes one yet: `scaleToP2P` refuses.
import type { Workflow } from '../workflow/graph-schema.ts'

export interface PeerInfo {
  id: string
}

/** Node by peer. */
export type DistributionMap = Map<string, string>
export type WorkflowState = Record<string, unknown>

export interface P2PMessage {
  type: 'workflow-distribute' | 'node-execute' | 'result-stream' | 'peer-status'
  sender: string
  data: unknown
  streamId?: string
}

export interface PeerMesh {
  connect(peerId: string): Promise<RTCPeerConnection>
  broadcast(message: P2PMessage): Promise<void>
  /** The peer of a node. */
  route(nodeId: string): Promise<string>
  distribute(workflow: Workflow): Promise<DistributionMap>
}

export interface P2PCoordinator {
  electLeader(): Promise<string>
  synchronizeState(state: WorkflowState): Promise<void>
  handlePeerFailure(peerId: string): Promise<void>
}

export interface P2PProtocol {
  discoverPeers(): Promise<PeerInfo[]>
  connectToPeer(peerId: string): Promise<RTCDataChannel>
  streamToPeer(stream: ReadableStream, peerId: string): Promise<void>
  broadcastStream(stream: ReadableStream): Promise<void>
}

export interface P2PExecution {
  mesh: PeerMesh
  coordinator: P2PCoordinator
  /** Their shapes are left open by the specification. */
  discovery: unknown
  security: unknown
}
