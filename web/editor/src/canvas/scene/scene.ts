// Scene: where everything that is drawn stands, in typed arrays by row, following the document.
import { kElementKinds, readEdge, touched } from '@weir/flow-model'
import type { CanvasIndex, Changes, Hit, Point, Rect } from '@weir/flow-model'
import { cubicOf, distanceTo } from '../paint/curve.ts'
import { CollapsedBoxes, kOutside } from './collapsed.ts'
import { nodeLook } from './node-look.ts'
import type { NodeLook } from './node-look.ts'
import { NumberRows } from './rows.ts'

/** What is drawn again: a part of the canvas, in its units; undefined is all of it. */
export type Dirty = (area: Rect | undefined) => void

/** Around a node: ports, rings, and what hangs below it. */
const kNodeReach = { x: 14, top: 14, bottom: 34 }
const kEdgeReach = 14
/** Units between a port and what stands for a node outside of the box that is gone into. */
const kStubReach = 120
const kStubStep = 26
const kStubWidth = 160
/** From here on boxes have a triangle. */
export const kFoldZoom = 0.3
/** Pixels within which an edge is hit. */
const kHitReach = 6

/** The end of an edge that leads out of the box which is gone into. */
export interface Stub {
  at: Point
  /** The side of the node in the box by which the edge comes. */
  side: 'inputs' | 'outputs'
  /** The node outside. */
  node: string
}

export class Scene {
  /** x, y, width, height; a row whose x is NaN is hidden. */
  readonly nodes = new NumberRows(4)
  /** x and y of both ends, the same way. */
  readonly edges = new NumberRows(4)
  collapsed: CollapsedBoxes
  /** By edge. */
  readonly stubs = new Map<string, Stub>()
  private inside = ''
  private looks: (NodeLook | undefined)[] = []
  private blocks: (Pick<NodeLook, 'color' | 'known' | 'bypass'> | undefined)[] = []
  private readonly stop: () => void

  constructor(
    readonly index: CanvasIndex,
    private readonly dirty: Dirty
  ) {
    this.collapsed = new CollapsedBoxes(this.document, this.geometry.catalogue)
    this.putAll()
    this.stop = this.document.subscribe((changes) => {
      this.follow(changes)
    })
  }

  private get geometry(): CanvasIndex['geometry'] {
    return this.index.geometry
  }
  get document(): CanvasIndex['geometry']['document'] {
    return this.index.geometry.document
  }

  dispose(): void {
    this.stop()
  }

  /** Shows what is in a box alone; empty: all. */
  goInside(box: string): void {
    if (box === this.inside) return
    this.inside = box
    this.collapsed = new CollapsedBoxes(this.document, this.geometry.catalogue, box)
    this.putAll()
  }

  /** Types are others than before: everything is looked at anew. */
  refresh(): void {
    this.looks = []
    this.blocks = []
    this.collapsed = new CollapsedBoxes(this.document, this.geometry.catalogue, this.inside)
    this.putAll()
  }

  /** The box around all that is shown; undefined if nothing is. */
  bounds(): Rect | undefined {
    if (!this.collapsed.any) return this.index.bounds()
    const boxes = [...this.collapsed.boxes.values()].map(({ box }) => box)
    for (const kind of ['nodes', 'groups', 'notes', 'widgets'] as const) {
      for (const id of this.document.tables[kind].ids()) {
        const box = this.isHidden(kind, id) || this.collapsed.boxes.has(id) ? undefined : this.index.box(kind, id)
        if (box !== undefined) boxes.push(box)
      }
    }
    for (const { at } of this.stubs.values()) boxes.push({ x: at.x - 20, y: at.y - 10, width: 40, height: 20 })
    return around(boxes)
  }

  /** What a node shows; known until its value changes. */
  look(row: number): NodeLook | undefined {
    const known = this.looks[row]
    if (known !== undefined) return known
    const node = this.document.node(this.nodes.ids[row] ?? '')
    if (node === undefined) return undefined
    const made = nodeLook(this.document, this.geometry.catalogue, node)
    this.looks[row] = made
    return made
  }

  /** What of a node is to be seen far out: less than a look, for thousands at once. */
  block(row: number): Pick<NodeLook, 'color' | 'known' | 'bypass'> | undefined {
    const known = this.looks[row] ?? this.blocks[row]
    if (known !== undefined) return known
    const node = this.document.node(this.nodes.ids[row] ?? '')
    if (node === undefined) return undefined
    const type = this.geometry.catalogue.typeOf(node)
    const made = { color: type?.color ?? '', known: type !== undefined, bypass: node.bypass }
    this.blocks[row] = made
    return made
  }

