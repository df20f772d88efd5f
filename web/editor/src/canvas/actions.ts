// What a person does on the canvas, by key, menu or pointer: each is one gesture of the history and is told.
import {
  addNode,
  connect,
  disconnect,
  FreshIds,
  idFrom,
  insertable,
  mayConnect,
  moveBy,
  nudge,
  removeAndReconnect,
  removeNodes,
  removeWidget,
  setBypass,
  snap,
  ungroup,
  walk
} from '@weir/flow-model'
import type { Arrow, Chosen, FlowEnd, NodeType, Operation, Point } from '@weir/flow-model'
import type { EditorSession } from '../session/editor-session.ts'
import type { Breakpoint, PortRef } from '../session/view-state.ts'
import { withKey } from '../session/key-hints.ts'
import { canvasOf } from './canvas-of.ts'

const kPlaced = ['nodes', 'groups', 'notes', 'widgets'] as const

/** `3 nodes`, `1 edge`. */
export function countOf(count: number, one: string): string {
  return count === 1 ? `1 ${one}` : `${count} ${one === 'box' ? 'boxe' : one}s`
}

/** What is chosen goes; what is in a box that goes stays. */
export function removeSelected(session: EditorSession): void {
  const { selection, document } = session
  const nodes = [...selection.ids('nodes')]
  const edges = [...selection.ids('edges')]
  const operations: Operation[] = edges.map(disconnect)
  operations.push(...removeNodes(document, nodes))
  for (const id of selection.ids('widgets')) operations.push(...removeWidget(document, id))
  for (const id of selection.ids('notes')) operations.push({ op: 'remove', kind: 'notes', id })
  for (const id of selection.ids('groups')) operations.push(...ungroup(document, id))
  if (operations.length === 0) return
  const parts = [
    [nodes.length, 'node'],
    [edges.length, 'edge'],
    [selection.ids('groups').size, 'box'],
    [selection.ids('notes').size, 'note'],
    [selection.ids('widgets').size, 'widget']
  ] as const
  const what = parts.filter(([count]) => count > 0).map(([count, one]) => countOf(count, one))
  const several = selection.size > 1
  const { gesture } = session.do(distinct(operations), `Delete ${what.join(', ')}`)
  const back = several ? 'brings them back.' : 'brings it back.'
  if (gesture !== undefined) session.tell(`Deleted ${what.join(', ')}. ${withKey('change.undo', back)}`.trimEnd())
}

/** A widget that goes with its node is named twice. */
function distinct(operations: readonly Operation[]): Operation[] {
  const seen = new Set<string>()
  return operations.filter((operation) => {
    if (operation.op !== 'remove') return true
    const key = `${operation.kind}/${operation.id}`
    return !seen.has(key) && seen.add(key)
  })
}

/** Chosen nodes go, and what was before each leads to what was behind it. */
export function removeAndReconnectSelected(session: EditorSession): void {
  const ids = new FreshIds(session.document, session.options.author)
  const nodes = [...session.selection.ids('nodes')]
  if (nodes.length === 0) {
    removeSelected(session)
    return
  }
  // One after another: the edges of the next are those that the one before left.
  const label = `Remove ${countOf(nodes.length, 'node')} and reconnect`
  session.history.seal()
  for (const node of nodes) {
    const options = { label, coalesce: 'remove-and-reconnect', windowMs: Infinity }
    session.do(removeAndReconnect(session.document, node, ids), options)
  }
  session.history.seal()
  session.tell(`Removed ${countOf(nodes.length, 'node')}, and connected what was around.`)
}

export function nudgeSelected(session: EditorSession, arrow: Arrow, far: boolean): void {
  const operations: Operation[] = []
  for (const kind of kPlaced) {
    const ids = [...session.selection.ids(kind)]
    if (ids.length > 0) operations.push(moveBy(session.document, kind, ids, nudge(arrow, far)))
  }
  if (operations.length > 0) session.do(operations, { label: 'Move', coalesce: 'nudge' })
}

