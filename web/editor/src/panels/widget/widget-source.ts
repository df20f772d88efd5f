// Where a widget has its rows from.
import type { EditorSession } from '../../session/editor-session.ts'
import type { WidgetSource } from './widget-feed.ts'

/** The port of a widget and the edge behind it. Without a port: the first that the node gives. Undefined: there is none. */
export function sourceOf(session: EditorSession, nodeId: string, portName: string): WidgetSource | undefined {
  const { document, catalogue } = session
  const node = document.node(nodeId)
  if (node === undefined) return undefined
  const port =
    portName === ''
      ? (catalogue.portsOf(document, node).outputs.find((each) => each.name !== 'error')?.name ?? '')
      : portName
  const into = port === '' ? document.edgesInto(nodeId)[0] : undefined
  if (into !== undefined) return { ...into.source, edge: into.id }
  if (port === '') return undefined
  return { node: nodeId, port, edge: document.edgesOutOf(nodeId).find((edge) => edge.source.port === port)?.id }
}
