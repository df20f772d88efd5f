// Sizes of nodes and places of ports, from schema and document alone: nothing is measured in a page. Canvas units are
// pixels at zoom 1.
import { readNode } from '../document/elements.ts'
import type { FlowDocument } from '../document/flow-document.ts'
import type { Catalogue } from '../catalogue/catalogue.ts'

export interface Rect {
  x: number
  y: number
  width: number
  height: number
}

export interface Point {
  x: number
  y: number
}

export const kNodeWidth = 206
/** Icon, name and state; then the key setting, figures and sparkline. */
export const kNodeHead = 36
export const kNodeBody = 44
export const kPortStep = 20
export const kGrid = 4
const kGroupSize = { width: 320, height: 200 }
const kNoteSize = { width: 206, height: 100 }
const kWidgetSize = { width: 320, height: 200 }

function bottomOf(ports: number): number {
  return kNodeHead + Math.max(kNodeBody, ports * kPortStep + 4)
}

/** Where things are, for one document and catalogue. Sizes of nodes are kept until their value changes. */
export class Geometry {
  private sizes = new WeakMap<object, { inputs: string[]; outputs: string[]; height: number; resizable: boolean }>()
  private revision: number

  constructor(
    readonly document: FlowDocument,
    readonly catalogue: Catalogue
  ) {
    this.revision = catalogue.revision
  }

  private shapeOf(id: string): { inputs: string[]; outputs: string[]; height: number; resizable: boolean } | undefined {
    const value = this.document.tables.nodes.get(id)
    if (value === undefined) return undefined
    if (this.revision !== this.catalogue.revision) {
      this.revision = this.catalogue.revision
      this.sizes = new WeakMap()
    }
    const known = this.sizes.get(value)
    if (known !== undefined) return known
    const node = readNode(value)
    const ports = this.catalogue.portsOf(this.document, node)
    const inputs = ports.inputs.map((port) => port.name)
    const outputs = ports.outputs.map((port) => port.name)
    const height = bottomOf(Math.max(inputs.length, outputs.length))
    const shape = { inputs, outputs, height, resizable: this.catalogue.typeOf(node)?.resizable === true }
    // What a placeholder has depends on its edges, which are no part of its value.
    if (ports.known) this.sizes.set(value, shape)
    return shape
  }

  /** The box of a node: 206 wide unless its type is resizable and the document says otherwise. */
  node(id: string): Rect | undefined {
    const shape = this.shapeOf(id)
    return shape === undefined ? undefined : this.boxOf(id, shape)
  }

  private boxOf(id: string, shape: { height: number; resizable: boolean }): Rect {
    const places = this.document.places.nodes
    const row = places.rowOf(id)
    const x = places.column('x')[row] || 0
    const y = places.column('y')[row] || 0
    if (!shape.resizable) return { x, y, width: kNodeWidth, height: shape.height }
    const width = Math.max(places.column('width')[row] || kNodeWidth, 120)
    return { x, y, width, height: Math.max(places.column('height')[row] || shape.height, shape.height) }
  }

  /** The box of a group, note or widget. */
  thing(kind: 'groups' | 'notes' | 'widgets', id: string): Rect | undefined {
    if (!this.document.tables[kind].has(id)) return undefined
    const places = this.document.places[kind]
    const usual = kind === 'groups' ? kGroupSize : kind === 'notes' ? kNoteSize : kWidgetSize
    return {
      x: places.get(id, 'x') || 0,
      y: places.get(id, 'y') || 0,
      width: places.get(id, 'width') || usual.width,
      height: places.get(id, 'height') || usual.height
    }
  }

  /** Where a wire meets a port: inputs on the left side, outputs on the right. A port that is not there: at the head. */
  port(id: string, side: 'inputs' | 'outputs', name: string): Point | undefined {
    const shape = this.shapeOf(id)
    if (shape === undefined) return undefined
    const box = this.boxOf(id, shape)
    const index = shape[side].indexOf(name)
    const x = side === 'inputs' ? box.x : box.x + box.width
    const y = box.y + (index < 0 ? kNodeHead / 2 : kNodeHead + kPortStep / 2 + index * kPortStep)
    return { x, y }
  }

  /** The two ends of an edge, or undefined if a node of it is not there. */
  edge(id: string): { from: Point; to: Point } | undefined {
    const edge = this.document.edge(id)
    if (edge === undefined) return undefined
    const from = this.port(edge.source.node, 'outputs', edge.source.port)
    const to = this.port(edge.target.node, 'inputs', edge.target.port)
    return from === undefined || to === undefined ? undefined : { from, to }
  }
}

/** The curve of an edge: a cubic from an output to an input, leaving to the right and coming from the left. */
export function curveOf(from: Point, to: Point): [Point, Point, Point, Point] {
  const reach = Math.max(40, Math.min(160, Math.abs(to.x - from.x) / 2))
  return [from, { x: from.x + reach, y: from.y }, { x: to.x - reach, y: to.y }, to]
}

/** The distance of a point to that curve, by 16 pieces of it. */
export function distanceToCurve(point: Point, from: Point, to: Point): number {
  const [a, b, c, d] = curveOf(from, to)
  let least = Infinity
  let last = a
  for (let i = 1; i <= 16; ++i) {
    const t = i / 16
    const s = 1 - t
    const [p, q, r, u] = [s * s * s, 3 * s * s * t, 3 * s * t * t, t * t * t]
    const next = { x: p * a.x + q * b.x + r * c.x + u * d.x, y: p * a.y + q * b.y + r * c.y + u * d.y }
    least = Math.min(least, distanceToLine(point, last, next))
    last = next
  }
  return least
}

function distanceToLine(point: Point, from: Point, to: Point): number {
  const [dx, dy] = [to.x - from.x, to.y - from.y]
  const length = dx * dx + dy * dy
  const along = length === 0 ? 0 : ((point.x - from.x) * dx + (point.y - from.y) * dy) / length
  const t = Math.min(1, Math.max(0, along))
  return Math.hypot(point.x - from.x - t * dx, point.y - from.y - t * dy)
}

export function intersects(a: Rect, b: Rect): boolean {
  return a.x <= b.x + b.width && b.x <= a.x + a.width && a.y <= b.y + b.height && b.y <= a.y + a.height
}

export function contains(outer: Rect, inner: Rect): boolean {
  return (
    outer.x <= inner.x &&
    outer.y <= inner.y &&
    outer.x + outer.width >= inner.x + inner.width &&
    outer.y + outer.height >= inner.y + inner.height
  )
}

/** The box around all of these, or undefined of none. */
export function around(boxes: Iterable<Rect>): Rect | undefined {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity]
  for (const box of boxes) {
    left = Math.min(left, box.x)
    top = Math.min(top, box.y)
    right = Math.max(right, box.x + box.width)
    bottom = Math.max(bottom, box.y + box.height)
  }
  return left === Infinity ? undefined : { x: left, y: top, width: right - left, height: bottom - top }
}
