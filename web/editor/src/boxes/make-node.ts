// Makes a flow of what is chosen, and a node that uses it in its place.
import {
  addNode,
  formatFlow,
  freeName,
  FreshIds,
  isList,
  isObject,
  leadsTo,
  memberOf,
  portNamed,
  portsOf,
  removeWidget,
  setFlow,
  setValue,
  textMember
} from '@weir/flow-model'
import type { FlowEnd, Json, JsonObject, Operation } from '@weir/flow-model'
import type { EditorSession } from '../session/editor-session.ts'
import { boxesAround, nodesInBox } from './inside.ts'
import { parametersIn } from './flow-names.ts'
import { typeIdOfFlow } from './flow-type.ts'

/** A port that the node will have, and the port in the flow that it stands for. */
export interface MadePort extends FlowEnd {
  side: 'inputs' | 'outputs'
  name: string
  type: string
}

/** What goes into the flow. */
export interface Parts {
  nodes: ReadonlySet<string>
  groups: ReadonlySet<string>
  notes: ReadonlySet<string>
  /** The box that is meant, if one alone is chosen: it goes with its name. */
  box: string
}

export const kFirstVersion = '1.0.0'

/** Chosen nodes, with all that is in chosen boxes. */
export function partsOf(session: EditorSession): Parts {
  const { document, selection } = session
  const boxes = [...selection.ids('groups')]
  const isIn = (kind: 'notes' | 'groups', id: string): boolean =>
    boxesAround(document, { kind, id }).some((box) => boxes.includes(box))
  const nodes = new Set([...selection.ids('nodes'), ...boxes.flatMap((box) => nodesInBox(document, box))])
  const alone = boxes.length === 1 && selection.ids('nodes').size === 0
  const groups = document.tables.groups.list().filter(({ id }) => isIn('groups', id) || (!alone && boxes.includes(id)))
  const notes = document.tables.notes.list().filter(({ id }) => isIn('notes', id) || selection.ids('notes').has(id))
  return {
    nodes,
    groups: new Set(groups.map(({ id }) => id)),
    notes: new Set(notes.map(({ id }) => id)),
    box: alone ? (boxes[0] ?? '') : ''
  }
}

/** Why no node can be made of these; empty if one can. */
export function whyNoNode(session: EditorSession, { nodes }: Parts): string {
  const { document } = session
  if (nodes.size === 0) return 'Choose nodes first, or a box.'
  if (session.options.readOnly !== undefined && session.options.readOnly !== '') return session.options.readOnly
  for (const node of nodes) {
    for (const { target } of document.edgesOutOf(node)) {
      if (nodes.has(target.node)) continue
      const back = [...nodes].find((inside) => leadsTo(document, target.node, inside))
      if (back !== undefined)
        return `Rows go out to '${target.node}' and come back to '${back}': choose what is between them, too.`
    }
  }
  return portsFor(session, nodes).length === 0 ? 'Nothing flows into it or out of it: a node needs a port.' : ''
}

/** The ports that edges which are cut need, and those that the flow itself gives to others; names are told apart. */
export function portsFor(session: EditorSession, nodes: ReadonlySet<string>): MadePort[] {
  const { document, catalogue } = session
  const made: MadePort[] = []
  const enter = (side: MadePort['side'], { node, port }: FlowEnd, wanted: string): void => {
    if (made.some((one) => one.side === side && one.node === node && one.port === port)) return
    const value = document.node(node)
    const known = value === undefined ? undefined : portNamed(catalogue.portsOf(document, value)[side], port)
    const name = freeName(wanted, (taken) => made.some((one) => one.side === side && one.name === taken))
    made.push({ side, node, port, name, type: known?.type ?? 'any' })
  }
  for (const { source, target } of document.edges()) {
    if (nodes.has(target.node) && !nodes.has(source.node)) enter('inputs', target, target.port)
    if (nodes.has(source.node) && !nodes.has(target.node)) enter('outputs', source, source.port)
  }
  const own = portsOf(document.root)
  for (const side of ['inputs', 'outputs'] as const)
    for (const port of own[side]) if (nodes.has(port.node)) enter(side, port, port.name)
  return made
}

/** Elements of a list of the document that go along, without the box around them. */
function listOf(
  root: JsonObject,
  kind: string,
  keep: (id: string, item: JsonObject) => boolean,
  groups: ReadonlySet<string>
): Json[] {
  const list = root.get(kind)
  if (!isList(list)) return []
  return list.filter(isObject).flatMap((item) => {
    if (!keep(textMember(item, 'id'), item)) return []
    const parent = textMember(item, 'parent')
    if (parent === '' || groups.has(parent)) return [item]
    const made = new Map(item)
    made.delete('parent')
    return [made]
  })
}

/** Edges both of whose ends are among the nodes. */
function edgesWithin(root: JsonObject, nodes: ReadonlySet<string>): Json[] {
  const isIn = (edge: JsonObject, end: string): boolean => nodes.has(textMember(edge.get(end), 'node'))
  return listOf(root, 'edges', (_, edge) => isIn(edge, 'source') && isIn(edge, 'target'), new Set())
}

/** Raw parameters of the document that the parts name. */
function usedParameters(root: JsonObject, parts: readonly Json[]): JsonObject[] {
  const names = parametersIn([...parts])
  const list = root.get('parameters')
  return isList(list) ? list.filter(isObject).filter((item) => names.has(textMember(item, 'name'))) : []
}

const text = (members: Record<string, Json>): JsonObject => new Map(Object.entries(members))

