// ScalingDecision: can a workflow run in this place, is it better on a server, and why; the reasons are data.
import type { Engine, NodeType } from '@weir/engine-client'
import type { NodeInstance, Workflow } from '../workflow/graph-schema.ts'
import type { NodeRegistry } from '../workflow/node-registry.ts'
import { detectLimits, type BrowserLimits } from './limits.ts'

export type ScalingReason =
  /** The node runs on other hosts only. */
  | { code: 'node.elsewhere'; blocking: true; node: string; typeId: string; hosts: string[] }
  /** Neither the engine nor the registry knows the type. */
  | { code: 'node.unknown'; blocking: true; node: string; typeId: string }
  | { code: 'memory'; blocking: false; neededBytes: number; limitBytes: number }
  | { code: 'cores'; blocking: false; needed: number; limit: number }
  | { code: 'file.size'; blocking: false; path: string; bytes: number; limitBytes: number }
  | { code: 'time'; blocking: false; neededMs: number; limitMs: number }

export interface ResourceCheck {
  canRun: boolean
  /** Those that are `blocking` forbid it; the others speak for a server. */
  reasons: ScalingReason[]
}

export interface PeerInfo {
  id: string
}

export interface ScalingDecision {
  shouldScaleToServer(workflow: Workflow): boolean
  shouldUseP2P(workflow: Workflow, peers: PeerInfo[]): boolean
  canRunLocally(workflow: Workflow): ResourceCheck
}

export interface DecisionOptions {
  limits?: Partial<BrowserLimits>
  /** Nodes of the page. */
  registry?: NodeRegistry
  /** Bytes of the files that workflows read, by path. */
  files?: Record<string, number>
  /** Largest file that is read here. */
  maxFileBytes?: number
  /** What this place reads in a second, for how long a workflow over files takes. */
  bytesPerSecond?: number
}

const DEFAULT_FILE_BYTES = 4 * 2 ** 30
/** A third of what one native thread reads of CSV. */
const DEFAULT_BYTES_PER_SECOND = 100 << 20
const LOCAL = 'browser'

export class PlacementDecision implements ScalingDecision {
  readonly limits: BrowserLimits

  constructor(
    private readonly types: ReadonlyMap<string, NodeType>,
    private readonly options: DecisionOptions = {}
  ) {
    this.limits = detectLimits(options.limits)
  }

  /** With the nodes that the engine knows. */
  static async make(engine: Engine, options: DecisionOptions = {}): Promise<PlacementDecision> {
    const nodes = await engine.nodes()
    return new PlacementDecision(new Map(nodes.map((type) => [`${type.id}@${type.version}`, type])), options)
  }

  canRunLocally(workflow: Workflow): ResourceCheck {
    const reasons = [...this.ofNodes(workflow), ...this.ofLimits(workflow), ...this.ofFiles(workflow)]
    return { canRun: !reasons.some((one) => one.blocking), reasons }
  }

  shouldScaleToServer(workflow: Workflow): boolean {
    return this.canRunLocally(workflow).reasons.length > 0
  }

  /** Never: there is no peer to peer execution. */
  shouldUseP2P(): boolean {
    return false
  }

  private ofNodes(workflow: Workflow): ScalingReason[] {
    const own = new Set(this.options.registry?.list().map((one) => one.type))
    return workflow.nodes.flatMap((node) => (own.has(node.typeId) ? [] : this.ofNode(node)))
  }

  private ofNode({ id, typeId, version }: NodeInstance): ScalingReason[] {
    const type = this.types.get(`${typeId}@${version}`)
    if (!type) return [{ code: 'node.unknown', blocking: true, node: id, typeId }]
    const { hosts } = (type.compatibility ?? {}) as { hosts?: string[] }
    if (hosts === undefined || hosts.includes(LOCAL)) return []
    return [{ code: 'node.elsewhere', blocking: true, node: id, typeId, hosts }]
  }

  private ofLimits(workflow: Workflow): ScalingReason[] {
    const { memoryThreshold, maxConcurrentNodes, executionTimeout } = this.limits
    const asked = workflow.config?.limits
    const reasons: ScalingReason[] = []
    if (asked?.memoryBytes !== undefined && asked.memoryBytes > memoryThreshold) {
      reasons.push({ code: 'memory', blocking: false, neededBytes: asked.memoryBytes, limitBytes: memoryThreshold })
    }
    const needed = Math.max(workflow.config?.maxConcurrency ?? 1, asked?.threads ?? 1)
    if (needed > maxConcurrentNodes) {
      reasons.push({ code: 'cores', blocking: false, needed, limit: maxConcurrentNodes })
    }
    if (asked?.maxRunMs !== undefined && asked.maxRunMs > executionTimeout) {
      reasons.push({ code: 'time', blocking: false, neededMs: asked.maxRunMs, limitMs: executionTimeout })
    }
    return reasons
  }

  private ofFiles(workflow: Workflow): ScalingReason[] {
    const { files = {}, maxFileBytes = DEFAULT_FILE_BYTES, bytesPerSecond = DEFAULT_BYTES_PER_SECOND } = this.options
    const paths = new Set(workflow.nodes.map((node) => node.settings.path).filter((path) => typeof path === 'string'))
    const read = Object.entries(files).filter(([path]) => paths.has(path))
    const reasons: ScalingReason[] = read
      .filter(([, bytes]) => bytes > maxFileBytes)
      .map(([path, bytes]) => ({ code: 'file.size', blocking: false, path, bytes, limitBytes: maxFileBytes }))
    const neededMs = (read.reduce((sum, [, bytes]) => sum + bytes, 0) / bytesPerSecond) * 1000
    if (neededMs > this.limits.executionTimeout) {
      reasons.push({ code: 'time', blocking: false, neededMs, limitMs: this.limits.executionTimeout })
    }
    return reasons
  }
}
