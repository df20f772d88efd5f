// Placement: can a flow run in this place, is it better on a server, can the server run it; and why, as data.
import type { Engine, FlowSource, NodeType } from '../engine.ts'
import { drawn, type DrawnFlow } from '../run/flow-ends.ts'
import type { ServerCapabilities } from '../server/server-engine.ts'
import { detectLimits, type BrowserLimits } from './limits.ts'
import { bytesText, checkOf, timeText, type PlacementReason, type ResourceCheck } from './reasons.ts'

export interface PlacementOptions {
  limits?: Partial<BrowserLimits>
  /** Nodes that this page brings itself, by type. */
  ownTypes?: () => readonly string[]
  /** Bytes of the files that flows read here, by path. */
  files?: Record<string, number>
  /** Largest file that is read here; 4 GiB. */
  maxFileBytes?: number
  /** What this place reads in a second, for how long a flow over files takes; 100 MiB. */
  bytesPerSecond?: number
  /** Nodes of a flow that this place is for; 1,000. */
  maxNodes?: number
  /** Of the server that there is. */
  server?: ServerCapabilities
  /** The server reads the same files; by default it has none of this place. */
  serverHasFiles?: boolean
}

export interface PlacementAdvice {
  here: ResourceCheck
  /** Absent: there is no server. */
  server?: ResourceCheck
  /** Where to run it; `nowhere`: neither can. */
  place: 'here' | 'server' | 'nowhere'
  /** What to tell the person. */
  sentence: string
}

interface AskedConfig {
  maxConcurrency?: number
  limits?: { memoryBytes?: number; threads?: number; maxRunMs?: number }
}

const LOCAL = 'browser'

export class Placement {
  readonly limits: BrowserLimits

  constructor(
    private readonly types: readonly NodeType[],
    protected readonly options: PlacementOptions = {}
  ) {
    this.limits = detectLimits(options.limits)
  }

  /** With the nodes that the engine of this place knows, and where each can run. */
  static async of(engine: Engine, options: PlacementOptions = {}): Promise<Placement> {
    return new Placement(await engine.nodes(), options)
  }

  canRunLocally(flow: FlowSource): ResourceCheck {
    const document = drawn(flow)
    return checkOf([...this.ofNodes(document), ...this.ofLimits(document), ...this.ofFiles(document)])
  }

  /** Something speaks against this place, and nothing is known against the server. */
  shouldScaleToServer(flow: FlowSource): boolean {
    return this.canRunLocally(flow).reasons.length > 0 && this.canRunOnServer(flow)?.canRun !== false
  }

  /** Nothing if no server is known. */
  canRunOnServer(flow: FlowSource): ResourceCheck | undefined {
    const { server, files = {}, serverHasFiles = false } = this.options
    if (!server) return undefined
    const document = drawn(flow)
    const reasons: PlacementReason[] = document.nodes
      .filter((node) => !server.supportedNodeTypes.includes(node.typeId))
      .map(({ id, typeId }) => ({
        code: 'server.node',
        blocking: true,
        node: id,
        typeId,
        sentence: `The server does not have the node '${id}' (${typeId}).`
      }))
    if (!serverHasFiles) {
      for (const { node, path } of readPaths(document)) {
        if (!(path in files)) continue
        const sentence = `'${node}' reads ${path}, which is here and not on the server.`
        reasons.push({ code: 'server.file', blocking: true, node, path, sentence })
      }
    }
    return checkOf([...reasons, ...limitsOfServer(server, document)])
  }

  advise(flow: FlowSource): PlacementAdvice {
    const here = this.canRunLocally(flow)
    const server = this.canRunOnServer(flow)
    const why = (here.reasons.find((one) => one.blocking) ?? here.reasons[0])?.sentence ?? ''
    const whyNot = server?.reasons.find((one) => one.blocking)?.sentence ?? 'No server is set up.'
    const both = { here, ...(server && { server }) }
    if (here.canRun && (here.reasons.length === 0 || server?.canRun !== true)) {
      return { ...both, place: 'here', sentence: why === '' ? 'It runs here.' : `${why} It runs here all the same.` }
    }
    if (server?.canRun === true) return { ...both, place: 'server', sentence: `${why} The server can run it.` }
    return { ...both, place: 'nowhere', sentence: `${why} ${whyNot}` }
  }

  private ofNodes(flow: DrawnFlow): PlacementReason[] {
    const own = new Set(this.options.ownTypes?.())
    const reasons = flow.nodes.flatMap((node) => (own.has(node.typeId) ? [] : this.ofNode(node)))
    const limit = this.options.maxNodes ?? 1000
    const found = flow.nodes.length
    if (found <= limit) return reasons
    const sentence = `The flow has ${found} nodes; this place is for ${limit}.`
    return [...reasons, { code: 'nodes', blocking: false, limit, found, sentence }]
  }

