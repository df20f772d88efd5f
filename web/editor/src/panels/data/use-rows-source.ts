// Whose rows the Data tab shows: the tapped edge, else the edge that is chosen, else what leaves the node that is chosen,
// else what comes out at the end of what runs.
import { flowOrder } from '@weir/flow-model'
import { nameOf } from '../../canvas/actions.ts'
import type { EditorSession } from '../../session/editor-session.ts'
import { usePart, useView } from '../../session/use-session.ts'
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
  const runs = usePart(session.run, ({ shown }) => shown !== undefined)
  const chosen = sourceOf(session, tapped ?? edges.at(-1), nodes.at(-1))
  return chosen ?? (runs ? sourceOf(session, lastEdge(session), undefined) : undefined)
}

/** Larger flows are for who chooses. */
const kMostOrdered = 300

/** The edge into the last node of the flow, from an output that is no error's. */
function lastEdge({ document }: EditorSession): string | undefined {
  if (document.tables.nodes.size > kMostOrdered) return undefined
  for (const id of flowOrder(document).reverse()) {
    const into = document.edgesInto(id).find((edge) => edge.source.port !== 'error')
    if (into !== undefined && document.edgesOutOf(id).length === 0) return into.id
  }
  return undefined
}

/** A tap wins over what is chosen. Of a node that gives nothing, what comes into it. */
export function sourceOf(
  session: EditorSession,
  edgeId: string | undefined,
  nodeId: string | undefined
): RowsSource | undefined {
  const { document, catalogue } = session
  const edge = edgeId === undefined ? undefined : document.edge(edgeId)
  if (edge !== undefined)
    return {
      ...edge.source,
      edge: edge.id,
      title: `${nameOf(session, edge.source.node)} → ${nameOf(session, edge.target.node)}`
    }
  const node = nodeId === undefined ? undefined : document.node(nodeId)
  if (node === undefined) return undefined
  const port = catalogue.portsOf(document, node).outputs.find((each) => each.name !== 'error')
  if (port === undefined) {
    const into = document.edgesInto(node.id)[0]
    return into === undefined ? undefined : sourceOf(session, into.id, undefined)
  }
  const behind = document.edgesOutOf(node.id).find((each) => each.source.port === port.name)
  return { node: node.id, port: port.name, edge: behind?.id, title: `${nameOf(session, node.id)} · ${port.name}` }
}
