// TableView: the newest rows as a table; only those in sight are in the page.
import type { Batch, Column } from '@weir/engine-client'
import { isNull } from '@weir/engine-client'
import { cellText, EMPTY, zoneName } from '../data/cell-text.ts'
import { KeptRows } from '../data/kept-rows.ts'
import { named } from '../data/named-column.ts'
import { exact } from '../view/numbers.ts'
import { make, setText, WidgetView, type ViewOptions } from '../view/widget-view.ts'
import { VirtualRows } from './virtual-rows.ts'

export interface TableOptions extends ViewOptions {
  /** Columns in order; absent: all. */
  columns?: readonly string[]
  /** The newest rows that are kept. */
  rows?: number
  /** IANA zone of times; absent: the person's. */
  timeZone?: string
}

const ROWS = 10_000
const MOST_ROWS = 1_000_000
/** As in widgets.css. */
const ROW_PX = 24
/** Longer texts are cut in the cell and whole in its tooltip, up to here. */
const MOST_TEXT = 500
/** More are not made: each cell in sight would be filled at every frame. */
const MOST_COLUMNS = 200

export class TableView extends WidgetView {
  private readonly kept: KeptRows
  private readonly scroll: HTMLElement
  private readonly table: HTMLTableElement
  private readonly group: HTMLTableColElement
  private readonly head: HTMLTableRowElement
  private readonly foot: HTMLElement
  private readonly virtual: VirtualRows<HTMLTableRowElement>
  private shape = ''
  private columnCount = 0
  private ended = false

  constructor(
    private readonly options: TableOptions,
    page: Document = document
  ) {
    super('table', options, page)
    this.kept = new KeptRows(Math.max(1, Math.min(options.rows ?? ROWS, MOST_ROWS)))
    this.scroll = make(page, 'div', 'weir-scroll')
    this.scroll.tabIndex = 0
    this.scroll.setAttribute('role', 'region')
    this.scroll.setAttribute('aria-label', `${options.title}, rows`)
    this.table = make(page, 'table', 'weir-rows')
    this.table.setAttribute('aria-label', options.title)
    this.group = make(page, 'colgroup', '')
    const thead = make(page, 'thead', '')
    this.head = make(page, 'tr', '')
    thead.append(this.head)
    const tbody = make(page, 'tbody', '')
    const [before, after] = [make(page, 'tr', 'weir-spacer'), make(page, 'tr', 'weir-spacer')]
    for (const spacer of [before, after]) spacer.setAttribute('aria-hidden', 'true')
    tbody.append(before, after)
    this.table.append(this.group, thead, tbody)
    this.scroll.append(this.table)
    this.foot = make(page, 'p', 'weir-foot')
    this.body.prepend(this.scroll)
    this.body.after(this.foot)
    const maker = {
      make: () => this.makeRow(),
      fill: (row: HTMLTableRowElement, number: number) => {
        this.fill(row, number)
      }
    }
    this.virtual = new VirtualRows(this.scroll, before, after, maker, ROW_PX, () => {
      this.changed()
    })
  }

  override end(failure?: unknown): void {
    super.end(failure)
    this.ended = true
  }

  protected consume(batch: Batch): void {
    if (batch.rows === 0 && batch.columns.length === 0) return
    for (const name of this.options.columns ?? []) named(batch.columns, name)
    this.kept.add(batch)
  }

  protected isEmpty(): boolean {
    return this.kept.total === 0
  }

  protected paint(): void {
    const fresh = this.showHead()
    const { first, total, count } = this.kept
    if (this.ended) {
      this.ended = false
      if (first === 0) this.virtual.rewind()
    }
    this.table.setAttribute('aria-rowcount', String(total + 1))
    this.virtual.update(first, total, fresh)
    this.foot.hidden = total === 0
    const all = count === total
    const wide =
      this.columnCount < this.chosen.length ? `, ${this.columnCount} of ${exact(this.chosen.length)} columns` : ''
    setText(this.foot, `${all ? rowsOf(total) : `the newest ${exact(count)} of ${rowsOf(total)}`}${wide}`)
  }

  private get shown(): Column[] {
    return this.chosen.slice(0, MOST_COLUMNS)
  }

  private get chosen(): Column[] {
    const { columns } = this.kept
    // Nothing came yet: nothing can be missing.
    if (columns.length === 0) return []
    return this.options.columns?.map((name) => named(columns, name)) ?? columns
  }

  /** True if the columns are others than before. */
  private showHead(): boolean {
    const columns = this.shown
    const shape = columns.map((column) => `${column.name}\u0000${column.kind}`).join('\u0001')
    if (shape === this.shape) return false
    this.shape = shape
    this.columnCount = columns.length
    const page = this.element.ownerDocument
    this.group.replaceChildren(...columns.map((column) => make(page, 'col', `weir-col-${classOf(column)}`)))
    this.head.replaceChildren(
      ...columns.map((column) => {
        const head = make(page, 'th', `weir-is-${classOf(column)}`)
        head.scope = 'col'
        const kind = make(page, 'small', '')
        kind.textContent = kindText(column, this.options.timeZone)
        head.append(column.name, kind)
        head.title = `${column.name}, ${kind.textContent}`
        return head
      })
    )
    return true
  }

  private makeRow(): HTMLTableRowElement {
    return make(this.element.ownerDocument, 'tr', '')
  }

  private fill(row: HTMLTableRowElement, number: number): void {
    const place = this.kept.at(number)
    while (row.cells.length < this.columnCount) row.insertCell()
    while (row.cells.length > this.columnCount) row.deleteCell(-1)
    row.setAttribute('aria-rowindex', String(number + 2))
    if (!place) return
    const { timeZone } = this.options
    const columns = this.options.columns?.map((name) => named(place.batch.columns, name)) ?? place.batch.columns
    for (let i = 0; i < this.columnCount; i++) {
      const cell = row.cells[i]
      const column = columns[i]
      if (!cell || !column) continue
      const nothing = isNull(column, place.row)
      const text = nothing ? EMPTY : cellText(column, place.row, timeZone === undefined ? {} : { timeZone })
      setText(cell, text.length > MOST_TEXT ? `${text.slice(0, MOST_TEXT)}…` : text)
      const className = nothing ? 'weir-null' : `weir-is-${classOf(column)}`
      if (cell.className !== className) cell.className = className
      const title = text.length > 24 ? text.slice(0, MOST_TEXT * 4) : ''
      if (cell.title !== title) cell.title = title
    }
  }
}

function rowsOf(count: number): string {
  return count === 1 ? '1 row' : `${exact(count)} rows`
}

function classOf(column: Column): 'number' | 'text' | 'bool' | 'time' | 'any' {
  switch (column.kind) {
    case 'int':
    case 'uint':
    case 'double':
    case 'duration':
      return 'number'
    case 'string':
      return 'text'
    case 'bool':
      return 'bool'
    case 'timestamp':
      return 'time'
    case 'null':
    case 'bytes':
    case 'other':
      return 'any'
  }
}

function kindText(column: Column, timeZone: string | undefined): string {
  if (column.kind === 'timestamp') return `time, ${zoneName(timeZone)}`
  if (column.kind === 'string') return 'text'
  return column.kind === 'other' ? 'nested' : column.kind
}
