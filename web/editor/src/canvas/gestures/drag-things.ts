// Drags what is chosen: one gesture of the history, on the grid or in line with neighbours, onto an edge or into a box.
import { FreshIds, insertOnEdge, moveTo, setValue, snapToNeighbours, textMember, unsetValue } from '@weir/flow-model'
import type { Operation, Point, Rect } from '@weir/flow-model'
import { growBox } from '../../boxes/grown.ts'
import { countOf, insertablePorts, nameOf } from '../actions.ts'
import { kMostNeighbours, kSnapReach } from './limits.ts'
import type { Gesture, PointerAt, Surface } from './gesture.ts'

const kKinds = ['nodes', 'groups', 'notes', 'widgets'] as const
type Placed = (typeof kKinds)[number]

interface Moved {
  kind: Placed
  ids: string[]
  x: number[]
  y: number[]
}

let kDrags = 0

export class DragThings implements Gesture {
  readonly cursor = 'grabbing'
  private readonly from: Point
  private readonly moved: Moved[]
  private readonly ids = new Set<string>()
  private readonly box: Rect
  private readonly key = `drag-${++kDrags}`
  private readonly label: string
  private edge: string | undefined
  private applied = false
  private by: Point = { x: 0, y: 0 }

  constructor(
    private readonly surface: Surface,
    from: PointerAt
  ) {
    const { view } = surface
    view.session.history.seal()
    this.from = view.toCanvas(from.x, from.y)
    this.moved = this.gather()
    const nodes = this.moved.find((each) => each.kind === 'nodes')?.ids ?? []
    const all = this.moved.reduce((sum, each) => sum + each.ids.length, 0)
    this.label = `Move ${nodes.length === all ? countOf(all, 'node') : countOf(all, 'thing')}`
    this.box = this.bounds()
  }

  /** What is chosen, with what is in chosen boxes. */
  private gather(): Moved[] {
    const { document, selection } = this.surface.view.session
    const inside: Record<Placed, Set<string>> = {
      nodes: new Set(),
      groups: new Set(),
      notes: new Set(),
      widgets: new Set()
    }
    for (const kind of kKinds) for (const id of selection.ids(kind)) inside[kind].add(id)
    for (let grown = inside.groups.size > 0; grown;) {
      grown = false
      for (const kind of ['nodes', 'notes', 'groups'] as const) {
        for (const { id, value } of document.tables[kind].list()) {
          if (inside[kind].has(id) || !inside.groups.has(textMember(value, 'parent'))) continue
          inside[kind].add(id)
          if (kind === 'groups') grown = true
        }
      }
    }
    const moved: Moved[] = []
    for (const kind of kKinds) {
      const ids = [...inside[kind]]
      if (ids.length === 0) continue
      for (const id of ids) this.ids.add(`${kind}/${id}`)
      const part = (name: 'x' | 'y'): number[] => ids.map((id) => document.places[kind].get(id, name) || 0)
      moved.push({ kind, ids, x: part('x'), y: part('y') })
    }
    return moved
  }

