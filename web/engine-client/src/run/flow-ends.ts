// The ports of a flow whose rows somebody wants who named none: where it ends, and what its widgets show.
import type { FlowSource, NodeType, PortName } from '../engine.ts'

/** As much of a flow document as is looked at here. */
export interface DrawnFlow {
  id?: string
  nodes: { id: string; typeId: string; version?: string; settings?: Record<string, unknown> }[]
  edges: { id?: string; source: PortName; target: PortName; [key: string]: unknown }[]
  widgets: { id: string; node: string; port?: string }[]
  config?: Record<string, unknown>
}

/** What is no flow document has no nodes; the engine says what is wrong with it. */
export function drawn(flow: FlowSource): DrawnFlow {
  const document = (typeof flow === 'string' ? parsed(flow) : flow) as Partial<DrawnFlow> | null
  const list = <T>(value: T[] | undefined): T[] => (Array.isArray(value) ? value : [])
  const widgets = list(document?.widgets).filter((one) => typeof one.node === 'string')
  return { ...document, nodes: list(document?.nodes), edges: list(document?.edges), widgets }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** Outputs of nodes that lead nowhere, and what flows into sinks. */
export function endsOf(flow: DrawnFlow, types: readonly NodeType[]): PortName[] {
  const found: PortName[] = []
  for (const node of flow.nodes) {
    if (flow.edges.some((edge) => edge.source.node === node.id)) continue
    const output = firstOutput(flow, node.id, types)
    if (output !== undefined) found.push({ node: node.id, port: output })
    else found.push(...flow.edges.filter((edge) => edge.target.node === node.id).map((edge) => edge.source))
  }
  return distinctPorts(found)
}

/** Of a port that no widget names, the node's first output. */
export function widgetPorts(flow: DrawnFlow, types: readonly NodeType[]): { widget: string; port: PortName }[] {
  return flow.widgets.flatMap(({ id, node, port }) => {
    const name = port ?? firstOutput(flow, node, types)
    return name === undefined ? [] : [{ widget: id, port: { node, port: name } }]
  })
}

export function distinctPorts(ports: readonly PortName[]): PortName[] {
  const keys = new Set<string>()
  return ports.filter(({ node, port }) => keys.size !== keys.add(`${node}\u0000${port}`).size)
}

function firstOutput(flow: DrawnFlow, id: string, types: readonly NodeType[]): string | undefined {
  const node = flow.nodes.find((one) => one.id === id)
  const type = types.find((one) => one.id === node?.typeId && (!node.version || one.version === node.version))
  const ports = type?.ports as { outputs?: { name: string }[] } | undefined
  return ports?.outputs?.find((port) => port.name !== 'error')?.name
}