  private ofNode({ id, typeId, version }: DrawnFlow['nodes'][number]): PlacementReason[] {
    const about = { blocking: true, node: id, typeId }
    const type = this.types.find((one) => one.id === typeId && (version === undefined || one.version === version))
    if (!type) return [{ code: 'node.unknown', ...about, sentence: `Nobody here knows the node '${id}' (${typeId}).` }]
    const { hosts } = (type.compatibility ?? {}) as { hosts?: string[] }
    if (hosts === undefined || hosts.includes(LOCAL)) return []
    const sentence = `'${id}' (${typeId}) cannot run in a browser; it runs ${hosts.map(hostText).join(' and ')}.`
    return [{ code: 'node.elsewhere', ...about, hosts, sentence }]
  }

  private ofLimits(flow: DrawnFlow): PlacementReason[] {
    const { memoryThreshold, maxConcurrentNodes, executionTimeout } = this.limits
    const { maxConcurrency = 1, limits = {} } = (flow.config ?? {}) as AskedConfig
    const reasons: PlacementReason[] = []
    const add = (
      code: 'memory' | 'cores' | 'time',
      found: number | undefined,
      limit: number,
      sentence: string
    ): void => {
      if (found !== undefined && found > limit) reasons.push({ code, blocking: false, limit, found, sentence })
    }
    const { memoryBytes, maxRunMs, threads = 1 } = limits
    const needed = Math.max(maxConcurrency, threads)
    const memory = `The flow may need ${bytesText(memoryBytes ?? 0)} of memory; here ${bytesText(memoryThreshold)} are for it.`
    add('memory', memoryBytes, memoryThreshold, memory)
    add('cores', needed, maxConcurrentNodes, `The flow wants ${needed} cores; here are ${maxConcurrentNodes}.`)
    add('time', maxRunMs, executionTimeout, timeSentence(maxRunMs ?? 0, executionTimeout))
    return reasons
  }

  private ofFiles(flow: DrawnFlow): PlacementReason[] {
    const { files = {}, maxFileBytes: limit = 4 * 2 ** 30, bytesPerSecond = 100 << 20 } = this.options
    const read = readPaths(flow).flatMap(({ node, path }) => {
      const found = files[path]
      return found === undefined ? [] : [{ node, path, found }]
    })
    const reasons: PlacementReason[] = read
      .filter(({ found }) => found > limit)
      .map(({ node, path, found }) => {
        const sentence = `${path} has ${bytesText(found)}; files of up to ${bytesText(limit)} are read here.`
        return { code: 'file.size', blocking: false, node, path, limit, found, sentence }
      })
    const neededMs = (read.reduce((sum, one) => sum + one.found, 0) / bytesPerSecond) * 1000
    const { executionTimeout } = this.limits
    if (neededMs <= executionTimeout) return reasons
    const sentence = timeSentence(neededMs, executionTimeout)
    return [...reasons, { code: 'time', blocking: false, limit: executionTimeout, found: neededMs, sentence }]
  }
}

function limitsOfServer(server: ServerCapabilities, flow: DrawnFlow): PlacementReason[] {
  const reasons: PlacementReason[] = []
  const add = (
    code: 'nodes' | 'memory' | 'time',
    found: number | undefined,
    limit: unknown,
    sentence: string
  ): void => {
    if (found === undefined || typeof limit !== 'number' || found <= limit) return
    reasons.push({ code, blocking: true, limit, found, sentence })
  }
  const { limits = {} } = (flow.config ?? {}) as AskedConfig
  const nodes = flow.nodes.length
  add('nodes', nodes, server.maxNodes, `The flow has ${nodes} nodes; the server takes ${server.maxNodes}.`)
  const { memoryBytes, executionTimeout } = server.limits ?? {}
  const memory = `The flow may need ${bytesText(limits.memoryBytes ?? 0)} of memory, more than the server gives.`
  add('memory', limits.memoryBytes, memoryBytes, memory)
  const time = `The flow may run for ${timeText(limits.maxRunMs ?? 0)}, longer than the server lets it.`
  add('time', limits.maxRunMs, executionTimeout, time)
  return reasons
}

function timeSentence(found: number, limit: number): string {
  return `The flow may take ${timeText(found)}; after ${timeText(limit)} a server is the better place.`
}

function hostText(host: string): string {
  return host === 'native' ? "with 'weir run'" : `on a ${host}`
}

function readPaths(flow: DrawnFlow): { node: string; path: string }[] {
  return flow.nodes.flatMap(({ id, settings }) => {
    const path = settings?.path
    return typeof path === 'string' ? [{ node: id, path }] : []
  })
}
