// Arranging what is chosen: in one line, with the same gaps, or tidied as a graph. Each is one gesture that undo takes back.
import { align, distribute, moveTo, resize, snap } from '@weir/flow-model'
import type { Alignment, Operation, Point, Rect } from '@weir/flow-model'
import { countOf } from '../../canvas/actions.ts'
import type { EditorSession } from '../../session/editor-session.ts'
import { withKey } from '../../session/key-hints.ts'
import { boxAround } from './boxes.ts'

const kPlaced = ['nodes', 'notes', 'widgets'] as const
/** More take seconds in which nothing else goes on. */
const kMostTidied = 1000
type Placed = (typeof kPlaced)[number]
interface Thing {
  kind: Placed
  id: string
  box: Rect
}

function chosenThings({ selection, index }: EditorSession): Thing[] {
  return kPlaced.flatMap((kind) =>
    [...selection.ids(kind)].flatMap((id) => {
      const box = index.box(kind, id)
      return box === undefined ? [] : [{ kind, id, box }]
    })
  )
}

export function canAlign(session: EditorSession): boolean {
  return kPlaced.reduce((count, kind) => count + session.selection.ids(kind).size, 0) > 1
}

function put(session: EditorSession, things: readonly Thing[], points: readonly Point[], label: string): void {
  const operations: Operation[] = []
  for (const kind of kPlaced) {
    const of = things.map((thing, at) => ({ thing, at })).filter(({ thing }) => thing.kind === kind)
    if (of.length === 0) continue
    const place = (part: 'x' | 'y'): number[] => of.map(({ thing, at }) => snap(points[at]?.[part] ?? thing.box[part]))
    operations.push(
      moveTo(
        kind,
        of.map(({ thing }) => thing.id),
        place('x'),
        place('y')
      )
    )
  }
  session.do(operations, label)
}

export function alignChosen(session: EditorSession, how: Alignment): void {
  const things = chosenThings(session)
  const points = align(
    things.map(({ box }) => box),
    how
  )
  put(session, things, points, `Align ${countOf(things.length, 'thing')}`)
}

export function distributeChosen(session: EditorSession, along: 'x' | 'y'): void {
  const things = chosenThings(session)
  const points = distribute(
    things.map(({ box }) => box),
    along
  )
  put(session, things, points, `Space ${countOf(things.length, 'thing')} evenly`)
}

/** The nodes that are tidied: those chosen, in boxes too; all of them if fewer than two are. */
function nodesToTidy({ document, selection }: EditorSession): string[] {
  const groups = selection.ids('groups')
  const chosen = [...document.tables.nodes.ids()].filter((id) => {
    if (selection.has('nodes', id)) return true
    let parent = document.node(id)?.parent ?? ''
    for (let depth = 0; parent !== '' && depth < 100; ++depth) {
      if (groups.has(parent)) return true
      parent = document.group(parent)?.parent ?? ''
    }
    return false
  })
  return chosen.length > 1 ? chosen : [...document.tables.nodes.ids()]
}

/** The boxes that hold these nodes, of which all that they hold is among them, the innermost last. */
function wholeBoxes({ document }: EditorSession, nodes: ReadonlySet<string>): string[] {
  const parentOf = new Map<string, string>()
  for (const { id } of document.tables.groups.list()) parentOf.set(id, document.group(id)?.parent ?? '')
  const counts = new Map<string, { inside: number; all: number }>()
  for (const { id } of document.tables.nodes.list()) {
    let at = document.node(id)?.parent ?? ''
    for (let depth = 0; at !== '' && depth < 100; ++depth) {
      const count = counts.get(at) ?? { inside: 0, all: 0 }
      counts.set(at, { inside: count.inside + (nodes.has(id) ? 1 : 0), all: count.all + 1 })
      at = parentOf.get(at) ?? ''
    }
  }
  return [...counts].filter(([id, { inside, all }]) => inside === all && parentOf.has(id)).map(([id]) => id)
}

