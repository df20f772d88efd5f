// Scene: where everything that is drawn stands, in typed arrays by row, following the document.
import { kElementKinds, readEdge, touched } from '@weir/flow-model'
import type { CanvasIndex, Changes, Hit, Point, Rect } from '@weir/flow-model'
import { cubicOf, distanceTo } from '../paint/curve.ts'
import { CollapsedBoxes } from './collapsed.ts'
import { nodeLook } from './node-look.ts'
import type { NodeLook } from './node-look.ts'
import { NumberRows } from './rows.ts'

/** What is drawn again: a part of the canvas, in its units; undefined is all of it. */
export type Dirty = (area: Rect | undefined) => void

/** Around a node: ports, rings, and what hangs below it. */
const kNodeReach = { x: 14, top: 14, bottom: 34 }
const kEdgeReach = 14

export class Scene {
  /** x, y, width, height; a row whose x is NaN is hidden. */
  readonly nodes = new NumberRows(4)
  /** x and y of both ends, the same way. */
  readonly edges = new NumberRows(4)
  collapsed: CollapsedBoxes
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
    if (hit === undefined) return undefined
    if (hit.kind === 'groups') return this.openGroupAt(hit.id, point)
    if (hit.kind === 'edges') return this.edgeEnds(hit.id) === undefined ? undefined : hit
    const hidden = hit.kind === 'port' ? this.isHidden('nodes', hit.node) : this.isHidden(hit.kind, hit.id)
    return hidden ? this.nodeUnder(point) : hit
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

  /** The smallest open box in which the middle of a rectangle lies. */
  groupAround(box: Rect, except: (group: string) => boolean): string | undefined {
    const middle = { x: box.x + box.width / 2, y: box.y + box.height / 2 }
    let best: string | undefined
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

  dirtyNode(id: string): void {
    const box = this.nodeBox(id)
    if (box !== undefined) this.dirty(nodeArea(box))
  }

  dirtyEdge(id: string): void {
    const ends = this.edgeEnds(id)
    if (ends !== undefined) this.dirty(edgeArea(ends.from, ends.to))
  }

  /** The collapsed box is drawn smaller than it is. */
  private openGroupAt(id: string, point: Point): Hit | undefined {
    const open = (group: string): boolean => !this.collapsed.boxes.has(group) && !this.isHidden('groups', group)
    if (open(id)) return { kind: 'groups', id }
    const around = this.document.tables.groups.list().filter((entry) => {
      const box = this.geometry.thing('groups', entry.id)
      return open(entry.id) && box !== undefined && holds(box, point)
    })
    const [found] = around
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
    const value = this.document.tables.edges.get(id)
    if (value === undefined) {
      const row = this.edges.remove(id)
      if (row >= 0) this.edges.set(row, [NaN, NaN, NaN, NaN])
      return
    }
    const { source, target } = readEdge(value)
    const box = this.collapsed.around('nodes', source.node)
    const inside = box !== undefined && box === this.collapsed.around('nodes', target.node)
    const from = inside ? undefined : this.port(source.node, 'outputs', source.port)
    const to = inside ? undefined : this.port(target.node, 'inputs', target.port)
    const row = this.edges.rowFor(id)
    const there = from !== undefined && to !== undefined
    this.edges.set(row, there ? [from.x, from.y, to.x, to.y] : [NaN, NaN, NaN, NaN])
    if (there) this.dirty(edgeArea(from, to))
  }

  private follow(changes: Changes): void {
    const { kinds } = changes
    const boxes = touched(kinds.groups)
    if (this.collapsed.any || boxes.size > 0) {
      const before = this.collapsed.any
      this.collapsed = new CollapsedBoxes(this.document, this.geometry.catalogue)
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

function holds(box: Rect, { x, y }: Point): boolean {
  return x >= box.x && x <= box.x + box.width && y >= box.y && y <= box.y + box.height
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
