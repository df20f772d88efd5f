// MetricsTable: what each node has done, as the run tells it ten times a second.
import { make, numberText } from './elements.ts'

interface NodeMetrics {
  id: string
  rowsIn: number
  rowsOut: number
  busyMicros?: number
}

/** Rates are those of about the last second. */
const RATE_MS = 1000

const HEAD = ['Node', 'Type', 'Rows in', 'Rows out', 'Rows out / s']

export class MetricsTable {
  readonly element = make('div', { class: 'scroll', tabindex: '0', id: 'metrics' })
  private readonly cells = new Map<string, HTMLElement[]>()
  private last: { at: number; out: Map<string, number> } | undefined

  constructor(nodes: { id: string; typeId: string }[]) {
    const rows = nodes.map(({ id, typeId }) => {
      const numbers = [0, 1, 2].map(() => make('td', { class: 'number' }, '0'))
      this.cells.set(id, numbers)
      return make('tr', {}, make('td', {}, id), make('td', {}, typeId), ...numbers)
    })
    const head = HEAD.map((text, i) => make('th', { class: i > 1 ? 'number' : '' }, text))
    this.element.append(make('table', {}, make('thead', {}, make('tr', {}, ...head)), make('tbody', {}, ...rows)))
  }

  show(data: unknown): void {
    const { nodes } = data as { nodes: NodeMetrics[] }
    const at = performance.now()
    const out = new Map(nodes.map((node) => [node.id, node.rowsOut]))
    const elapsedMs = this.last ? at - this.last.at : 0
    const isDue = elapsedMs >= RATE_MS
    for (const node of nodes) {
      const [rowsIn, rowsOut, rate] = this.cells.get(node.id) ?? []
      if (!rowsIn || !rowsOut || !rate) continue
      rowsIn.textContent = numberText(node.rowsIn)
      rowsOut.textContent = numberText(node.rowsOut)
      if (!this.last || !isDue) continue
      const rows = node.rowsOut - (this.last.out.get(node.id) ?? 0)
      rate.textContent = numberText(Math.round((rows * 1000) / elapsedMs))
    }
    if (isDue || !this.last) this.last = { at, out }
  }

  /** Nothing flows any more. */
  rest(): void {
    for (const [, , rate] of this.cells.values()) if (rate) rate.textContent = '0'
  }
}
