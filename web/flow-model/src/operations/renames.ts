// Another id for a thing, and everything that names it.
import { alertsOf, dashboardsOf, portsOf } from '../document/elements.ts'
import type { FlowDocument } from '../document/flow-document.ts'
import { parseMetric } from '../document/metrics.ts'
import { isList, memberOf, textMember } from '../json/value.ts'
import { setFlow, setValue } from './edits.ts'
import type { Operation } from './operation.ts'

function metrics(document: FlowDocument, of: 'node' | 'edge', id: string, to: string): Operation[] {
  const operations: Operation[] = []
  for (const { alert, pointer } of alertsOf(document.root)) {
    const metric = parseMetric(alert.metric)
    if (metric?.of === of && metric.subject === id)
      operations.push(setFlow(`${pointer}/metric`, `${to}.${metric.measure}`))
  }
  return operations
}

/** A node's id; its edges, ports of the flow, widgets and alerts follow. */
export function renameNode(document: FlowDocument, id: string, to: string): Operation[] {
  const operations: Operation[] = [{ op: 'rename', kind: 'nodes', id, to }]
  for (const edge of document.edgesAt(id)) {
    const value = document.edge(edge)
    if (value?.source.node === id) operations.push(setValue('edges', edge, '/source/node', to))
    if (value?.target.node === id) operations.push(setValue('edges', edge, '/target/node', to))
  }
  const ports = portsOf(document.root)
  for (const side of ['inputs', 'outputs'] as const) {
    ports[side].forEach((port, index) => {
      if (port.node === id) operations.push(setFlow(`/ports/${side}/${index}/node`, to))
    })
  }
  for (const { id: widget, value } of document.tables.widgets.list()) {
    if (textMember(value, 'node') === id) operations.push(setValue('widgets', widget, '/node', to))
  }
  return [...operations, ...metrics(document, 'node', id, to)]
}

/** An edge's id; alerts follow. */
export function renameEdge(document: FlowDocument, id: string, to: string): Operation[] {
  return [{ op: 'rename', kind: 'edges', id, to }, ...metrics(document, 'edge', id, to)]
}

/** A box's id; what is in it follows. */
export function renameGroup(document: FlowDocument, id: string, to: string): Operation[] {
  const operations: Operation[] = [{ op: 'rename', kind: 'groups', id, to }]
  for (const kind of ['nodes', 'groups', 'notes'] as const) {
    for (const { id: inside, value } of document.tables[kind].list()) {
      if (textMember(value, 'parent') === id) operations.push(setValue(kind, inside, '/parent', to))
    }
  }
  return operations
}

/** A widget's id; dashboards follow. */
export function renameWidget(document: FlowDocument, id: string, to: string): Operation[] {
  const operations: Operation[] = [{ op: 'rename', kind: 'widgets', id, to }]
  dashboardsOf(document.root).forEach((dashboard, index) => {
    dashboard.widgets.forEach((placed, place) => {
      if (placed.widget === id) operations.push(setFlow(`/dashboards/${index}/widgets/${place}/widget`, to))
    })
  })
  return operations
}

/** The name of a port that a node has by one of its settings (the case of a switch): its wires follow. */
export function renamePort(
  document: FlowDocument,
  node: string,
  side: 'inputs' | 'outputs',
  port: string,
  to: string
): Operation[] {
  const operations: Operation[] = []
  const end = side === 'inputs' ? 'target' : 'source'
  for (const id of document.edgesAt(node)) {
    const edge = document.edge(id)
    if (edge?.[end].node === node && edge[end].port === port) operations.push(setValue('edges', id, `/${end}/port`, to))
  }
  const list = memberOf(document.root.get('ports'), side)
  if (!isList(list)) return operations
  list.forEach((item, index) => {
    if (textMember(item, 'node') === node && textMember(item, 'port') === port)
      operations.push(setFlow(`/ports/${side}/${index}/port`, to))
  })
  return operations
}
