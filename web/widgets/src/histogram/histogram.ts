// HistogramView: how the values of a column are spread, over all rows that came; memory does not grow with them.
import type { Batch, Column } from '@weir/engine-client'
import { BinAxis } from '../data/bin-axis.ts'
import { isNumeric, readNumbers } from '../data/column-read.ts'
import { missing, named } from '../data/named-column.ts'
import { drawAxes, layOut, xOf, yOf, type Plot } from '../line/line-axes.ts'
import { exact, short } from '../view/numbers.ts'
import { Surface } from '../view/surface.ts'
import { make, setText, WidgetView, type ViewOptions } from '../view/widget-view.ts'

export interface HistogramOptions extends ViewOptions {
  /** Column of numbers; absent: the first double, else the first number. */
  value?: string
  /** The most bars; 30. */
  bins?: number
}

const FINE = 4096
const BINS = 30
const MOST_BINS = 200

export class HistogramView extends WidgetView {
  private readonly surface: Surface
  private readonly readout: HTMLElement
  private readonly foot: HTMLElement
  private counts = new Float64Array(FINE)
  private readonly axis = new BinAxis(FINE, (into) => {
    const before = this.counts
    this.counts = new Float64Array(FINE)
    for (let i = 0; i < this.axis.count; i++) {
      const at = into(i)
      this.counts[at] = (this.counts[at] ?? 0) + (before[i] ?? 0)
    }
  })
  private scratch = new Float64Array(0)
  private column: string | undefined
  private values = 0
  private nulls = 0
  /** NaN and infinities: they have no bar. */
  private odd = 0
  private plot: Plot | undefined
  private cursor: number | undefined
  private pointer: number | undefined

  constructor(
    private readonly options: HistogramOptions,
    page: Document = document
  ) {
    super('histogram', options, page)
    this.surface = new Surface(page)
    this.readout = make(page, 'div', 'weir-readout')
    this.foot = make(page, 'p', 'weir-foot')
    const { canvas } = this.surface
    canvas.tabIndex = 0
    canvas.setAttribute('role', 'img')
    canvas.setAttribute('aria-roledescription', 'histogram')
    this.body.prepend(canvas)
    this.body.append(this.readout)
    this.body.after(this.foot)
    this.listen(canvas)
  }

  protected consume(batch: Batch): void {
    if (batch.rows === 0) return
    if (this.column === undefined && this.waitsForNumbers(batch.columns)) {
      this.nulls += batch.rows
      return
    }
    this.column ??= this.choose(batch.columns)
    const column = named(batch.columns, this.column)
    if (!isNumeric(column) && column.kind !== 'null') throw new Error(missing('a column of numbers', [column]))
    if (this.scratch.length < column.length) this.scratch = new Float64Array(column.length)
    const values = this.scratch
    readNumbers(column, 0, column.length, values, 0)
    let min = Infinity
    let max = -Infinity
    for (let row = 0; row < batch.rows; row++) {
      const value = values[row] ?? NaN
      if (!Number.isFinite(value)) continue
      if (value < min) min = value
      if (value > max) max = value
    }
    const found = min <= max
    if (found) this.axis.cover(min, max)
    let counted = 0
    for (let row = 0; row < batch.rows; row++) {
      const value = values[row] ?? NaN
      if (!Number.isFinite(value)) continue
      const at = this.axis.place(value)
      this.counts[at] = (this.counts[at] ?? 0) + 1
      counted++
    }
    const nulls = column.kind === 'null' ? batch.rows : Math.max(0, column.nullCount)
    this.values += counted
    this.nulls += nulls
    this.odd += Math.max(0, batch.rows - counted - nulls)
  }

  protected isEmpty(): boolean {
    return this.values === 0
  }

  /** The bars as they are drawn: where each begins and ends, and how many values it has. */
  bars(): { from: number; to: number; count: number }[] {
    const { axis } = this
    if (this.isEmpty()) return []
    const most = Math.max(1, Math.min(this.options.bins ?? BINS, MOST_BINS))
    const factor = axis.merged(most)
    const first = Math.floor(axis.first / factor) * factor - axis.first
    const bars: { from: number; to: number; count: number }[] = []
    for (let at = first; at < axis.count; at += factor) {
      let count = 0
      for (let i = Math.max(0, at); i < Math.min(axis.count, at + factor); i++) count += this.counts[i] ?? 0
      bars.push({ from: axis.edge(at), to: axis.edge(at + factor), count })
    }
    return bars
  }