/** On for all unless all of them are; then off. */
export function toggleBypass(session: EditorSession): void {
  const nodes = [...session.selection.ids('nodes')]
  if (nodes.length === 0) return
  const on = !nodes.every((id) => session.document.node(id)?.bypass === true)
  const label = `${on ? 'Bypass' : 'Use again'} ${countOf(nodes.length, 'node')}`
  session.do(
    nodes.map((id) => setBypass(id, on)),
    label
  )
  session.tell(
    on ? `${countOf(nodes.length, 'node')} bypassed: rows pass by.` : `${countOf(nodes.length, 'node')} used again.`
  )
}

function same(a: Breakpoint, kind: 'nodes' | 'edges', id: string): boolean {
  return kind === 'nodes' ? a.node === id : a.edge === id
}

/** At chosen nodes and edges: on for all unless all have one. Those of a run that is shown are the business of who shows it. */
export function toggleBreakpoint(session: EditorSession): void {
  const { selection, view } = session
  const chosen = (['nodes', 'edges'] as const).flatMap((kind) => [...selection.ids(kind)].map((id) => ({ kind, id })))
  if (chosen.length === 0) return
  const before = view.getState().breakpoints
  const has = ({ kind, id }: (typeof chosen)[number]): boolean => before.some((each) => same(each, kind, id))
  const off = chosen.every(has)
  const breakpoints = off
    ? before.filter((each) => !chosen.some(({ kind, id }) => same(each, kind, id)))
    : [
        ...before,
        ...chosen.filter((one) => !has(one)).map(({ kind, id }) => (kind === 'nodes' ? { node: id } : { edge: id }))
      ]
  view.setState({ breakpoints })
  session.tell(
    off ? `Breakpoint removed (${chosen.length}).` : `Breakpoint set (${chosen.length}): rows are held there.`
  )
}

/** Where an arrow leads from a node or a collapsed box, through what is hidden. */
function nextOf(session: EditorSession, from: Chosen | undefined, arrow: Arrow): Chosen | undefined {
  const { document } = session
  const collapsed = canvasOf(session)?.scene.collapsed
  const around = (node: string): string | undefined => collapsed?.around('nodes', node)
  const hidden = from?.kind === 'groups' ? (collapsed?.boxes.get(from.id)?.hidden ?? []) : []
  let at = from?.kind === 'nodes' ? from.id : ''
  if (from?.kind === 'groups' && hidden.length > 0) {
    const forward = arrow === 'right' || arrow === 'down'
    const edges = hidden.flatMap((node) => (forward ? document.edgesOutOf(node) : document.edgesInto(node)))
    const beyond = edges.map((edge) => (forward ? edge.target.node : edge.source.node))
    at = beyond.find((node) => around(node) !== from.id) ?? ''
    if (at === '') return undefined
  } else {
    const next = walk(document, at, arrow)
    if (next === undefined || next === at) return undefined
    at = next
  }
  for (let steps = 0; steps < 1000; ++steps) {
    const box = around(at)
    if (box === undefined) return { kind: 'nodes', id: at }
    if (collapsed?.boxes.has(box) === true && box !== from?.id) return { kind: 'groups', id: box }
    const next = walk(document, at, arrow)
    if (next === undefined || next === at) return undefined
    at = next
  }
  return undefined
}

/** The focus goes along the graph; it is chosen, in view and told. */
export function walkFocus(session: EditorSession, arrow: Arrow): void {
  const { focus } = session.selection
  const view = canvasOf(session)
  const isBox = focus?.kind === 'groups' && view?.scene.collapsed.boxes.has(focus.id) === true
  const thing = nextOf(session, focus?.kind === 'nodes' || isBox ? focus : undefined, arrow)
  if (thing === undefined) return
  session.selection.set([thing])
  view?.reveal(thing)
}

/** Where a new node's middle is when it is put at a point, on the grid. */
export function cornerAt(at: Point): Point {
  return { x: snap(at.x - 103), y: snap(at.y - 40) }
}

const kRoom = { width: 206, height: 92, gap: 44 }

/** That corner, or the first to its right where a node covers no other: what lies on another cannot be seen. */
export function freeCorner(session: EditorSession, corner: Point): Point {
  let { x } = corner
  const { y } = corner
  for (let steps = 0; steps < 100; ++steps) {
    const boxes = session.index
      .within({ x, y, width: kRoom.width, height: kRoom.height })
      .flatMap(({ kind, id }) => (kind === 'nodes' ? [session.index.box(kind, id)] : []))
    const right = Math.max(...boxes.map((box) => (box === undefined ? -Infinity : box.x + box.width)))
    if (right === -Infinity) break
    x = snap(right + kRoom.gap)
  }
  return { x, y }
}

