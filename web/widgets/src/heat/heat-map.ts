// HeatMapView: how much of a value falls where two columns cross, as cells of one colour with their figures.
import type { Batch, Column } from '@weir/engine-client'
import { isNumeric, readNumbers } from '../data/column-read.ts'
import { missing, named } from '../data/named-column.ts'
import { exact, short } from '../view/numbers.ts'
import { Surface } from '../view/surface.ts'
import { make, setText, WidgetView, type ViewOptions } from '../view/widget-view.ts'
import { HeatAxis, MOST_PLACES } from './heat-axis.ts'
import { drawCells, layOutCells, type Cells } from './heat-paint.ts'

export interface HeatMapOptions extends ViewOptions {
  /** Columns of the two sides; absent: the first two that have names or times, else the first two. */
  x?: string
  y?: string
  /** Column of numbers; not needed to count. */
  value?: string
  /** What a cell shows of its rows; `count` unless a value is named. */
  show?: 'count' | 'sum' | 'mean' | 'latest'
  timeZone?: string
}

const SIZE = MOST_PLACES * MOST_PLACES

export class HeatMapView extends WidgetView {
  private readonly surface: Surface
  private readonly readout: HTMLElement
  private readonly foot: HTMLElement
  private counts = new Float64Array(SIZE)
  private sums = new Float64Array(SIZE)
  private x: HeatAxis | undefined
  private y: HeatAxis | undefined
  private value: string | undefined
  private scratch = new Float64Array(0)
  private placed = 0
  /** Rows without a place on one of the sides, or without a value. */
  private without = 0
  private cells: Cells | undefined
  private cursor: { x: number; y: number } | undefined
  private pointer: { x: number; y: number } | undefined

  constructor(
    private readonly options: HeatMapOptions,
    page: Document = document
  ) {
    super('heatmap', options, page)
    this.surface = new Surface(page)
    this.readout = make(page, 'div', 'weir-readout')
    this.foot = make(page, 'p', 'weir-foot')
    const { canvas } = this.surface
    canvas.tabIndex = 0
    canvas.setAttribute('role', 'img')
    canvas.setAttribute('aria-roledescription', 'heat map')
    this.body.prepend(canvas)
    this.body.append(this.readout)
    this.body.after(this.foot)
    this.listen(canvas)
  }

  private get show(): 'count' | 'sum' | 'mean' | 'latest' {
    return this.options.show ?? (this.options.value === undefined ? 'count' : 'sum')
  }

  protected consume(batch: Batch): void {
    if (batch.rows === 0) return
    if (!this.x || !this.y) this.choose(batch.columns)
    const { x, y } = this
    if (!x || !y) return
    const atX = x.reader(named(batch.columns, x.name), batch.rows)
    const atY = y.reader(named(batch.columns, y.name), batch.rows)
    if (this.value !== undefined) this.read(named(batch.columns, this.value))
    const { show } = this
    for (let row = 0; row < batch.rows; row++) {
      const [column, line] = [atX(row), atY(row)]
      const value = show === 'count' ? 1 : (this.scratch[row] ?? NaN)
      if (column < 0 || line < 0 || Number.isNaN(value)) {
        this.without++
        continue
      }
      const at = line * MOST_PLACES + column
      this.placed++
      this.counts[at] = show === 'latest' ? 1 : (this.counts[at] ?? 0) + 1
      this.sums[at] = show === 'latest' ? value : (this.sums[at] ?? 0) + value
    }
  }

  protected isEmpty(): boolean {
    return this.placed === 0
  }

  /** The cells as they are drawn, line by line; NaN where nothing fell. */
  grid(mostColumns = MOST_PLACES, mostLines = MOST_PLACES): Omit<Cells, 'box'> {
    const columns = this.x?.lines(mostColumns) ?? []
    const lines = this.y?.lines(mostLines) ?? []
    const values = lines.map((line) => columns.map((column) => this.cellOf(line, column)))
    return { columns: columns.map((one) => one.words), lines: lines.map((one) => one.words), values }
  }

  protected paint(): void {
    setText(this.foot, this.isEmpty() ? '' : this.footText())
    const context = this.surface.begin()
    if (!context || this.isEmpty()) return
    const bound = (cells: number): number => Math.max(1, Math.min(MOST_PLACES, Math.floor(cells)))
    const most = bound(this.surface.height / 10)
    const words = this.y?.lines(most).map((line) => line.words) ?? []
    const box = layOutCells(context, this.surface, this.theme, words)
    const cells: Cells = { ...this.grid(bound(box.width / 6), most), box }
    this.cells = cells
    const cursor = this.atCursor(cells)
    drawCells(context, cells, this.theme, { cursor, isSoFar: this.status.is === 'soFar' })
    setText(this.readout, cursor === undefined ? '' : this.inWords(cells, cursor))
  }

  protected override summarise(): void {
    const { columns, lines, values } = this.grid()
    let best: { x: number; y: number; value: number } | undefined
    values.forEach((line, y) => {
      line.forEach((value, x) => {
        if (!Number.isNaN(value) && (best === undefined || value > best.value)) best = { x, y, value }
      })
    })
    const words =
      best === undefined
        ? 'nothing drawn'
        : `${columns.length} columns, ${lines.length} lines; most at ${columns[best.x] ?? ''}, ${lines[best.y] ?? ''}: ${short(best.value)}`
    this.surface.canvas.setAttribute('aria-label', `${this.options.title}: ${words}`)
  }