  nodeBox(id: string): Rect | undefined {
    const row = this.nodes.rowOf(id)
    const x = row < 0 ? NaN : this.nodes.at(row, 0)
    if (Number.isNaN(x)) return undefined
    return { x, y: this.nodes.at(row, 1), width: this.nodes.at(row, 2), height: this.nodes.at(row, 3) }
  }

  edgeEnds(id: string): { from: Point; to: Point } | undefined {
    const row = this.edges.rowOf(id)
    const x = row < 0 ? NaN : this.edges.at(row, 0)
    if (Number.isNaN(x)) return undefined
    return { from: { x, y: this.edges.at(row, 1) }, to: { x: this.edges.at(row, 2), y: this.edges.at(row, 3) } }
  }

  /** Where a port is drawn: at its node, or at the collapsed box around that. */
  port(node: string, side: 'inputs' | 'outputs', port: string): Point | undefined {
    if (this.collapsed.around('nodes', node) === undefined) return this.geometry.port(node, side, port)
    return this.collapsed.port(node, side, port)
  }

  isHidden(kind: 'nodes' | 'notes' | 'groups' | 'widgets', id: string): boolean {
    return this.collapsed.any && this.collapsed.around(kind, id) !== undefined
  }

  /** What is under a point; what a collapsed box hides is not there. */
  hit(point: Point, zoom: number): Hit | undefined {
    if (!this.collapsed.any) return this.index.hit(point, zoom)
    for (const { id, box } of this.collapsed.boxes.values()) if (holds(box, point)) return { kind: 'groups', id }
    const hit = this.index.hit(point, zoom)
    if (hit !== undefined && hit.kind !== 'groups' && hit.kind !== 'edges') {
      const hidden = hit.kind === 'port' ? this.isHidden('nodes', hit.node) : this.isHidden(hit.kind, hit.id)
      const seen = hidden ? this.nodeUnder(point) : hit
      if (seen !== undefined) return seen
    }
    // Edges of boxes do not run where their nodes stand.
    const edge = this.edgeNear(point, kHitReach / zoom)
    return edge === undefined ? this.openGroupAt(point) : { kind: 'edges', id: edge }
  }

  /** The edge nearest to a point, within so many units. */
  edgeNear(point: Point, reach: number): string | undefined {
    let best: string | undefined
    let least = reach
    for (let row = 0; row < this.edges.used; ++row) {
      const [y1, y2] = [this.edges.at(row, 1), this.edges.at(row, 3)]
      if (!(Math.min(y1, y2) - reach <= point.y && Math.max(y1, y2) + reach >= point.y)) continue
      const curve = cubicOf(this.edges.at(row, 0), y1, this.edges.at(row, 2), y2)
      const far = distanceTo(curve, point)
      if (far > least) continue
      least = far
      best = this.edges.ids[row]
    }
    return best
  }

  /** The smallest open box in which the middle of a rectangle lies; at least the one that is gone into. */
  groupAround(box: Rect, except: (group: string) => boolean): string | undefined {
    const middle = { x: box.x + box.width / 2, y: box.y + box.height / 2 }
    let best = this.inside === '' ? undefined : this.inside
    let least = Infinity
    for (const { id } of this.document.tables.groups.list()) {
      const group = this.geometry.thing('groups', id)
      if (group === undefined || except(id) || this.collapsed.boxes.has(id) || this.isHidden('groups', id)) continue
      const size = group.width * group.height
      if (size >= least || size <= box.width * box.height || !holds(group, middle)) continue
      least = size
      best = id
    }
    return best
  }

  /** The box whose name or border is under a point: by these it is taken up. */
  groupHandleAt(point: Point, zoom: number): string | undefined {
    const reach = 6 / zoom
    for (const { id } of this.document.tables.groups.list()) {
      if (this.collapsed.boxes.has(id) || this.isHidden('groups', id)) continue
      const box = this.geometry.thing('groups', id)
      if (box === undefined) continue
      const outer = { x: box.x - reach, y: box.y - 24, width: box.width + 2 * reach, height: box.height + 24 + reach }
      const inner = {
        x: box.x + reach,
        y: box.y + reach,
        width: box.width - 2 * reach,
        height: box.height - 2 * reach
      }
      if (holds(outer, point) && !holds(inner, point)) return id
    }
    return undefined
  }