/** The document of the flow, as its home keeps it. */
export function flowOf(
  session: EditorSession,
  parts: Parts,
  wish: { id: string; ports: readonly MadePort[]; about: string; icon: string }
): string {
  const root = session.document.toJson()
  const { nodes, groups, notes } = parts
  const kept = {
    nodes: listOf(root, 'nodes', (id) => nodes.has(id), groups),
    edges: edgesWithin(root, nodes),
    groups: listOf(root, 'groups', (id) => groups.has(id), groups),
    notes: listOf(root, 'notes', (id) => notes.has(id), groups),
    widgets: listOf(root, 'widgets', (_, widget) => nodes.has(textMember(widget, 'node')), groups)
  }
  const side = (name: MadePort['side']): Json[] =>
    wish.ports
      .filter((port) => port.side === name)
      .map(({ name: called, type, node, port }) => text({ name: called, type, node, port }))
  const flow = new Map<string, Json>([
    ['id', wish.id],
    ['version', textMember(root, 'version')],
    ['metadata', text({ version: kFirstVersion, ...(wish.about === '' ? {} : { description: wish.about }) })],
    ['ports', text({ inputs: side('inputs'), outputs: side('outputs') })],
    ['nodes', kept.nodes],
    ['edges', kept.edges]
  ])
  for (const kind of ['groups', 'notes', 'widgets'] as const) if (kept[kind].length > 0) flow.set(kind, kept[kind])
  const parameters = usedParameters(root, [...kept.nodes, ...kept.edges])
  if (parameters.length > 0) flow.set('parameters', parameters)
  if (wish.icon !== '') flow.set('x-icon', wish.icon)
  const layout = root.get('layout')
  const places = new Map<string, Json>()
  for (const kind of ['nodes', 'groups', 'notes', 'widgets'] as const) {
    const known = memberOf(layout, kind)
    const ids = new Set(listIds(kept[kind]))
    if (isObject(known) && ids.size > 0) places.set(kind, new Map([...known].filter(([id]) => ids.has(id))))
  }
  return formatFlow(flow.set('layout', places))
}

function listIds(list: Json | undefined): string[] {
  return isList(list) ? list.map((item) => textMember(item, 'id')) : []
}

/** What puts the node in the place of the parts; its id. One gesture. */
export function replaceWithNode(
  session: EditorSession,
  parts: Parts,
  wish: { id: string; name: string; ports: readonly MadePort[] }
): { operations: Operation[]; node: string } {
  const { document, index } = session
  const ids = new FreshIds(document, session.options.author)
  const node = ids.id('nodes', wish.id)
  const bounds = index.bounds(parts.nodes)
  const [first = ''] = parts.nodes
  const around = boxesAround(document, { kind: 'nodes', id: first }).filter(
    (box) => box !== parts.box && !parts.groups.has(box)
  )
  const parent = around.findLast((box) =>
    [...parts.nodes].every((id) => boxesAround(document, { kind: 'nodes', id }).includes(box))
  )
  const names = parametersFor(session, parts)
  const at = { x: bounds === undefined ? 0 : bounds.x + bounds.width / 2 - 103, y: bounds?.y ?? 0 }
  const operations: Operation[] = [
    addNode({
      id: node,
      typeId: typeIdOfFlow(wish.id),
      version: kFirstVersion,
      name: wish.name,
      at: { x: Math.round(at.x / 4) * 4, y: Math.round(at.y / 4) * 4 },
      settings: new Map(names.map((name): [string, Json] => [name, `\${${name}}`])),
      ...(parent === undefined ? {} : { parent })
    })
  ]
  operations.push(...leadTo(session, parts, wish.ports, node))
  for (const { id, value } of document.tables.widgets.list())
    if (parts.nodes.has(textMember(value, 'node'))) operations.push(...removeWidget(document, id))
  for (const id of parts.nodes) operations.push({ op: 'remove', kind: 'nodes', id })
  for (const id of parts.notes) operations.push({ op: 'remove', kind: 'notes', id })
  for (const id of parts.groups) operations.push({ op: 'remove', kind: 'groups', id })
  if (parts.box !== '') operations.push({ op: 'remove', kind: 'groups', id: parts.box })
  return { operations, node }
}

/** Edges and ports of the flow that led to the parts lead to the node. */
function leadTo(session: EditorSession, { nodes }: Parts, ports: readonly MadePort[], node: string): Operation[] {
  const { document } = session
  const operations: Operation[] = []
  const portOf = (side: MadePort['side'], end: FlowEnd): string =>
    ports.find((port) => port.side === side && port.node === end.node && port.port === end.port)?.name ?? end.port
  const end = (port: string): JsonObject => text({ node, port })
  for (const { id, source, target } of document.edges()) {
    const [from, to] = [nodes.has(source.node), nodes.has(target.node)]
    if (from === to) continue
    if (from) operations.push(setValue('edges', id, '/source', end(portOf('outputs', source))))
    else operations.push(setValue('edges', id, '/target', end(portOf('inputs', target))))
  }
  const own = portsOf(document.root)
  for (const side of ['inputs', 'outputs'] as const) {
    own[side].forEach((port, at) => {
      if (!nodes.has(port.node)) return
      operations.push(setFlow(`/ports/${side}/${at}/node`, node))
      operations.push(setFlow(`/ports/${side}/${at}/port`, portOf(side, port)))
    })
  }
  return operations
}

/** Names of parameters that the flow will have, in the order of the document. */
export function parametersFor(session: EditorSession, { nodes }: Parts): string[] {
  const root = session.document.toJson()
  const inside = listOf(root, 'nodes', (id) => nodes.has(id), new Set())
  return usedParameters(root, [...inside, ...edgesWithin(root, nodes)]).map((item) => textMember(item, 'name'))
}
