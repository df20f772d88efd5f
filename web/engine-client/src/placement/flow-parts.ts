// A flow in two parts, cut at edges: each a flow of its own, with page nodes where an edge was.
import type { FlowSource, PortName } from '../engine.ts'
import { WeirError } from '../errors.ts'
import { drawn, type DrawnFlow } from '../run/flow-ends.ts'
import { INLET, OUTLET } from './mobility.ts'

/** Rows of an edge go out of one part by a node page/outlet, and into the other by a page/inlet of the same id. */
export interface CutEdge {
  edge: string
  toRemote: boolean
  /** In both parts. */
  node: string
}

export interface FlowParts {
  local: Record<string, unknown>
  remote: Record<string, unknown>
  cuts: CutEdge[]
  isRemote: (node: string) => boolean
}

/** @throws WeirError `move.refused` for nodes that are not there, or a durable edge between the parts. */
export function partsOf(flow: FlowSource, remoteNodes: readonly string[]): FlowParts {
  const document = drawn(flow)
  const remote = new Set(remoteNodes)
  for (const id of remote) {
    if (document.nodes.some((node) => node.id === id)) continue
    throw new WeirError('move.refused', `the flow has no node '${id}' that could run on a server`)
  }
  const made: FlowParts = {
    local: part(document, (node) => !remote.has(node)),
    remote: part(document, (node) => remote.has(node)),
    cuts: [],
    isRemote: (node) => remote.has(node)
  }
  for (const edge of document.edges) if (remote.has(edge.source.node) !== remote.has(edge.target.node)) cut(made, edge)
  return made
}

interface Part extends Record<string, unknown> {
  nodes: DrawnFlow['nodes']
  edges: DrawnFlow['edges']
}

function part(document: DrawnFlow, has: (node: string) => boolean): Part {
  // Boxes and widgets are of the whole.
  const rest = Object.fromEntries(Object.entries(document).filter(([key]) => key !== 'groups' && key !== 'widgets'))
  const nodes = document.nodes
    .filter((node) => has(node.id))
    .map((node) => Object.fromEntries(Object.entries(node).filter(([key]) => key !== 'parent')) as typeof node)
  return { ...rest, nodes, edges: document.edges.filter((one) => has(one.source.node) && has(one.target.node)) }
}

/** The edge keeps its id in both parts; what it filters and changes, it does where its rows come from. */
function cut(parts: FlowParts, edge: DrawnFlow['edges'][number]): void {
  const id = edge.id ?? `${edge.source.node}.${edge.source.port}-${edge.target.node}.${edge.target.port}`
  if (edge.guarantee === 'durable') {
    throw new WeirError('move.refused', `the edge '${id}' is durable: it cannot lead from one place to another`)
  }
  const toRemote = parts.isRemote(edge.target.node)
  const node = `cut.${id}`
  const end: PortName = { node, port: 'rows' }
  const page = (typeId: string): DrawnFlow['nodes'][number] => ({ id: node, typeId, version: '1.0.0', settings: {} })
  const from = (toRemote ? parts.local : parts.remote) as unknown as Part
  const to = (toRemote ? parts.remote : parts.local) as unknown as Part
  from.nodes.push(page(OUTLET))
  from.edges.push({ ...edge, id, target: end })
  to.nodes.push(page(INLET))
  to.edges.push({ id, source: end, target: edge.target })
  parts.cuts.push({ edge: id, toRemote, node })
}
