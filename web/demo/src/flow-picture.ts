// FlowPicture: the nodes and wires of a flow while it runs: the end of a wire fills as its queue does.
import { drawn, make, write } from './elements.ts'
import type { FlowDocument } from './example.ts'
import { SHAPES, shortText, type Shape } from './figures-text.ts'
import { slowestOf, type EdgeFigures, type Figures, type NodeFigures } from './run-figures.ts'

const NODE = { width: 172, height: 56 }
const GAP = { x: 56, y: 22 }
const PAD = 12
/** Room for the words above wires. */
const TOP = 24
/** How much of a wire shows its level, in hundredths of its length. */
const LEVEL_PART = 70

interface Place {
  x: number
  y: number
}

interface NodeParts {
  box: HTMLElement
  state: HTMLElement
  figures: HTMLElement
}

/** Columns by the longest way from a source, rows in the order of the document. */
function placesOf({ nodes, edges }: FlowDocument): Map<string, Place> {
  const column = new Map(nodes.map(({ id }) => [id, 0]))
  for (let round = 0; round < nodes.length; round++) {
    for (const { source, target } of edges) {
      const least = (column.get(source.node) ?? 0) + 1
      if ((column.get(target.node) ?? 0) < least && least < nodes.length) column.set(target.node, least)
    }
  }
  const filled = new Map<number, number>()
  return new Map(
    nodes.map(({ id }) => {
      const at = column.get(id) ?? 0
      const row = filled.get(at) ?? 0
      filled.set(at, row + 1)
      return [id, { x: PAD + at * (NODE.width + GAP.x), y: TOP + row * (NODE.height + GAP.y) }]
    })
  )
}

export class FlowPicture {
  readonly element: HTMLElement
  private readonly nodes = new Map<string, NodeParts>()
  private readonly levels = new Map<string, { wire: SVGPathElement; level: SVGPathElement; label: HTMLElement }>()
  private over: 'good' | 'bad' | undefined

  constructor(flow: FlowDocument) {
    const places = placesOf(flow)
    const right = Math.max(0, ...[...places.values()].map((place) => place.x)) + NODE.width + PAD
    const below = Math.max(0, ...[...places.values()].map((place) => place.y)) + NODE.height + PAD
    const wires = drawn('svg', { width: String(right), height: String(below), 'aria-hidden': 'true' })
    const board = make('div', { class: 'board' }, wires)
    board.style.width = `${right}px`
    board.style.height = `${below}px`
    for (const edge of flow.edges) this.addWire(edge, places, wires, board)
    for (const node of flow.nodes) board.append(this.addNode(node, places.get(node.id) ?? { x: 0, y: 0 }))
    const way = flow.nodes.map((node) => node.id).join(', ')
    this.element = make(
      'div',
      { class: 'flow-picture', role: 'region', tabindex: '0', 'aria-label': `The flow: ${way}` },
      board
    )
  }

  show(figures: Figures): void {
    const slowest = slowestOf(figures)
    for (const node of figures.nodes) this.showNode(node, slowest?.node === node.id ? slowest.fill : undefined)
    for (const edge of figures.edges) this.showEdge(edge)
  }

  /** `failedNode`: where the run broke. */
  end(outcome: 'good' | 'bad', failedNode?: string): void {
    this.over = outcome
    for (const [id, { box, state }] of this.nodes) {
      const shape: Shape = outcome === 'good' ? 'good' : id === failedNode ? 'bad' : 'held'
      box.classList.remove('slow')
      box.classList.toggle('broken', id === failedNode)
      write(state, SHAPES[shape])
      state.className = `state-shape ${shape}`
    }
  }

  private addNode({ id, typeId }: { id: string; typeId: string }, place: Place): HTMLElement {
    const state = make('span', { class: 'state-shape idle' }, SHAPES.idle)
    const figures = make('span', { class: 'node-figures' }, 'not run yet')
    const box = make(
      'div',
      { class: 'node', title: `${id}, ${typeId}` },
      make('strong', {}, id),
      state,
      make('span', { class: 'node-type' }, typeId),
      figures
    )
    box.style.left = `${place.x}px`
    box.style.top = `${place.y}px`
    this.nodes.set(id, { box, state, figures })
    return box
  }

  private addWire(
    edge: FlowDocument['edges'][number],
    places: Map<string, Place>,
    wires: Element,
    board: Element
  ): void {
    const from = places.get(edge.source.node)
    const to = places.get(edge.target.node)
    if (!from || !to) return
    const [x1, y1, x2, y2] = [from.x + NODE.width, from.y + NODE.height / 2, to.x, to.y + NODE.height / 2]
    const bend = Math.max(20, (x2 - x1) / 2)
    const d = `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`
    const wire = drawn('path', { d, class: 'wire' })
    const level = drawn('path', { d, class: 'level', pathLength: '100', 'stroke-dasharray': '0 200' })
    wires.append(wire, level)
    const label = make('span', { class: 'wire-label', hidden: '' })
    label.style.left = `${(x1 + x2) / 2}px`
    label.style.top = `${(y1 + y2) / 2 - NODE.height / 2 - 14}px`
    board.append(label)
    this.levels.set(edge.id, { wire, level, label })
  }

  private showNode(node: NodeFigures, slow: number | undefined): void {
    const parts = this.nodes.get(node.id)
    if (!parts) return
    const rate = Math.max(node.rate, node.rateIn)
    const rows = Math.max(node.rowsOut, node.rowsIn)
    const aside = node.failed > 0 ? ` · ${shortText(node.failed)} aside` : ''
    const now = node.done || rate === 0 ? `${shortText(rows)} rows` : `${shortText(rate)} rows/s`
    write(parts.figures, slow === undefined ? `${now}${aside}` : `slowest · queue ${Math.round(slow * 100)} %`)
    if (this.over) return
    parts.box.classList.toggle('slow', slow !== undefined)
    parts.box.classList.toggle('aside', node.failed > 0)
    const shape: Shape = node.done ? 'good' : slow === undefined ? 'busy' : 'warn'
    write(parts.state, SHAPES[shape])
    parts.state.className = `state-shape ${shape}`
  }

  private showEdge(edge: EdgeFigures): void {
    const parts = this.levels.get(edge.id)
    if (!parts) return
    const part = edge.held > 0 ? Math.max(6, edge.fill * LEVEL_PART) : 0
    parts.level.setAttribute(
      'stroke-dasharray',
      part === 0 ? '0 200' : `0 ${(100 - part).toFixed(1)} ${part.toFixed(1)} 100`
    )
    parts.level.classList.toggle('high', edge.fill >= 0.8)
    const isFull = edge.fill > 0.5
    parts.label.toggleAttribute('hidden', edge.dropped === 0 && edge.filtered === 0 && !isFull)
    parts.label.classList.toggle('warn', edge.dropped > 0 || edge.fill >= 0.8)
    if (edge.dropped > 0) write(parts.label, `${shortText(edge.dropped)} dropped`)
    else if (isFull) write(parts.label, `${shortText(edge.held)} waiting`)
    else write(parts.label, `${shortText(edge.filtered)} filtered`)
  }
}
