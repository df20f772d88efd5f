// HeatMap: which share of all work, rows or failures each node has, in the run that is shown.
import { count, duration } from '@weir/ui/figures/figures.ts'
import type { FigureStore } from '../../run/figure-store.ts'
import type { ViewState } from '../../session/view-state.ts'
import { short } from './node-state.ts'

export class HeatMap {
  private most = 0
  private sum = 0

  /** As the figures are now; to be made anew when they change. */
  constructor(
    readonly kind: ViewState['heat'],
    readonly figures: FigureStore | undefined,
    nodes: Iterable<string>
  ) {
    if (kind === 'none' || figures === undefined) return
    for (const node of nodes) {
      const value = this.value(node)
      this.most = Math.max(this.most, value)
      this.sum += value
    }
  }

  /** 0 to 1: of the node that has most. */
  share(node: string): number {
    return this.most === 0 ? 0 : this.value(node) / this.most
  }

  /** As it is written at the node; empty if it has none. */
  text(node: string): string {
    const value = this.value(node)
    if (value === 0) return ''
    if (this.kind === 'rows') return `${short(value)} rows`
    if (this.kind === 'errors') return `${count(value)} failed`
    return `${Math.round((value / this.sum) * 100)} % · ${duration(value * 1000)}`
  }

  private value(node: string): number {
    const { figures, kind } = this
    if (figures === undefined || kind === 'none') return 0
    if (kind === 'errors') return figures.node(node, 'failed')
    if (kind === 'time') return figures.node(node, 'worked')
    return Math.max(figures.node(node, 'rowsIn'), figures.node(node, 'rowsOut'))
  }
}
