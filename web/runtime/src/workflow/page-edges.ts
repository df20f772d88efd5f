// Edges at nodes of the page, checked by the rules of the engine, which sees only the outlets and inlets in their place.
import type { Problem } from '@weir/engine-client'
import type { EdgeInstance, Workflow } from './graph-schema.ts'

const INPUTS = ['rows']
const OUTPUTS = ['rows', 'error']

/** `own`: ids of the nodes of the page. */
export function problemsOfEdges(workflow: Workflow, own: ReadonlySet<string>): Problem[] {
  const ports = workflow.edges.flatMap((edge, at) => [
    ...(own.has(edge.source.node) ? wrongPort(edge, at, 'source', OUTPUTS) : []),
    ...(own.has(edge.target.node) ? wrongPort(edge, at, 'target', INPUTS) : [])
  ])
  const circle = circleThrough(workflow.edges, own)
  return circle ? [...ports, circle] : ports
}

function wrongPort(edge: EdgeInstance, at: number, end: 'source' | 'target', known: readonly string[]): Problem[] {
  const { node, port } = edge[end]
  if (known.includes(port)) return []
  return [
    {
      severity: 'error',
      code: 'flow.unknown_port',
      pointer: `/edges/${at}/${end}/port`,
      message: `'${node}' has no ${end === 'source' ? 'output' : 'input'} '${port}'.`,
      suggestion: `A node of the page has ${known.map((one) => `'${one}'`).join(' and ')}.`
    }
  ]
}

/** A circle without a node of the page is the engine's to refuse. */
function circleThrough(edges: readonly EdgeInstance[], own: ReadonlySet<string>): Problem | undefined {
  const leaving = new Map<string, number[]>()
  edges.forEach((edge, at) => {
    leaving.set(edge.source.node, [...(leaving.get(edge.source.node) ?? []), at])
  })
  for (const start of own) {
    const way = wayBack(start, edges, leaving)
    if (!way) continue
    const names = [start, ...way.map((at) => edges[at]?.target.node ?? '')]
    return {
      severity: 'error',
      code: 'flow.cycle',
      pointer: `/edges/${way.at(-1) ?? 0}`,
      message: `the flow goes round in a circle: ${names.join(' > ')}.`,
      suggestion: 'Remove one of these edges.'
    }
  }
  return undefined
}

/** The places of the edges that lead from `start` to itself. */
function wayBack(
  start: string,
  edges: readonly EdgeInstance[],
  leaving: ReadonlyMap<string, number[]>
): number[] | undefined {
  const cameBy = new Map<string, number>()
  const open = [start]
  for (let node = open.shift(); node !== undefined; node = open.shift()) {
    for (const at of leaving.get(node) ?? []) {
      const next = edges[at]?.target.node ?? ''
      if (cameBy.has(next)) continue
      cameBy.set(next, at)
      if (next === start) return wayFrom(start, edges, cameBy)
      open.push(next)
    }
  }
  return undefined
}

function wayFrom(start: string, edges: readonly EdgeInstance[], cameBy: ReadonlyMap<string, number>): number[] {
  const way: number[] = []
  let node = start
  do {
    const at = cameBy.get(node) ?? 0
    way.unshift(at)
    node = edges[at]?.source.node ?? start
  } while (node !== start)
  return way
}
