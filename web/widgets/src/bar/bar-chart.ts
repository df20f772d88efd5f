// BarChartView: one bar per category: the latest value, a sum or a count. A table to screen readers.
import type { Batch, Column } from '@weir/engine-client'
import { isNumeric, readNumbers } from '../data/column-read.ts'
import { missing, named } from '../data/named-column.ts'
import { TextSlots } from '../data/text-slots.ts'
import { exact, short } from '../view/numbers.ts'
import { make, setText, WidgetView, type ViewOptions } from '../view/widget-view.ts'

export interface BarChartOptions extends ViewOptions {
  /** Column of names; absent: the first of texts. */
  category?: string
  /** Column of numbers; absent: the first double, else the first number. Not needed to count. */
  value?: string
  /** What a bar shows of its rows. */
  show?: 'latest' | 'sum' | 'count'
  /** The most bars; rows of further categories go into one named `other`. */
  bars?: number
  /** `arrival`: as categories came; `value`: the greatest first. */
  order?: 'arrival' | 'value'
}

const BARS = 50
const OTHER = 'other'

interface BarRow {
  row: HTMLElement
  name: HTMLElement
  bar: HTMLElement
  value: HTMLElement
}

export class BarChartView extends WidgetView {
  private readonly slots: TextSlots
  private readonly values: Float64Array
  private readonly table: HTMLTableSectionElement
  private readonly rows: BarRow[] = []
  private scratch = new Float64Array(0)
  private columns: { category: string; value: string | undefined } | undefined
  private others = 0

  constructor(
    private readonly options: BarChartOptions,
    page: Document = document
  ) {
    super('bar', options, page)
    const bars = Math.max(1, Math.min(options.bars ?? BARS, 1000))
    this.slots = new TextSlots(bars)
    // One more than there are bars, for the others.
    this.values = new Float64Array(bars + 1)
    const scroll = make(page, 'div', 'weir-scroll')
    scroll.tabIndex = 0
    scroll.setAttribute('role', 'region')
    scroll.setAttribute('aria-label', `${options.title}, bars`)
    const table = make(page, 'table', 'weir-bars')
    this.table = make(page, 'tbody', '')
    table.append(this.table)
    scroll.append(table)
    this.body.prepend(scroll)
  }

  protected consume(batch: Batch): void {
    if (batch.rows === 0) return
    this.columns ??= this.choose(batch.columns)
    const slotOf = this.slots.reader(named(batch.columns, this.columns.category))
    const { show = 'latest' } = this.options
    if (this.columns.value !== undefined) this.read(named(batch.columns, this.columns.value))
    const last = this.values.length - 1
    for (let row = 0; row < batch.rows; row++) {
      const slot = slotOf(row)
      if (slot === TextSlots.other) this.others++
      const at = slot === TextSlots.other ? last : slot
      const value = this.scratch[row] ?? NaN
      if (show === 'count') this.values[at] = (this.values[at] ?? 0) + 1
      else if (show === 'sum' && !Number.isNaN(value)) this.values[at] = (this.values[at] ?? 0) + value
      else if (show === 'latest') this.values[at] = value
    }
  }

  protected isEmpty(): boolean {
    return this.slots.names.length === 0
  }

  protected paint(): void {
    const shown = this.order()
    while (this.rows.length < shown.length) this.rows.push(this.addRow())
    let low = 0
    let high = 0
    for (const at of shown) {
      const value = this.values[at] ?? 0
      if (!Number.isFinite(value)) continue
      if (value < low) low = value
      if (value > high) high = value
    }
    const span = high - low || 1
    this.rows.forEach((parts, i) => {
      const at = shown[i]
      parts.row.hidden = at === undefined
      if (at !== undefined) this.fill(parts, at, low, span)
    })
  }

  private fill(parts: BarRow, at: number, low: number, span: number): void {
    const value = this.values[at] ?? NaN
    const name = this.slots.names[at] ?? OTHER
    setText(parts.name, name)
    parts.name.title = name
    setText(parts.value, Number.isNaN(value) ? 'empty' : short(value))
    parts.value.title = Number.isNaN(value) ? '' : exact(value)
    // What is infinite or missing has no bar.
    const size = Number.isFinite(value) ? value : 0
    parts.bar.style.left = `${(((Math.min(size, 0) - low) / span) * 100).toFixed(2)}%`
    parts.bar.style.width = `${((Math.abs(size) / span) * 100).toFixed(2)}%`
    parts.row.classList.toggle('weir-so-far', this.status.is === 'soFar')
  }

  private order(): number[] {
    const shown = this.slots.names.map((_, slot) => slot)
    if (this.options.order === 'value') shown.sort((a, b) => (this.values[b] ?? 0) - (this.values[a] ?? 0))
    if (this.others > 0) shown.push(this.values.length - 1)
    return shown
  }

  private addRow(): BarRow {
    const page = this.element.ownerDocument
    const row = make(page, 'tr', 'weir-bar-row')
    const name = make(page, 'th', 'weir-bar-name')
    name.scope = 'row'
    const cell = make(page, 'td', 'weir-bar-cell')
    const bar = make(page, 'span', 'weir-bar')
    const value = make(page, 'td', 'weir-bar-value')
    cell.setAttribute('aria-hidden', 'true')
    cell.append(bar)
    row.append(name, cell, value)
    this.table.append(row)
    return { row, name, bar, value }
  }

  private read(column: Column): void {
    if (this.scratch.length < column.length) this.scratch = new Float64Array(column.length)
    readNumbers(column, 0, column.length, this.scratch, 0)
  }

  private choose(columns: readonly Column[]): { category: string; value: string | undefined } {
    const { category, value, show } = this.options
    const names = category === undefined ? columns.find((one) => one.kind === 'string') : named(columns, category)
    if (!names) throw new Error(missing('a column of text for the names of the bars', columns))
    if (show === 'count') return { category: names.name, value: undefined }
    const fit = columns.filter((one) => one !== names && isNumeric(one))
    const numbers = value === undefined ? (fit.find((one) => one.kind === 'double') ?? fit[0]) : named(columns, value)
    if (!numbers) throw new Error(missing('a column of numbers', columns))
    return { category: names.name, value: numbers.name }
  }
}