/** Where nodes go as a graph from left to right, by their middles; boxes with all that they hold stay together. */
async function layout(
  session: EditorSession,
  nodes: readonly string[],
  boxes: readonly string[]
): Promise<Map<string, Point>> {
  const { document, index } = session
  const { default: dagre } = await import('@dagrejs/dagre')
  const graph = new dagre.graphlib.Graph({ compound: true, multigraph: true })
  graph.setGraph({ rankdir: 'LR', nodesep: 32, ranksep: 72, edgesep: 16 })
  graph.setDefaultEdgeLabel(() => ({}))
  const known = new Set(nodes)
  const whole = new Set(boxes)
  for (const id of boxes) graph.setNode(`box ${id}`, {})
  for (const id of nodes) {
    const box = index.box('nodes', id)
    graph.setNode(`node ${id}`, { width: box?.width ?? 206, height: box?.height ?? 80 })
    const parent = document.node(id)?.parent ?? ''
    if (whole.has(parent)) graph.setParent(`node ${id}`, `box ${parent}`)
  }
  for (const id of boxes) {
    const parent = document.group(id)?.parent ?? ''
    if (whole.has(parent)) graph.setParent(`box ${id}`, `box ${parent}`)
  }
  for (const id of nodes) {
    for (const edge of document.edgesOutOf(id))
      if (known.has(edge.target.node)) graph.setEdge(`node ${id}`, `node ${edge.target.node}`, {}, edge.id)
  }
  dagre.layout(graph)
  return new Map(
    nodes.map((id) => {
      const { x = 0, y = 0 } = graph.node(`node ${id}`) as Partial<Point>
      const box = index.box('nodes', id)
      return [id, { x: x - (box?.width ?? 0) / 2, y: y - (box?.height ?? 0) / 2 }]
    })
  )
}

/** What moves widgets with their nodes and has boxes hold what they held. */
function alongWith({ document, index }: EditorSession, places: ReadonlyMap<string, Point>): Operation[] {
  const operations: Operation[] = []
  for (const { id } of document.tables.widgets.list()) {
    const node = document.widget(id)?.node ?? ''
    const [to, from, box] = [places.get(node), index.box('nodes', node), index.box('widgets', id)]
    if (to === undefined || from === undefined || box === undefined) continue
    operations.push(moveTo('widgets', [id], [box.x + to.x - from.x], [box.y + to.y - from.y]))
  }
  // The innermost first: a box holds the boxes in it as they will be.
  const now = new Map<string, Rect>()
  const fill = (id: string, depth: number): Rect | undefined => {
    const known = now.get(id)
    if (known !== undefined || depth > 100) return known
    const held: Rect[] = []
    let moved = false
    for (const { id: node } of document.tables.nodes.list()) {
      const box = document.node(node)?.parent === id ? index.box('nodes', node) : undefined
      const to = places.get(node)
      if (box === undefined) continue
      moved ||= to !== undefined
      held.push({ ...box, ...to })
    }
    for (const { id: group } of document.tables.groups.list()) {
      if (document.group(group)?.parent !== id) continue
      const inner = fill(group, depth + 1)
      moved ||= inner !== undefined
      const box = inner ?? index.box('groups', group)
      if (box !== undefined) held.push(box)
    }
    if (!moved) return undefined
    const around = boxAround(held)
    now.set(id, around)
    return around
  }
  for (const { id } of document.tables.groups.list()) fill(id, 0)
  for (const [id, box] of now)
    operations.push(moveTo('groups', [id], [box.x], [box.y]), resize('groups', id, box.width, box.height))
  return operations
}

/** Nodes from left to right as rows pass them, where they stood on the whole. */
export async function tidy(session: EditorSession): Promise<void> {
  const nodes = nodesToTidy(session)
  if (nodes.length < 2) return
  if (nodes.length > kMostTidied) {
    session.tell(`Tidying takes ${kMostTidied} nodes at most: choose those to tidy.`, 'warning')
    return
  }
  const revision = session.document.revision
  const before = session.index.bounds(nodes)
  const found = await layout(session, nodes, wholeBoxes(session, new Set(nodes)))
  if (session.document.revision !== revision || before === undefined) return
  const [left, top] = (['x', 'y'] as const).map((part) => Math.min(...[...found.values()].map((at) => at[part])))
  const places = new Map(
    [...found].map(([id, { x, y }]) => [
      id,
      { x: snap(x - (left ?? 0) + before.x), y: snap(y - (top ?? 0) + before.y) }
    ])
  )
  const points = [...places.values()]
  const operations = [
    moveTo(
      'nodes',
      [...places.keys()],
      points.map(({ x }) => x),
      points.map(({ y }) => y)
    ),
    ...alongWith(session, places)
  ]
  const { gesture } = session.do(operations, `Tidy ${countOf(nodes.length, 'node')}`)
  if (gesture !== undefined)
    session.tell(`Tidied ${countOf(nodes.length, 'node')}. ${withKey('change.undo', 'puts them back.')}`.trimEnd())
}
