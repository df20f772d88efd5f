// LogView: the newest rows as lines of a log: time, level by shape and colour, message.
import { isNull, type Batch, type Column } from '@weir/engine-client'
import { cellText } from '../data/cell-text.ts'
import { KeptRows, type RowPlace } from '../data/kept-rows.ts'
import { missing, named } from '../data/named-column.ts'
import { exact } from '../view/numbers.ts'
import { make, setText, WidgetView, type ViewOptions } from '../view/widget-view.ts'
import { VirtualRows } from './virtual-rows.ts'

export interface LogOptions extends ViewOptions {
  /** Absent: the first of times, if there is one. */
  time?: string
  /** Absent: `level` or `severity`, if there is one. */
  level?: string
  /** Absent: `message`, `text` or `line`, else the first text that is not the level. */
  message?: string
  /** The newest lines that are kept. */
  lines?: number
  /** IANA zone of times; absent: the person's. */
  timeZone?: string
}

const LINES = 5000
/** As in widgets.css. */
const LINE_PX = 20
const MOST_TEXT = 2000

type Level = 'error' | 'warn' | 'info' | 'debug'
const SHAPES: Record<Level, string> = { error: '✕', warn: '▲', info: '·', debug: ' ' }

interface Names {
  time: string | undefined
  level: string | undefined
  message: string
}

export class LogView extends WidgetView {
  private readonly kept: KeptRows
  private readonly virtual: VirtualRows<HTMLElement>
  private readonly list: HTMLElement
  private readonly foot: HTMLElement
  private names: Names | undefined

  constructor(
    private readonly options: LogOptions,
    page: Document = document
  ) {
    super('log', options, page)
    this.kept = new KeptRows(Math.max(1, options.lines ?? LINES))
    const scroll = make(page, 'div', 'weir-scroll')
    scroll.tabIndex = 0
    scroll.setAttribute('role', 'log')
    // Lines may come by the thousand; a screen reader that should speak them all would not end.
    scroll.setAttribute('aria-live', 'off')
    scroll.setAttribute('aria-label', options.title)
    this.list = make(page, 'div', 'weir-lines')
    const [before, after] = [make(page, 'div', 'weir-spacer'), make(page, 'div', 'weir-spacer')]
    this.list.append(before, after)
    scroll.append(this.list)
    this.foot = make(page, 'p', 'weir-foot')
    this.body.prepend(scroll)
    this.body.after(this.foot)
    const maker = {
      make: () => this.makeLine(),
      fill: (line: HTMLElement, number: number) => {
        this.fill(line, number)
      }
    }
    this.virtual = new VirtualRows(scroll, before, after, maker, LINE_PX, () => {
      this.changed()
    })
  }

  protected consume(batch: Batch): void {
    if (batch.rows === 0) return
    this.names ??= this.choose(batch.columns)
    named(batch.columns, this.names.message)
    this.kept.add(batch)
  }

  protected isEmpty(): boolean {
    return this.kept.total === 0
  }

  protected paint(): void {
    const { first, total, count } = this.kept
    this.virtual.update(first, total, false)
    this.foot.hidden = count === total
    if (count !== total) setText(this.foot, `the newest ${exact(count)} of ${exact(total)} lines`)
  }

  private choose(columns: readonly Column[]): Names {
    const { time, level, message } = this.options
    const first = (...names: string[]): Column | undefined => {
      return names.map((name) => columns.find((column) => column.name === name)).find((column) => column !== undefined)
    }
    const levels = level === undefined ? first('level', 'severity') : named(columns, level)
    const texts = columns.find((column) => column.kind === 'string' && column !== levels)
    const messages = message === undefined ? (first('message', 'text', 'line') ?? texts) : named(columns, message)
    if (!messages) throw new Error(missing('a column of text', columns))
    const times = time === undefined ? columns.find((column) => column.kind === 'timestamp') : named(columns, time)
    return { time: times?.name, level: levels?.name, message: messages.name }
  }

  private makeLine(): HTMLElement {
    const page = this.element.ownerDocument
    const line = make(page, 'div', 'weir-line')
    line.append(
      make(page, 'span', 'weir-line-time'),
      make(page, 'span', 'weir-line-level'),
      make(page, 'span', 'weir-line-text')
    )
    return line
  }

  private fill(line: HTMLElement, number: number): void {
    const place = this.kept.at(number)
    const [time, level, text] = line.children
    if (!place || !this.names || !time || !level || !text) return
    setText(time, this.part(place, this.names.time))
    const word = this.part(place, this.names.level)
    const grade = gradeOf(word)
    line.dataset.level = grade
    setText(level, word === '' ? '' : `${SHAPES[grade]} ${word}`)
    const message = this.part(place, this.names.message)
    setText(text, oneLine(message.length > MOST_TEXT ? `${message.slice(0, MOST_TEXT)}…` : message))
  }

  private part(place: RowPlace, name: string | undefined): string {
    const column = place.batch.columns.find((one) => one.name === name)
    if (!column || isNull(column, place.row)) return ''
    const { timeZone } = this.options
    return cellText(column, place.row, timeZone === undefined ? {} : { timeZone })
  }
}

/** Lines have one height: a message of several is shown in one. */
function oneLine(text: string): string {
  return /[\n\r]/.test(text) ? text.trimEnd().replaceAll(/\r\n|\r|\n/g, ' ⏎ ') : text
}

/** The words that logs use, in few grades. */
function gradeOf(word: string): Level {
  const text = word.toLowerCase()
  if (/^(err|error|fatal|crit|critical|alert|emerg|emergency|panic)$/.test(text)) return 'error'
  if (/^(warn|warning)$/.test(text)) return 'warn'
  return /^(debug|trace|verbose)$/.test(text) ? 'debug' : 'info'
}
