// The document in which a row is followed: filters of edges are nodes of their own there, so that a row that one stops is seen.
import { isObject } from '@weir/flow-model'
import type { Json } from '@weir/flow-model'
import { DocumentParts } from './document-parts.ts'

export interface RowDocument {
  text: string
  parts: DocumentParts
  /** By the id of a node that stands for a filter: its edge. */
  filters: ReadonlyMap<string, string>
  /** By the id of the edge behind such a node: the edge that it is of. */
  behind: ReadonlyMap<string, string>
}

/** @param version Of `logic/filter`; undefined: filters stay on their edges. Undefined: it is no document. */
export function rowDocument(text: string, version: string | undefined): RowDocument | undefined {
  const parts = DocumentParts.of(text)
  if (parts === undefined) return undefined
  const filters = new Map<string, string>()
  const behind = new Map<string, string>()
  for (const edge of [...parts.edges]) {
    const json = isObject(edge.json) ? edge.json : new Map<string, Json>()
    const filter = json.get('filter')
    if (version === undefined || typeof filter !== 'string' || filter.trim() === '') continue
    const node = parts.addNode(`${edge.id}~filter`, 'logic/filter', version, new Map([['condition', filter]]))
    const after = parts.addEdge(`${edge.id}~after`, { node, port: 'match' }, edge.target)
    const transform = json.get('transform')
    const added = parts.edges.at(-1)
    if (transform !== undefined && added !== undefined && isObject(added.json))
      added.json = new Map(added.json).set('transform', transform)
    const rest = new Map(json)
    rest.delete('filter')
    rest.delete('transform')
    edge.json = rest
    parts.setTarget(edge, { node, port: 'rows' })
    filters.set(node, edge.id)
    behind.set(after, edge.id)
  }
  return { text: filters.size === 0 ? text : parts.text(), parts, filters, behind }
}

/** Edges on which everything that the flow reads comes by: of each port of a source the first. */
export function inputEdges({ edges }: Pick<DocumentParts, 'edges'>): string[] {
  const fed = new Set(edges.map(({ target }) => target.node))
  const ports = new Map<string, string>()
  for (const { id, source } of edges) {
    const port = `${source.node}\u0000${source.port}`
    if (!fed.has(source.node) && !ports.has(port)) ports.set(port, id)
  }
  return [...ports.values()]
}
