// Boxes that are collapsed or gone into: what is hidden, and the ports by which edges go into a collapsed box.
import { kNodeWidth, textMember } from '@weir/flow-model'
import type { Catalogue, FlowDocument, Point, Rect } from '@weir/flow-model'
import { portLook } from '../paint/ports.ts'
import type { DrawnPort } from './node-look.ts'

/** A port of a box stands for a port of a node in it. */
export interface BoxPort extends DrawnPort {
  node: string
  port: string
  /** The name of that node, with the port where it has several. */
  label: string
}

export interface CollapsedBox {
  id: string
  box: Rect
  nodes: number
  /** The nodes that it hides. */
  hidden: string[]
  inputs: BoxPort[]
  outputs: BoxPort[]
}

/** What is around things that are not in the box which is gone into; no box has this id. */
export const kOutside = '/'

const kHead = 36
const kStep = 20

/** As the document is now; to be made anew when boxes, edges or what is in a box change. */
export class CollapsedBoxes {
  readonly boxes = new Map<string, CollapsedBox>()
  /** The outermost collapsed box around a node, note, box or widget, by kind/id. */
  private readonly hiding = new Map<string, string>()

  /** @param inside The box that is gone into: only what is in it is shown; empty: all. */
  constructor(
    private readonly document: FlowDocument,
    private readonly catalogue: Catalogue,
    readonly inside = '',
    private readonly asCollapsed = ''
  ) {
    const groups = document.tables.groups
    if (inside === '' && asCollapsed === '' && !groups.list().some((entry) => entry.value.get('collapsed') === true))
      return
    for (const kind of ['nodes', 'notes', 'groups'] as const) {
      for (const { id, value } of document.tables[kind].list()) {
        const outermost = this.outermost(textMember(value, 'parent'))
        if (outermost !== undefined) this.hiding.set(`${kind}/${id}`, outermost)
      }
    }
    for (const { id, value } of document.tables.widgets.list()) {
      const node = textMember(value, 'node')
      const around = this.hiding.get(`nodes/${node}`) ?? (inside !== '' && node === '' ? kOutside : undefined)
      if (around !== undefined) this.hiding.set(`widgets/${id}`, around)
    }
    for (const { id, value } of groups.list()) {
      if (this.isCollapsed(id, value.get('collapsed') === true) && !this.hiding.has(`groups/${id}`))
        this.boxes.set(id, this.boxOf(id))
    }
    for (const { id } of document.tables.edges.list()) this.lead(id)
    for (const box of this.boxes.values())
      box.box.height = kHead + Math.max(24, Math.max(box.inputs.length, box.outputs.length) * kStep + 4)
  }

  /** A box as it would be drawn if it were collapsed, and those around it were not. */
  static of(document: FlowDocument, catalogue: Catalogue, box: string): CollapsedBox | undefined {
    return new CollapsedBoxes(document, catalogue, document.group(box)?.parent ?? '', box).boxes.get(box)
  }

  /** Whether anything is hidden. */
  get any(): boolean {
    return this.boxes.size > 0 || this.inside !== ''
  }

  /** The collapsed box that hides a thing, `kOutside` if another box is gone into, or undefined. */
  around(kind: 'nodes' | 'notes' | 'groups' | 'widgets', id: string): string | undefined {
    return this.hiding.get(`${kind}/${id}`)
  }

  /** Where the edge of a hidden port ends: at the box. */
  port(node: string, side: 'inputs' | 'outputs', port: string): Point | undefined {
    const box = this.boxes.get(this.around('nodes', node) ?? '')
    const index = box?.[side].findIndex((each) => each.node === node && each.port === port) ?? -1
    if (box === undefined || index < 0) return undefined
    const x = side === 'inputs' ? box.box.x : box.box.x + box.box.width
    return { x, y: box.box.y + kHead + kStep / 2 + index * kStep }
  }

  private isCollapsed(id: string, collapsed: boolean): boolean {
    return collapsed || id === this.asCollapsed
  }

  private outermost(parent: string): string | undefined {
    let found: string | undefined
    const seen = new Set<string>()
    for (let at = parent; at !== '' && !seen.has(at); at = this.document.group(at)?.parent ?? '') {
      if (at === this.inside) return found
      seen.add(at)
      if (this.isCollapsed(at, this.document.group(at)?.collapsed === true)) found = at
    }
    return this.inside === '' ? found : kOutside
  }

  private boxOf(id: string): CollapsedBox {
    const places = this.document.places.groups
    const box = { x: places.get(id, 'x') || 0, y: places.get(id, 'y') || 0, width: kNodeWidth, height: 0 }
    const hidden: string[] = []
    for (const [key, around] of this.hiding) if (around === id && key.startsWith('nodes/')) hidden.push(key.slice(6))
    return { id, box, nodes: hidden.length, hidden, inputs: [], outputs: [] }
  }

  private lead(edge: string): void {
    const value = this.document.edge(edge)
    if (value === undefined) return
    const from = this.around('nodes', value.source.node)
    const to = this.around('nodes', value.target.node)
    if (from === to) return
    if (from !== undefined) this.enter(from, 'outputs', value.source)
    if (to !== undefined) this.enter(to, 'inputs', value.target)
  }

  private enter(box: string, side: 'inputs' | 'outputs', end: { node: string; port: string }): void {
    const ports = this.boxes.get(box)?.[side]
    if (ports === undefined || ports.some((each) => each.node === end.node && each.port === end.port)) return
    const node = this.document.node(end.node)
    const known = node === undefined ? undefined : this.catalogue.portsOf(this.document, node)[side]
    const type = known?.find((each) => each.name === end.port)?.type ?? 'any'
    const isError = end.port === 'error' && side === 'outputs'
    const name = node === undefined ? end.node : node.name || (this.catalogue.typeOf(node)?.name ?? node.id)
    const label =
      isError || (known?.filter((each) => each.name !== 'error').length ?? 0) > 1 ? `${name} · ${end.port}` : name
    ports.push({ ...end, label, name: end.port, type, ...portLook(isError ? 'error_packet' : type), isError })
  }
}