  /** The box whose triangle is under a point: it collapses and opens it. */
  foldHandleAt(point: Point, zoom: number): string | undefined {
    if (zoom < kFoldZoom) return undefined
    for (const { id, box } of this.collapsed.boxes.values()) if (holds(foldArea(box, zoom, true), point)) return id
    for (const { id } of this.document.tables.groups.list()) {
      if (this.collapsed.boxes.has(id) || this.isHidden('groups', id)) continue
      const box = this.geometry.thing('groups', id)
      if (box !== undefined && holds(foldArea(box, zoom, false), point)) return id
    }
    return undefined
  }

  /** The collapsed box around a hidden node is drawn again. */
  dirtyAround(id: string): void {
    const box = this.collapsed.boxes.get(this.collapsed.around('nodes', id) ?? '')?.box
    if (box !== undefined) this.dirty(nodeArea(box))
  }

  dirtyNode(id: string): void {
    const box = this.nodeBox(id)
    if (box !== undefined) this.dirty(nodeArea(box))
  }

  dirtyEdge(id: string): void {
    const ends = this.edgeEnds(id)
    if (ends !== undefined) this.dirty(edgeArea(ends.from, ends.to))
  }

  /** A collapsed box is drawn smaller than it is. */
  private openGroupAt(point: Point): Hit | undefined {
    let found: { id: string; size: number } | undefined
    for (const { id } of this.document.tables.groups.list()) {
      if (this.collapsed.boxes.has(id) || this.isHidden('groups', id)) continue
      const box = this.geometry.thing('groups', id)
      if (box === undefined || !holds(box, point)) continue
      const size = box.width * box.height
      if (found === undefined || size < found.size) found = { id, size }
    }
    return found === undefined ? undefined : { kind: 'groups', id: found.id }
  }

  private nodeUnder(point: Point): Hit | undefined {
    for (let row = this.nodes.used - 1; row >= 0; --row) {
      const id = this.nodes.ids[row]
      const box = id === undefined ? undefined : this.nodeBox(id)
      if (id !== undefined && box !== undefined && holds(box, point)) return { kind: 'nodes', id }
    }
    return undefined
  }

  private putAll(): void {
    this.stubs.clear()
    for (const { id } of this.document.tables.nodes.list()) this.putNode(id)
    for (const { id } of this.document.tables.edges.list()) this.putEdge(id)
    this.dirty(undefined)
  }

  private putNode(id: string, onlyMoved = false): void {
    if (!this.document.tables.nodes.has(id)) {
      this.dirtyNode(id)
      const row = this.nodes.remove(id)
      if (row >= 0) {
        this.nodes.set(row, [NaN, NaN, NaN, NaN])
        this.forget(row)
      }
      return
    }
    const box = this.isHidden('nodes', id) ? undefined : this.geometry.node(id)
    this.dirtyNode(id)
    const row = this.nodes.rowFor(id)
    this.nodes.set(row, box === undefined ? [NaN, NaN, NaN, NaN] : [box.x, box.y, box.width, box.height])
    if (!onlyMoved) this.forget(row)
    if (box !== undefined) this.dirty(nodeArea(box))
  }

  private forget(row: number): void {
    this.looks[row] = undefined
    this.blocks[row] = undefined
  }

  private putEdge(id: string): void {
    this.dirtyEdge(id)
    this.stubs.delete(id)
    const value = this.document.tables.edges.get(id)
    if (value === undefined) {
      const row = this.edges.remove(id)
      if (row >= 0) this.edges.set(row, [NaN, NaN, NaN, NaN])
      return
    }
    const { source, target } = readEdge(value)
    const box = this.collapsed.around('nodes', source.node)
    const inside = box !== undefined && box === this.collapsed.around('nodes', target.node)
    let from = inside ? undefined : this.port(source.node, 'outputs', source.port)
    let to = inside ? undefined : this.port(target.node, 'inputs', target.port)
    if (this.inside !== '' && (from === undefined) !== (to === undefined)) {
      from ??= this.stub(id, 'inputs', to, source.node)
      to ??= this.stub(id, 'outputs', from, target.node)
    }
    const row = this.edges.rowFor(id)
    if (from === undefined || to === undefined) {
      this.edges.set(row, [NaN, NaN, NaN, NaN])
      return
    }
    this.edges.set(row, [from.x, from.y, to.x, to.y])
    this.dirty(edgeArea(from, to))
  }