  private bounds(): Rect {
    const { index } = this.surface.view.session
    let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity]
    for (const { kind, ids } of this.moved) {
      for (const id of ids) {
        const box = index.box(kind, id)
        if (box === undefined) continue
        left = Math.min(left, box.x)
        top = Math.min(top, box.y)
        right = Math.max(right, box.x + box.width)
        bottom = Math.max(bottom, box.y + box.height)
      }
    }
    return { x: left, y: top, width: right - left, height: bottom - top }
  }

  move(at: PointerAt): void {
    const { view, overlay } = this.surface
    const to = view.toCanvas(at.x, at.y)
    const box = { ...this.box, x: this.box.x + to.x - this.from.x, y: this.box.y + to.y - this.from.y }
    const snapped = snapToNeighbours(box, at.alt ? [] : this.neighbours(box), kSnapReach / view.camera.zoom)
    overlay.showGuides(snapped.x, snapped.y)
    const by = { x: box.x + snapped.by.x - this.box.x, y: box.y + snapped.by.y - this.box.y }
    if (by.x === this.by.x && by.y === this.by.y) return
    this.by = by
    const operations = this.moved.map(({ kind, ids, x, y }) =>
      moveTo(
        kind,
        ids,
        x.map((value) => value + by.x),
        y.map((value) => value + by.y)
      )
    )
    this.apply(operations)
    this.aim()
  }

  private apply(operations: readonly Operation[]): void {
    const { gesture } = this.surface.view.session.do(operations, {
      label: this.label,
      coalesce: this.key,
      windowMs: Infinity
    })
    this.applied ||= gesture !== undefined
  }

  /** Boxes near what is dragged, and in view. */
  private neighbours(box: Rect): Rect[] {
    const { view } = this.surface
    const { index } = view.session
    const reach = 400
    const near = { x: box.x - reach, y: box.y - reach, width: box.width + 2 * reach, height: box.height + 2 * reach }
    const found: Rect[] = []
    for (const kind of ['nodes', 'notes', 'widgets'] as const) {
      for (const id of index.visible(kind, { area: near, zoom: view.camera.zoom })) {
        if (this.ids.has(`${kind}/${id}`) || view.scene.isHidden(kind, id)) continue
        const other = index.box(kind, id)
        if (other !== undefined) found.push(other)
        if (found.length >= kMostNeighbours) return found
      }
    }
    return found
  }

  private get only(): string | undefined {
    const [one] = this.moved
    return this.moved.length === 1 && one?.kind === 'nodes' && one.ids.length === 1 ? one.ids[0] : undefined
  }

  /** The edge that a single node without edges would be put on. */
  private aim(): void {
    const { view } = this.surface
    const node = this.only
    const box = node === undefined ? undefined : view.scene.nodeBox(node)
    if (node === undefined || box === undefined || view.session.document.edgesAt(node).size > 0) return
    const middle = { x: box.x + box.width / 2, y: box.y + box.height / 2 }
    const edge = view.scene.edgeNear(middle, box.height / 2)
    const takes = edge !== undefined && insertablePorts(view.session, edge, node) !== undefined ? edge : undefined
    if (takes === this.edge) return
    this.edge = takes
    view.emphasize({ edge: takes })
  }

  end(at: PointerAt): void {
    this.move(at)
    const { view, overlay } = this.surface
    overlay.showGuides([], [])
    if (this.edge !== undefined) this.insert(this.edge)
    if (this.applied) this.enterBoxes()
    view.session.history.seal()
    view.endEmphasis()
  }

  private insert(edge: string): void {
    const { session } = this.surface.view
    const node = this.only
    const value = node === undefined ? undefined : session.document.node(node)
    const ports = node === undefined ? undefined : insertablePorts(session, edge, node)
    if (value === undefined || ports === undefined) return
    const ids = new FreshIds(session.document, session.options.author)
    // The node is there already: only its edges are made.
    this.apply(insertOnEdge(session.document, edge, value, ports, ids).slice(1))
    session.tell(`${nameOf(session, value.id)} was put on the edge.`)
  }

  /** What was dropped in a box, or out of one, belongs there. */
  private enterBoxes(): void {
    const { scene, session } = this.surface.view
    const operations: Operation[] = []
    for (const { kind, ids } of this.moved) {
      if (kind === 'widgets') continue
      for (const id of ids) {
        const parent = textMember(session.document.tables[kind].get(id), 'parent')
        if (this.ids.has(`groups/${parent}`)) continue
        const box = session.index.box(kind, id)
        if (box === undefined) continue
        const around = scene.groupAround(box, (group) => this.ids.has(`groups/${group}`))
        if (around === (parent === '' ? undefined : parent)) continue
        operations.push(around === undefined ? unsetValue(kind, id, '/parent') : setValue(kind, id, '/parent', around))
      }
    }
    if (operations.length > 0) this.apply(operations)
    this.growBox()
  }

  /** A box that is gone into goes along with what is moved in it. */
  private growBox(): void {
    const { session } = this.surface.view
    const box = session.view.getState().inside.at(-1)
    if (box === undefined) return
    const boxes = this.moved.flatMap(({ kind, ids }) =>
      kind === 'widgets' ? [] : ids.flatMap((id) => session.index.box(kind, id) ?? [])
    )
    const operations = growBox(session, box, boxes)
    if (operations.length > 0) this.apply(operations)
  }

  cancel(): void {
    const { view, overlay } = this.surface
    overlay.showGuides([], [])
    view.session.history.seal()
    if (this.applied) view.session.history.undo()
    view.endEmphasis()
  }
}
