// What a person does to nodes and edges, as operations on the document that is there. Nothing here changes it.
import type { FlowEnd } from '../document/elements.ts'
import { endOf } from '../document/ends.ts'
import type { FlowDocument } from '../document/flow-document.ts'
import { isList, isObject, memberOf, textMember } from '../json/value.ts'
import type { Json, JsonObject } from '../json/value.ts'
import { below } from '../json/pointer.ts'
import type { ElementKind } from '../document/elements.ts'
import { presetOf } from '../document/canonical.ts'
import type { PlacedList } from '../document/canonical.ts'
import type { FreshIds } from './names.ts'
import type { AddOperation, Operation, PlaceOperation, SetOperation, UnsetOperation } from './operation.ts'

export interface Point {
  x: number
  y: number
}

export interface NewNode {
  id: string
  typeId: string
  version: string
  settings?: JsonObject
  name?: string
  parent?: string
  at?: Point
}

/** A node, last in the list. */
export function addNode(node: NewNode): AddOperation {
  const value = new Map<string, Json>()
  for (const key of ['id', 'typeId', 'version', 'name', 'parent'] as const) {
    const text = node[key]
    if (text !== undefined && text !== '') value.set(key, text)
  }
  if (node.settings !== undefined && node.settings.size > 0) value.set('settings', node.settings)
  const made: AddOperation = { op: 'add', kind: 'nodes', value }
  return node.at === undefined
    ? made
    : {
        ...made,
        box: new Map<string, Json>([
          ['x', node.at.x],
          ['y', node.at.y]
        ])
      }
}

function edgeValue(id: string, source: FlowEnd, target: FlowEnd): JsonObject {
  const end = ({ node, port }: FlowEnd): JsonObject =>
    new Map<string, Json>([
      ['node', node],
      ['port', port]
    ])
  return new Map<string, Json>([
    ['id', id],
    ['source', end(source)],
    ['target', end(target)]
  ])
}

/** An edge between two ports. What fits is said by `mayConnect`. */
export function connect(id: string, source: FlowEnd, target: FlowEnd): AddOperation {
  return { op: 'add', kind: 'edges', value: edgeValue(id, source, target) }
}

export function disconnect(id: string): Operation {
  return { op: 'remove', kind: 'edges', id }
}

/** A value at a path of an element, such as '/settings/condition' or '/buffer/rows'. */
export function setValue(kind: ElementKind, id: string, path: string, value: Json): SetOperation {
  return { op: 'set', kind, id, path, value }
}

export function unsetValue(kind: ElementKind, id: string, path: string): UnsetOperation {
  return { op: 'unset', kind, id, path }
}

/** A value of the document itself, such as '/metadata/description' or '/parameters/=folder/default'. */
export function setFlow(path: string, value: Json): SetOperation {
  return { op: 'set', kind: 'flow', id: '', path, value }
}

export function unsetFlow(path: string): UnsetOperation {
  return { op: 'unset', kind: 'flow', id: '', path }
}

/** Things to these places, in canvas units. `x`, `y` and `ids` have one length. A tidy layout is this, too. */
export function moveTo(
  kind: PlacedList,
  ids: readonly string[],
  x: readonly number[],
  y: readonly number[]
): PlaceOperation {
  return { op: 'place', kind, ids, x, y }
}

/** Things by so much from where they stand. */
export function moveBy(document: FlowDocument, kind: PlacedList, ids: readonly string[], by: Point): PlaceOperation {
  const places = document.places[kind]
  const from = (id: string, part: 'x' | 'y'): number => places.get(id, part) || 0
  return moveTo(
    kind,
    ids,
    ids.map((id) => from(id, 'x') + by.x),
    ids.map((id) => from(id, 'y') + by.y)
  )
}

export function resize(kind: PlacedList, id: string, width: number, height: number): PlaceOperation {
  return { op: 'place', kind, ids: [id], width: [width], height: [height] }
}

/** What a preset stands for, where the edge does not say otherwise itself. */
export function setPreset(document: FlowDocument, id: string, preset: string): Operation[] {
  const edge = document.tables.edges.get(id)
  const operations: Operation[] = []
  for (const [part, values] of presetOf(preset)) {
    if (!isObject(values)) continue
    for (const [key, value] of values) {
      if (memberOf(edge?.get(part), key) === undefined) operations.push(setValue('edges', id, `/${part}/${key}`, value))
    }
  }
  return operations
}

/** Bypass on or off; off takes the key away. */
export function setBypass(id: string, on: boolean): Operation {
  return on ? setValue('nodes', id, '/bypass', true) : unsetValue('nodes', id, '/bypass')
}