  private footText(): string {
    const { x, y, value, without, show } = this
    const what = show === 'count' ? 'rows' : `${show} of ${value ?? ''}`
    const lost = without > 0 ? ` · ${exact(without)} without a place` : ''
    return `${what} by ${x?.name ?? ''} and ${y?.name ?? ''}${lost}`
  }

  private inWords({ columns, lines, values }: Cells, { x, y }: { x: number; y: number }): string {
    const value = values[y]?.[x] ?? NaN
    return `${columns[x] ?? ''}, ${lines[y] ?? ''}: ${Number.isNaN(value) ? 'nothing' : short(value)}`
  }

  private cellOf(line: { from: number; to: number }, column: { from: number; to: number }): number {
    let count = 0
    let sum = 0
    for (let y = line.from; y < line.to; y++) {
      for (let x = column.from; x < column.to; x++) {
        const at = y * MOST_PLACES + x
        count += this.counts[at] ?? 0
        sum += this.sums[at] ?? 0
      }
    }
    if (count === 0) return NaN
    // Of bins that are drawn as one the latest are told by their mean.
    if (this.show === 'mean' || this.show === 'latest') return sum / count
    return this.show === 'sum' ? sum : count
  }

  /** Cells of a side go where its bins went. */
  private regroup(side: 'x' | 'y', into: (place: number) => number): void {
    const [counts, sums] = [this.counts, this.sums]
    this.counts = new Float64Array(SIZE)
    this.sums = new Float64Array(SIZE)
    for (let y = 0; y < MOST_PLACES; y++) {
      for (let x = 0; x < MOST_PLACES; x++) {
        const from = y * MOST_PLACES + x
        if (counts[from] === 0) continue
        const at = side === 'x' ? y * MOST_PLACES + into(x) : into(y) * MOST_PLACES + x
        this.counts[at] = (this.counts[at] ?? 0) + (counts[from] ?? 0)
        this.sums[at] = (this.sums[at] ?? 0) + (sums[from] ?? 0)
      }
    }
  }

  private read(column: Column): void {
    if (this.scratch.length < column.length) this.scratch = new Float64Array(column.length)
    readNumbers(column, 0, column.length, this.scratch, 0)
  }

  private choose(columns: readonly Column[]): void {
    const { x, y, value, timeZone } = this.options
    const rank = (column: Column): number =>
      column.kind === 'timestamp' ? 0 : column.kind === 'string' ? 1 : isNumeric(column) ? 2 : 3
    const usable = columns.filter((column) => column.kind !== 'null' && column.name !== value)
    const [first, second] = usable
      .filter((column) => column.name !== x && column.name !== y)
      .sort((a, b) => rank(a) - rank(b))
    const across = x === undefined ? first : named(columns, x)
    const down = y === undefined ? (x === undefined ? second : first) : named(columns, y)
    if (!across || !down) throw new Error(missing('a column for each side', columns))
    if (this.show !== 'count') {
      const found = value === undefined ? columns.find((one) => one.kind === 'double') : named(columns, value)
      if (!found) throw new Error(missing('a column of numbers', columns))
      this.value = found.name
    }
    this.x = new HeatAxis(
      across.name,
      across,
      (into) => {
        this.regroup('x', into)
      },
      timeZone
    )
    this.y = new HeatAxis(
      down.name,
      down,
      (into) => {
        this.regroup('y', into)
      },
      timeZone
    )
  }

  private atCursor({ box, columns, lines }: Cells): { x: number; y: number } | undefined {
    if (this.pointer === undefined) {
      const { cursor } = this
      return cursor && { x: Math.min(cursor.x, columns.length - 1), y: Math.min(cursor.y, lines.length - 1) }
    }
    const x = Math.floor(((this.pointer.x - box.left) / box.width) * columns.length)
    const y = Math.floor(((this.pointer.y - box.top) / box.height) * lines.length)
    return x >= 0 && y >= 0 && x < columns.length && y < lines.length ? { x, y } : undefined
  }

  private listen(canvas: HTMLCanvasElement): void {
    canvas.addEventListener('pointermove', (event) => {
      this.pointer = { x: event.offsetX, y: event.offsetY }
      this.changed()
    })
    canvas.addEventListener('pointerleave', () => {
      this.pointer = undefined
      this.changed()
    })
    canvas.addEventListener('keydown', (event) => {
      if (!this.moveCursor(event.key)) return
      event.preventDefault()
      event.stopPropagation()
      this.pointer = undefined
      this.changed()
    })
  }

  private moveCursor(key: string): boolean {
    const { cells, cursor } = this
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key]
    if (key === 'Escape' && cursor !== undefined) this.cursor = undefined
    else if (cells !== undefined && step !== undefined) {
      const [right = 0, down = 0] = cursor === undefined ? [0, 0] : step
      const clamp = (value: number, count: number): number => Math.max(0, Math.min(count - 1, value))
      this.cursor = {
        x: clamp((cursor?.x ?? 0) + right, cells.columns.length),
        y: clamp((cursor?.y ?? 0) + down, cells.lines.length)
      }
    } else return false
    return true
  }
}
