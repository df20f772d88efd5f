// CanvasIndex: what is where on the canvas, kept up to date with the document; hits, rectangles and what is to be seen.
import type { Changes } from '../document/changes.ts'
import type { ElementKind } from '../document/elements.ts'
import type { Entry } from '../document/table.ts'
import { around, contains, distanceToCurve, Geometry } from './geometry.ts'
import type { Point, Rect } from './geometry.ts'
import { GridIndex } from './grid-index.ts'
import { touched } from '../document/changes.ts'

export type Hit =
  | { kind: 'port'; node: string; side: 'inputs' | 'outputs'; port: string }
  | { kind: 'nodes' | 'edges' | 'groups' | 'notes' | 'widgets'; id: string }

export interface Viewport {
  /** The part of the canvas that is seen, in canvas units. */
  area: Rect
  /** 1: one unit is one pixel. */
  zoom: number
}

/** From here on nodes are elements of the page; further out the canvas draws them. */
export const kElementZoom = 0.6
export const kMostElements = 300
const kPortReach = 10
const kEdgeReach = 6
const kCurveReach = 160

export class CanvasIndex {
  private readonly grids: Record<ElementKind, GridIndex>
  private readonly stop: () => void
  /** Places in the order of the document, of a list as long as that is the same. */
  private readonly ranks = new WeakMap<readonly Entry[], Map<string, number>>()

  constructor(readonly geometry: Geometry) {
    const make = (): GridIndex => new GridIndex()
    this.grids = { nodes: make(), edges: make(), groups: make(), notes: make(), widgets: make() }
    this.refresh()
    this.stop = geometry.document.subscribe((changes) => {
      this.follow(changes)
    })
  }

  /** Looks at everything anew: types are others than before. */
  refresh(): void {
    for (const kind of ['nodes', 'edges', 'groups', 'notes', 'widgets'] as const)
      for (const { id } of this.geometry.document.tables[kind].list()) this.put(kind, id)
  }

  /** Stops following the document. */
  dispose(): void {
    this.stop()
  }

  private follow({ kinds }: Changes): void {
    const edges = touched(kinds.edges)
    const nodes = touched(kinds.nodes)
    // A placeholder has the ports that its edges name.
    for (const id of edges) {
      const edge = this.geometry.document.edge(id)
      if (edge !== undefined) nodes.add(edge.source.node).add(edge.target.node)
    }
    for (const id of nodes) {
      this.put('nodes', id)
      for (const edge of this.geometry.document.edgesAt(id)) edges.add(edge)
    }
    for (const id of edges) this.put('edges', id)
    for (const kind of ['groups', 'notes', 'widgets'] as const)
      for (const id of touched(kinds[kind])) this.put(kind, id)
  }

  private put(kind: ElementKind, id: string): void {
    const box = this.boxOf(kind, id)
    if (box === undefined) this.grids[kind].remove(id)
    else this.grids[kind].set(id, box)
  }

  private boxOf(kind: ElementKind, id: string): Rect | undefined {
    if (kind === 'nodes') return this.geometry.node(id)
    if (kind !== 'edges') return this.geometry.thing(kind, id)
    const ends = this.geometry.edge(id)
    if (ends === undefined) return undefined
    const { from, to } = ends
    const reach = Math.max(40, Math.min(kCurveReach, Math.abs(to.x - from.x) / 2))
    const left = Math.min(from.x, to.x - reach)
    const right = Math.max(from.x + reach, to.x)
    const top = Math.min(from.y, to.y)
    return { x: left, y: top, width: right - left, height: Math.abs(to.y - from.y) }
  }

  /** The box of an element as it is known here. */
  box(kind: ElementKind, id: string): Rect | undefined {
    return this.grids[kind].box(id)
  }

  /** What is under a point, the uppermost: ports, nodes, widgets, notes, edges, then boxes (the smallest). */
  hit(point: Point, zoom = 1): Hit | undefined {
    const near = (reach: number): Rect => {
      const by = reach / zoom
      return { x: point.x - by, y: point.y - by, width: 2 * by, height: 2 * by }
    }
    const nodes = this.inOrder('nodes', this.grids.nodes.meeting(near(kPortReach)))
    for (const id of nodes) {
      const port = this.portAt(id, point, kPortReach / zoom)
      if (port !== undefined) return port
    }
    for (const kind of ['nodes', 'widgets', 'notes'] as const) {
      const [id] = this.inOrder(kind, this.grids[kind].meeting({ ...point, width: 0, height: 0 }))
      if (id !== undefined) return { kind, id }
    }
    const edge = this.edgeAt(point, near(kEdgeReach), kEdgeReach / zoom)
    if (edge !== undefined) return { kind: 'edges', id: edge }
    const boxes = [...this.grids.groups.meeting({ ...point, width: 0, height: 0 })]
    const size = (id: string): number => {
      const box = this.grids.groups.box(id)
      return box === undefined ? Infinity : box.width * box.height
    }
    const [group] = boxes.sort((a, b) => size(a) - size(b))
    return group === undefined ? undefined : { kind: 'groups', id: group }
  }

