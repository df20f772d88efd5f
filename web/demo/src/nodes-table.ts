// NodesTable: what each node has done and what waits before it.
import { make, write } from './elements.ts'
import type { FlowDocument } from './example.ts'
import { bytesText, numberText, shortText } from './figures-text.ts'
import type { Figures } from './run-figures.ts'

const HEAD = ['Node', 'Type', 'Rows in', 'Rows out', 'Rows / s', 'Bytes out', 'Waiting', 'Dropped', 'Set aside']

export class NodesTable {
  readonly element = make('div', {
    class: 'scroll',
    tabindex: '0',
    id: 'metrics',
    role: 'region',
    'aria-label': 'Nodes'
  })
  private readonly cells = new Map<string, HTMLElement[]>()

  constructor(nodes: FlowDocument['nodes']) {
    const rows = nodes.map(({ id, typeId }) => {
      const numbers = HEAD.slice(2).map(() => make('td', { class: 'number' }, '0'))
      this.cells.set(id, numbers)
      return make('tr', {}, make('td', { role: 'rowheader' }, id), make('td', { class: 'type' }, typeId), ...numbers)
    })
    const head = HEAD.map((text, i) => make('th', { scope: 'col', class: i > 1 ? 'number' : '' }, text))
    this.element.append(make('table', {}, make('thead', {}, make('tr', {}, ...head)), make('tbody', {}, ...rows)))
  }

  show(figures: Figures): void {
    for (const node of figures.nodes) {
      const cells = this.cells.get(node.id)
      if (!cells) continue
      const before = figures.edges.filter((edge) => edge.target === node.id)
      const waiting = before.reduce((sum, edge) => sum + edge.held, 0)
      const dropped = before.reduce((sum, edge) => sum + edge.dropped, 0)
      const texts = [
        numberText(node.rowsIn),
        numberText(node.rowsOut),
        shortText(Math.max(node.rate, node.rateIn)),
        bytesText(node.bytesOut),
        numberText(waiting),
        numberText(dropped),
        numberText(node.failed)
      ]
      texts.forEach((text, i) => {
        if (cells[i]) write(cells[i], text)
      })
      cells[5]?.classList.toggle('warn', dropped > 0)
      cells[6]?.classList.toggle('bad', node.failed > 0)
    }
  }
}
