// Puts a flow in place again where a node uses it: its nodes in a box, with the values of the node's settings.
import {
  disconnect,
  FreshIds,
  isObject,
  openFlow,
  parametersOf,
  pasteElements,
  portsOf,
  setFlow,
  setValue,
  textMember,
  toNumber
} from '@weir/flow-model'
import type { FlowDocument, FlowEnd, FlowPort, Json, JsonObject, Operation } from '@weir/flow-model'
import type { EditorSession } from '../session/editor-session.ts'
import { withMeanings } from './flow-names.ts'
import type { Meaning } from './flow-names.ts'
import { nameOfFlow } from './flow-type.ts'
import { kBoxMargin } from './grown.ts'

export interface Placed {
  operations: Operation[]
  /** The box around what was put in place. */
  box: string
  /** Edges that led to ports which the flow does not have. */
  lost: number
}

/** What the parameters of the flow are, by the settings of the node that uses it. */
function meaningsOf(inner: FlowDocument, settings: JsonObject): Map<string, Meaning> {
  const meanings = new Map<string, Meaning>()
  for (const { name, type, default: usual } of parametersOf(inner.root)) {
    const value = settings.get(name) ?? usual
    if (value === undefined) continue
    const [, outer] = (typeof value === 'string' ? /^\$\{([^}:]+)\}$/.exec(value) : null) ?? []
    meanings.set(name, outer === undefined ? { value, isDouble: type === 'number' } : { name: outer })
  }
  return meanings
}

/** Which new node each one of the flow is; `pasteElements` keeps their order. */
function renamedNodes(inner: FlowDocument, ids: readonly string[]): Map<string, string> {
  return new Map(inner.nodes().map(({ id }, at) => [id, ids[at] ?? id]))
}

function endAt(ports: readonly FlowPort[], port: string, nodes: ReadonlyMap<string, string>): FlowEnd | undefined {
  const found = ports.find((one) => one.name === port)
  const node = found === undefined ? undefined : nodes.get(found.node)
  return found === undefined || node === undefined ? undefined : { node, port: found.port }
}

/** @returns why not, if the text is no flow that can be put in place, or there is no such node */
export function putInPlace(session: EditorSession, node: string, flowText: string): Placed | string {
  const { document } = session
  const value = document.node(node)
  const opened = openFlow(flowText)
  if (value === undefined) return `There is no node '${node}'.`
  if (opened.state !== 'open') return 'The flow cannot be read: open it and see its problems.'
  const inner = opened.document
  if (inner.tables.nodes.size === 0) return 'The flow has no nodes to put in place.'
  const ids = new FreshIds(document, session.options.author)
  const box = ids.id('groups', 'box')
  const places = document.places.nodes
  const at = { x: places.get(node, 'x') || 0, y: places.get(node, 'y') || 0 }
  const meanings = meaningsOf(inner, value.settings)
  const pasted = pasteElements(document, withMeanings(inner.toJson(), meanings) as JsonObject, at, ids)
  if (pasted.skipped.length > 0) return `It cannot be put in place: ${pasted.skipped[0] ?? ''}`
  const nodes = renamedNodes(inner, pasted.ids.nodes)
  const operations: Operation[] = pasted.operations.map((operation) => withParent(operation, box))
  const name = value.name === '' ? nameOfFlow(inner.id) : value.name
  const group: [string, Json][] = [
    ['id', box],
    ['name', name]
  ]
  if (value.parent !== '') group.push(['parent', value.parent])
  operations.unshift({ op: 'add', kind: 'groups', value: new Map(group), box: frameOfAdded(pasted.operations, at) })
  const led = leadIn(document, node, inner, nodes)
  operations.push(...led.operations, { op: 'remove', kind: 'nodes', id: node })
  return { operations, box, lost: led.lost }
}

function withParent(operation: Operation, box: string): Operation {
  if (operation.op !== 'add' || operation.kind === 'edges' || operation.kind === 'widgets') return operation
  if (textMember(operation.value, 'parent') !== '') return operation
  return { ...operation, value: new Map([...operation.value, ['parent', box] as const]) }
}

function frameOfAdded(operations: readonly Operation[], at: { x: number; y: number }): JsonObject {
  let [right, bottom] = [at.x + 206, at.y + 100]
  for (const operation of operations) {
    if (operation.op !== 'add' || !isObject(operation.box)) continue
    const part = (key: string, usual: number): number => toNumber(operation.box?.get(key)) ?? usual
    right = Math.max(right, part('x', 0) + part('width', 206))
    bottom = Math.max(bottom, part('y', 0) + part('height', 100))
  }
  return new Map<string, Json>([
    ['x', at.x - kBoxMargin],
    ['y', at.y - kBoxMargin],
    ['width', right - at.x + 2 * kBoxMargin],
    ['height', bottom - at.y + 2 * kBoxMargin]
  ])
}

/** What led to the node leads to the nodes of the flow: edges, ports of this flow, widgets. */
function leadIn(
  document: FlowDocument,
  node: string,
  inner: FlowDocument,
  nodes: ReadonlyMap<string, string>
): { operations: Operation[]; lost: number } {
  const operations: Operation[] = []
  let lost = 0
  const ports = portsOf(inner.root)
  const json = ({ node: to, port }: FlowEnd): JsonObject =>
    new Map<string, Json>([
      ['node', to],
      ['port', port]
    ])
  for (const id of document.edgesAt(node)) {
    const edge = document.edge(id)
    if (edge === undefined) continue
    const isSource = edge.source.node === node
    const side = isSource ? 'outputs' : 'inputs'
    const end = endAt(ports[side], isSource ? edge.source.port : edge.target.port, nodes)
    if (end === undefined) ++lost
    operations.push(
      end === undefined ? disconnect(id) : setValue('edges', id, isSource ? '/source' : '/target', json(end))
    )
  }
  const own = portsOf(document.root)
  for (const side of ['inputs', 'outputs'] as const) {
    own[side].forEach((port, index) => {
      const end = port.node === node ? endAt(ports[side], port.port, nodes) : undefined
      if (end === undefined) return
      operations.push(
        setFlow(`/ports/${side}/${index}/node`, end.node),
        setFlow(`/ports/${side}/${index}/port`, end.port)
      )
    })
  }
  for (const { id, value } of document.tables.widgets.list()) {
    if (textMember(value, 'node') !== node) continue
    const end = endAt(ports.outputs, textMember(value, 'port'), nodes)
    if (end === undefined) continue
    operations.push(setValue('widgets', id, '/node', end.node), setValue('widgets', id, '/port', end.port))
  }
  return { operations, lost }
}
