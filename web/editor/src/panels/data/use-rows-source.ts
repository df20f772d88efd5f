// Whose rows the Data tab shows: the tapped edge, else the edge that is chosen, else what leaves the node that is chosen.
import type { EditorSession } from '../../session/editor-session.ts'
import { useView } from '../../session/use-session.ts'
import { useChanges, useChosen } from '../form/use-changes.ts'

export interface RowsSource {
  node: string
  port: string
  edge: string | undefined
  /** *Net price → Revenue by region*. */
  title: string
}

export function useRowsSource(session: EditorSession): RowsSource | undefined {
  const tapped = useView((state) => state.tapped)
  const edges = useChosen(session, 'edges')
  const nodes = useChosen(session, 'nodes')
  useChanges(session, ({ kinds }) => {
    const { added, removed, changed } = kinds.edges
    return added.size + removed.size + changed.size + kinds.nodes.changed.size > 0
  })
  return sourceOf(session, tapped ?? edges.at(-1), nodes.at(-1))
}

/** A tap wins over what is chosen. Of a node that gives nothing, what comes into it. */
export function sourceOf(
  session: EditorSession,
  edgeId: string | undefined,
  nodeId: string | undefined
): RowsSource | undefined {
  const { document, catalogue } = session
  const nameOf = (id: string): string => {
    const name = document.node(id)?.name ?? ''
    return name === '' ? id : name
  }
  const edge = edgeId === undefined ? undefined : document.edge(edgeId)
  if (edge !== undefined)
    return { ...edge.source, edge: edge.id, title: `${nameOf(edge.source.node)} → ${nameOf(edge.target.node)}` }
  const node = nodeId === undefined ? undefined : document.node(nodeId)
  if (node === undefined) return undefined
  const port = catalogue.portsOf(document, node).outputs.find((each) => each.name !== 'error')
  if (port === undefined) {
    const into = document.edgesInto(node.id)[0]
    return into === undefined ? undefined : sourceOf(session, into.id, undefined)
  }
  const behind = document.edgesOutOf(node.id).find((each) => each.source.port === port.name)
  return { node: node.id, port: port.name, edge: behind?.id, title: `${nameOf(node.id)} · ${port.name}` }
}