export function newNodeOf(
  session: EditorSession,
  type: NodeType,
  at: Point,
  ids: FreshIds
): Parameters<typeof addNode>[0] {
  return { id: ids.id('nodes', idFrom(type.id)), typeId: type.id, version: type.version, at: cornerAt(at) }
}

/** The two ends of an edge between an output and an input, whichever was dragged from. */
export function endsBetween(from: PortRef, to: PortRef): { source: FlowEnd; target: FlowEnd } {
  const [a, b] = from.side === 'outputs' ? [from, to] : [to, from]
  return { source: { node: a.node, port: a.port }, target: { node: b.node, port: b.port } }
}

export interface Converter {
  type: NodeType
  input: string
  output: string
}

/** Why an edge was refused, and what could stand between its ends. */
export interface ConnectRefusal {
  reason: string
  source: FlowEnd
  target: FlowEnd
  converters: readonly Converter[]
}

/** Draws an edge between two ports, or says why not. `lifted` is the edge whose end was moved: it goes along. */
export function connectPorts(
  session: EditorSession,
  from: PortRef,
  to: PortRef,
  lifted?: string
): ConnectRefusal | undefined {
  const { document, catalogue } = session
  const { source, target } = endsBetween(from, to)
  if (from.side === to.side) {
    const side = from.side === 'outputs' ? 'outputs' : 'inputs'
    return { reason: `both are ${side}: an edge leads from an output to an input.`, source, target, converters: [] }
  }
  const may = mayConnect(document, catalogue, source, target)
  if (!may.fits) return { reason: may.reason, source, target, converters: may.converters }
  const name = (end: FlowEnd): string => nameOf(session, end.node)
  if (lifted !== undefined) {
    const end = (value: FlowEnd): ReadonlyMap<string, string> =>
      new Map([
        ['node', value.node],
        ['port', value.port]
      ])
    session.do(
      [
        { op: 'set', kind: 'edges', id: lifted, path: '/source', value: end(source) },
        { op: 'set', kind: 'edges', id: lifted, path: '/target', value: end(target) }
      ],
      `Reconnect ${name(source)} to ${name(target)}`
    )
  } else {
    const id = new FreshIds(document, session.options.author).edge()
    session.do([connect(id, source, target)], `Connect ${name(source)} to ${name(target)}`)
  }
  session.tell(`Connected ${name(source)} to ${name(target)}.`)
  return undefined
}

/** Puts a converter between two ports that do not fit, halfway, as one gesture. */
export function connectThrough(session: EditorSession, refusal: ConnectRefusal, converter: Converter): void {
  const { geometry, document } = session
  const { source, target } = refusal
  const from = geometry.port(source.node, 'outputs', source.port)
  const to = geometry.port(target.node, 'inputs', target.port)
  if (from === undefined || to === undefined) return
  const ids = new FreshIds(document, session.options.author)
  const node = newNodeOf(session, converter.type, { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 }, ids)
  session.do(
    [
      addNode(node),
      connect(ids.edge(), source, { node: node.id, port: converter.input }),
      connect(ids.edge(), { node: node.id, port: converter.output }, target)
    ],
    `Connect through ${converter.type.name}`
  )
  session.selection.set([{ kind: 'nodes', id: node.id }])
  session.tell(`Connected through ${converter.type.name}.`)
}

/** The ports by which a node that has no edges can stand on an edge, or undefined. */
export function insertablePorts(
  session: EditorSession,
  edge: string,
  node: string
): { input: string; output: string } | undefined {
  const value = session.document.node(node)
  const type = value === undefined ? undefined : session.catalogue.typeOf(value)
  if (type === undefined || session.document.edgesAt(node).size > 0) return undefined
  return insertable(session.document, session.catalogue, edge, type)
}

/** The name of a node as it is drawn. */
export function nameOf(session: EditorSession, id: string): string {
  const node = session.document.node(id)
  if (node === undefined) return id
  return node.name === '' ? (session.catalogue.typeOf(node)?.name ?? id) : node.name
}