/** Nodes with their edges, widgets and ports of the flow. */
export function removeNodes(document: FlowDocument, ids: readonly string[]): Operation[] {
  const operations = namingAny(document, new Set(ids))
  for (const id of ids) operations.push({ op: 'remove', kind: 'nodes', id })
  return operations
}

/** What names one of these nodes, beside edges: ports of the flow (last first, so that indexes hold) and widgets. */
function namingAny(document: FlowDocument, gone: ReadonlySet<string>): Operation[] {
  const operations: Operation[] = []
  for (const side of ['inputs', 'outputs']) {
    const list = memberOf(document.root.get('ports'), side)
    if (!isList(list)) continue
    for (let index = list.length - 1; index >= 0; --index) {
      if (gone.has(textMember(list[index], 'node'))) operations.push(unsetFlow(`/ports/${side}/${index}`))
    }
  }
  for (const { id, value } of document.tables.widgets.list()) {
    if (gone.has(textMember(value, 'node'))) operations.push({ op: 'remove', kind: 'widgets', id })
  }
  return operations
}

/**
 * A node out of its line: every edge into it is led to where its edges from `output` went. Without `output` the first
 * edge out of it says which port that is.
 */
export function removeAndReconnect(document: FlowDocument, id: string, ids: FreshIds, output?: string): Operation[] {
  const into = document.edgesInto(id).filter((edge) => edge.source.node !== id)
  const out = document.edgesOutOf(id).filter((edge) => edge.target.node !== id)
  const port = output ?? out[0]?.source.port
  const operations = removeNodes(document, [id])
  for (const before of into) {
    for (const after of out) {
      if (after.source.port !== port) continue
      operations.push(connect(ids.edge(), before.source, after.target))
    }
  }
  return operations
}

/** A new node on an edge: the edge ends at its `input`, keeps its settings, and a new one goes on from `output`. */
export function insertOnEdge(
  document: FlowDocument,
  edge: string,
  node: NewNode,
  ports: { input: string; output: string },
  ids: FreshIds
): Operation[] {
  const value = document.tables.edges.get(edge)
  if (value === undefined) return []
  const target = endOf(value, 'target')
  const end = new Map<string, Json>([
    ['node', node.id],
    ['port', ports.input]
  ])
  return [
    addNode(node),
    setValue('edges', edge, '/target', end),
    connect(ids.edge(), { node: node.id, port: ports.output }, target)
  ]
}

export interface PortMapping {
  /** Old port name to new one; a port that is not named keeps its name, one that is '' loses its edges. */
  inputs: ReadonlyMap<string, string>
  outputs: ReadonlyMap<string, string>
}

/** Another type for a node: its wires stay, with the ports that `ports` names; settings of the same name too. */
export function replaceType(
  document: FlowDocument,
  id: string,
  type: { typeId: string; version: string; settings: JsonObject },
  ports: PortMapping
): Operation[] {
  const operations: Operation[] = [
    setValue('nodes', id, '/typeId', type.typeId),
    setValue('nodes', id, '/version', type.version)
  ]
  const node = document.node(id)
  if (node === undefined) return []
  if (type.settings.size > 0) operations.push(setValue('nodes', id, '/settings', type.settings))
  else if (document.tables.nodes.get(id)?.has('settings') === true)
    operations.push(unsetValue('nodes', id, '/settings'))
  for (const edge of document.edgesAt(id)) {
    const value = document.edge(edge)
    if (value === undefined) continue
    const source = value.source.node === id ? (ports.outputs.get(value.source.port) ?? value.source.port) : undefined
    const target = value.target.node === id ? (ports.inputs.get(value.target.port) ?? value.target.port) : undefined
    if (source === '' || target === '') {
      operations.push(disconnect(edge))
      continue
    }
    if (source !== undefined && source !== value.source.port)
      operations.push(setValue('edges', edge, '/source/port', source))
    if (target !== undefined && target !== value.target.port)
      operations.push(setValue('edges', edge, '/target/port', target))
  }
  return operations
}

/** Operations that make the members of `to` of those of `from` below a path, each member by itself. */
export function changedMembers(
  kind: ElementKind | 'flow',
  id: string,
  path: string,
  from: JsonObject,
  to: JsonObject,
  same: (a: Json, b: Json) => boolean
): Operation[] {
  const operations: Operation[] = []
  for (const key of from.keys()) {
    if (!to.has(key)) operations.push({ op: 'unset', kind, id, path: below(path, key) })
  }
  for (const [key, value] of to) {
    const before = from.get(key)
    if (before === undefined) operations.push({ op: 'set', kind, id, path: below(path, key), value })
    else if (isObject(before) && isObject(value) && before.size > 0 && value.size > 0)
      operations.push(...changedMembers(kind, id, below(path, key), before, value, same))
    else if (!same(before, value)) operations.push({ op: 'set', kind, id, path: below(path, key), value })
  }
  return operations
}