  /** Where an edge ends that leads out of the box which is gone into: beside its port, one below another. */
  private stub(edge: string, side: Stub['side'], port: Point | undefined, node: string): Point | undefined {
    if (port === undefined || this.collapsed.around('nodes', node) !== kOutside) return undefined
    const x = port.x + (side === 'inputs' ? -kStubReach : kStubReach)
    const left = side === 'inputs' ? x - kStubWidth : x
    const isTaken = (at: number): boolean =>
      [...this.stubs.values()].some((stub) => stub.at.x === x && Math.abs(stub.at.y - at) < kStubStep) ||
      this.nodeMeets({ x: left, y: at - kStubStep / 2, width: kStubWidth, height: kStubStep })
    let y = port.y
    while (isTaken(y)) y += kStubStep
    this.stubs.set(edge, { at: { x, y }, side, node })
    return { x, y }
  }

  private nodeMeets({ x, y, width, height }: Rect): boolean {
    for (let row = 0; row < this.nodes.used; ++row) {
      const [left, top] = [this.nodes.at(row, 0), this.nodes.at(row, 1)]
      const beside = !(left < x + width && left + this.nodes.at(row, 2) > x)
      if (!beside && top < y + height && top + this.nodes.at(row, 3) > y) return true
    }
    return false
  }

  private follow(changes: Changes): void {
    const { kinds } = changes
    const boxes = touched(kinds.groups)
    if (this.collapsed.any || boxes.size > 0) {
      const before = this.collapsed.any
      this.collapsed = new CollapsedBoxes(this.document, this.geometry.catalogue, this.inside)
      if (before || this.collapsed.any) {
        this.dropGone(changes)
        this.putAll()
        return
      }
    }
    const edges = touched(kinds.edges)
    const nodes = touched(kinds.nodes)
    // A placeholder has the ports that its edges name.
    for (const id of edges) {
      const edge = this.document.edge(id)
      if (edge !== undefined) nodes.add(edge.source.node).add(edge.target.node)
    }
    const { added, removed, changed } = kinds.nodes
    const onlyMoved = edges.size + added.size + removed.size + changed.size === 0
    for (const id of nodes) {
      this.putNode(id, onlyMoved)
      for (const edge of this.document.edgesAt(id)) edges.add(edge)
    }
    for (const id of edges) this.putEdge(id)
    if (kElementKinds.some((kind) => kind !== 'nodes' && kind !== 'edges' && touched(kinds[kind]).size > 0))
      this.dirty(undefined)
  }

  private dropGone({ kinds }: Changes): void {
    for (const id of kinds.nodes.removed) this.putNode(id)
    for (const id of kinds.edges.removed) this.putEdge(id)
    this.looks = []
    this.blocks = []
  }
}

function around(boxes: readonly Rect[]): Rect | undefined {
  if (boxes.length === 0) return undefined
  const x = Math.min(...boxes.map((box) => box.x))
  const y = Math.min(...boxes.map((box) => box.y))
  const right = Math.max(...boxes.map((box) => box.x + box.width))
  const bottom = Math.max(...boxes.map((box) => box.y + box.height))
  return { x, y, width: right - x, height: bottom - y }
}

function holds(box: Rect, { x, y }: Point): boolean {
  return x >= box.x && x <= box.x + box.width && y >= box.y && y <= box.y + box.height
}

/** Where the triangle of a box is: before its name, or in the corner of one that is collapsed. */
export function foldArea(box: Rect, zoom: number, collapsed: boolean): Rect {
  if (collapsed) return { x: box.x + 6, y: box.y + 8, width: 22, height: 22 }
  const size = 16 / Math.min(1, zoom / 0.75)
  return { x: box.x + 6, y: box.y - size - 4, width: size, height: size }
}

/** The part of the canvas that a node draws on. */
export function nodeArea({ x, y, width, height }: Rect): Rect {
  return {
    x: x - kNodeReach.x,
    y: y - kNodeReach.top,
    width: width + 2 * kNodeReach.x,
    height: height + kNodeReach.top + kNodeReach.bottom
  }
}

/** The part of the canvas that an edge draws on, its figures in the middle included. */
export function edgeArea(from: Point, to: Point): Rect {
  const reach = Math.max(40, Math.min(160, Math.abs(to.x - from.x) / 2))
  const [middle, half] = [(from.x + to.x) / 2, 130]
  const left = Math.min(from.x, to.x - reach, middle - half) - kEdgeReach
  const right = Math.max(from.x + reach, to.x, middle + half) + kEdgeReach
  // A pill may stand over the heads of the nodes.
  const top = Math.min(from.y, to.y) - 5 * kEdgeReach
  const bottom = Math.max(from.y, to.y) + 2 * kEdgeReach
  return { x: left, y: top, width: right - left, height: bottom - top }
}
