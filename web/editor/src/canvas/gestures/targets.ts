// What a press is about beside what flow-model finds: corners that resize, ends of edges, and where a palette opens.
import type { Point, Rect } from '@weir/flow-model'
import type { PortRef } from '../../session/view-state.ts'
import type { CanvasView } from '../canvas-view.ts'
import type { Resizable } from './resize-thing.ts'

const kCorner = 12

/** The lower right corner of the one chosen thing that can be resized. */
export function resizeHandleAt(view: CanvasView, point: Point): { kind: Resizable; id: string; box: Rect } | undefined {
  const { selection, index } = view.session
  if (selection.size !== 1) return undefined
  for (const kind of ['groups', 'notes', 'widgets', 'nodes'] as const) {
    const [id] = selection.ids(kind)
    if (id === undefined || (kind === 'nodes' && !isResizable(view, id))) continue
    if (kind === 'groups' && view.scene.collapsed.boxes.has(id)) continue
    const box = index.box(kind, id)
    if (box === undefined) return undefined
    const reach = kCorner / view.camera.zoom
    const [dx, dy] = [box.x + box.width - point.x, box.y + box.height - point.y]
    return Math.abs(dx) <= reach && Math.abs(dy) <= reach ? { kind, id, box } : undefined
  }
  return undefined
}

function isResizable({ session }: CanvasView, id: string): boolean {
  const node = session.document.node(id)
  return node !== undefined && session.catalogue.typeOf(node)?.resizable === true
}

/** If a point is near an end of an edge: the port at its other end, from which it is drawn anew. */
export function edgeEndAt(view: CanvasView, id: string, point: Point, reach: number): PortRef | undefined {
  const ends = view.scene.edgeEnds(id)
  const edge = view.session.document.edge(id)
  if (ends === undefined || edge === undefined) return undefined
  const far = (at: Point): number => Math.hypot(at.x - point.x, at.y - point.y) * view.camera.zoom
  const [from, to] = [far(ends.from), far(ends.to)]
  if (Math.min(from, to) > reach) return undefined
  return to <= from ? { ...edge.source, side: 'outputs' } : { ...edge.target, side: 'inputs' }
}

/** Where a node goes that nobody pointed a place out for: beside the one that is chosen, else into the middle of the view. */
function placeBeside(view: CanvasView): Point | undefined {
  const { selection, index } = view.session
  const [id, another] = selection.ids('nodes')
  const box = id === undefined || another !== undefined ? undefined : index.box('nodes', id)
  // A node is put with its middle there, 40 below its upper border.
  return box === undefined ? undefined : { x: box.x + box.width + 44 + 103, y: box.y + 40 }
}

/** Opens the palette where the pointer is, on an edge if one is given; without a place beside what is chosen, or in the middle. */
export function openPalette(view: CanvasView, x?: number, y?: number, edge?: string): void {
  const { readOnly = '' } = view.session.options
  if (readOnly !== '') {
    view.session.tell(readOnly, 'warning')
    return
  }
  const { left, top, width, height } = view.root.getBoundingClientRect()
  const screen = { x: x ?? left + width / 2, y: y ?? top + height / 3 }
  const beside = x === undefined ? placeBeside(view) : undefined
  const at = beside ?? view.toCanvas(screen.x, screen.y)
  view.session.view.setState({ palette: { at, screen, ...(edge === undefined ? {} : { edge }) } })
}