  protected paint(): void {
    const odd = [
      ...(this.nulls > 0 ? [`${exact(this.nulls)} empty`] : []),
      ...(this.odd > 0 ? [`${exact(this.odd)} not finite`] : [])
    ]
    setText(this.foot, this.isEmpty() ? '' : [`${exact(this.values)} values`, ...odd].join(' · '))
    const context = this.surface.begin()
    const bars = this.bars()
    const [first] = bars
    const last = bars.at(-1)
    if (!context || first === undefined || last === undefined) return
    const most = bars.reduce((high, bar) => Math.max(high, bar.count), 0)
    const x = { low: first.from, high: last.to, isTime: false }
    const plot = layOut(context, this.surface, this.theme, x, { min: 0, max: most })
    this.plot = plot
    drawAxes(context, plot, this.theme)
    const cursor = this.atCursor(plot, bars.length)
    const isSoFar = this.status.is === 'soFar'
    context.setLineDash(isSoFar ? [4, 3] : [])
    bars.forEach((bar, i) => {
      const left = xOf(plot, bar.from) + 0.5
      const width = Math.max(1, xOf(plot, bar.to) - left - 0.5)
      // What has a value is seen, however few.
      const top = Math.min(yOf(plot, bar.count), yOf(plot, 0) - (bar.count > 0 ? 1 : 0))
      context.fillStyle = context.strokeStyle = i === cursor ? this.theme.text : (this.theme.series[0] ?? '')
      if (isSoFar) context.strokeRect(left + 0.5, top + 0.5, Math.max(0, width - 1), yOf(plot, 0) - top)
      else context.fillRect(left, top, width, yOf(plot, 0) - top)
    })
    context.setLineDash([])
    const bar = cursor === undefined ? undefined : bars[cursor]
    setText(this.readout, bar === undefined ? '' : this.inWords(bar))
  }

  protected override summarise(): void {
    const bars = this.bars()
    const most = bars.reduce<(typeof bars)[number] | undefined>(
      (best, bar) => (best === undefined || bar.count > best.count ? bar : best),
      undefined
    )
    const [first] = bars
    const words =
      first === undefined || most === undefined
        ? 'nothing drawn'
        : `${exact(this.values)} values from ${short(first.from)} to ${short(bars.at(-1)?.to ?? NaN)}, most in ${this.inWords(most)}`
    this.surface.canvas.setAttribute('aria-label', `${this.options.title}: ${words}`)
  }

  private inWords({ from, to, count }: { from: number; to: number; count: number }): string {
    return `${short(from)} to ${short(to)}: ${exact(count)}`
  }

  private atCursor(plot: Plot, count: number): number | undefined {
    const share = this.pointer === undefined ? undefined : (this.pointer - plot.left) / plot.width
    if (share !== undefined) return share >= 0 && share < 1 ? Math.floor(share * count) : undefined
    return this.cursor === undefined ? undefined : Math.max(0, Math.min(count - 1, this.cursor))
  }

  private listen(canvas: HTMLCanvasElement): void {
    canvas.addEventListener('pointermove', (event) => {
      this.pointer = event.offsetX
      this.changed()
    })
    canvas.addEventListener('pointerleave', () => {
      this.pointer = undefined
      this.changed()
    })
    canvas.addEventListener('keydown', (event) => {
      const count = this.bars().length
      if (count === 0) return
      const now = Math.min(this.cursor ?? (event.key === 'ArrowLeft' ? count : -1), count)
      const targets = new Map([
        ['ArrowLeft', now - 1],
        ['ArrowRight', now + 1],
        ['Home', 0],
        ['End', count - 1]
      ])
      const target = targets.get(event.key)
      if (target === undefined && !(event.key === 'Escape' && this.cursor !== undefined)) return
      event.preventDefault()
      event.stopPropagation()
      this.cursor = target === undefined ? undefined : Math.max(0, Math.min(count - 1, target))
      this.pointer = undefined
      this.changed()
    })
  }

  /** No column has numbers yet, and one that has had nothing but nulls may. */
  private waitsForNumbers(columns: readonly Column[]): boolean {
    if (this.options.value !== undefined || columns.some(isNumeric)) return false
    return columns.some((column) => column.kind === 'null')
  }

  private choose(columns: readonly Column[]): string {
    const { value } = this.options
    const fit = columns.filter(isNumeric)
    const found = value === undefined ? (fit.find((one) => one.kind === 'double') ?? fit[0]) : named(columns, value)
    if (!found) throw new Error(missing('a column of numbers', columns))
    return found.name
  }
}