  /** Later ones lie above earlier ones; an id alone needs no order. */
  private inOrder(kind: ElementKind, ids: ReadonlySet<string>): string[] {
    if (ids.size < 2) return [...ids]
    const list = this.geometry.document.tables[kind].list()
    let ranks = this.ranks.get(list)
    if (ranks === undefined) {
      ranks = new Map(list.map((entry, index) => [entry.id, index]))
      this.ranks.set(list, ranks)
    }
    const rank = (id: string): number => ranks.get(id) ?? 0
    return [...ids].sort((a, b) => rank(b) - rank(a))
  }
  private portAt(node: string, point: Point, reach: number): Hit | undefined {
    const value = this.geometry.document.node(node)
    if (value === undefined) return undefined
    const ports = this.geometry.catalogue.portsOf(this.geometry.document, value)
    for (const side of ['inputs', 'outputs'] as const) {
      for (const { name } of ports[side]) {
        const at = this.geometry.port(node, side, name)
        if (at !== undefined && Math.hypot(at.x - point.x, at.y - point.y) <= reach)
          return { kind: 'port', node, side, port: name }
      }
    }
    return undefined
  }

  private edgeAt(point: Point, area: Rect, reach: number): string | undefined {
    let best: string | undefined
    let least = reach
    for (const id of this.grids.edges.meeting(area)) {
      const ends = this.geometry.edge(id)
      const distance = ends === undefined ? Infinity : distanceToCurve(point, ends.from, ends.to)
      if (distance > least) continue
      least = distance
      best = id
    }
    return best
  }

  /** What a rectangle selects: what it meets, or, `whole`, what lies in it. Boxes always have to lie in it. */
  within(area: Rect, whole = false): { kind: ElementKind; id: string }[] {
    const found: { kind: ElementKind; id: string }[] = []
    for (const kind of ['nodes', 'notes', 'widgets', 'groups'] as const) {
      for (const id of this.grids[kind].meeting(area)) {
        const box = this.grids[kind].box(id)
        if ((whole || kind === 'groups') && (box === undefined || !contains(area, box))) continue
        found.push({ kind, id })
      }
    }
    return found
  }

  /** What is to be drawn: all that meets the viewport. */
  visible(kind: ElementKind, { area }: Viewport): Set<string> {
    return this.grids[kind].meeting(area)
  }

  /**
   * The nodes that are elements of the page: from zoom 0.6 on those in view, those nearest to its middle if there are
   * more than 300; selected and focused ones always.
   */
  elements(viewport: Viewport, always: Iterable<string>): Set<string> {
    const chosen = new Set<string>()
    for (const id of always) if (this.geometry.document.tables.nodes.has(id)) chosen.add(id)
    if (viewport.zoom < kElementZoom) return chosen
    const { area } = viewport
    const inView = [...this.grids.nodes.meeting(area)]
    if (inView.length <= kMostElements) {
      for (const id of inView) chosen.add(id)
      return chosen
    }
    const [x, y] = [area.x + area.width / 2, area.y + area.height / 2]
    const far = (id: string): number => {
      const box = this.grids.nodes.box(id)
      return box === undefined ? Infinity : Math.hypot(box.x + box.width / 2 - x, box.y + box.height / 2 - y)
    }
    const nearest = inView.map((id) => ({ id, far: far(id) })).sort((a, b) => a.far - b.far)
    for (const { id } of nearest.slice(0, kMostElements)) chosen.add(id)
    return chosen
  }

  /** The box around these nodes, or around everything; undefined if there is nothing. */
  bounds(ids?: Iterable<string>): Rect | undefined {
    const boxes: Rect[] = []
    for (const id of ids ?? this.geometry.document.tables.nodes.ids()) {
      const box = this.grids.nodes.box(id)
      if (box !== undefined) boxes.push(box)
    }
    if (ids === undefined) {
      for (const kind of ['groups', 'notes', 'widgets'] as const) {
        for (const id of this.geometry.document.tables[kind].ids()) {
          const box = this.grids[kind].box(id)
          if (box !== undefined) boxes.push(box)
        }
      }
    }
    return around(boxes)
  }
}
