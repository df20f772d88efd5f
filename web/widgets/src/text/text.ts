// TextView: the newest value of a column, as large as it fits.
import type { Batch } from '@weir/engine-client'
import { cellText } from '../data/cell-text.ts'
import { latestOf } from '../data/latest.ts'
import { make, setText, WidgetView, type ViewOptions } from '../view/widget-view.ts'

export interface TextOptions extends ViewOptions {
  /** Absent: the first column. */
  column?: string
  /** IANA zone of times; absent: the person's. */
  timeZone?: string
}

/** Up to so many characters are shown large. */
const LARGE = 16
/** More are cut: a text of megabytes would stop the page. */
const MOST = 20_000

export class TextView extends WidgetView {
  private readonly output: HTMLElement
  private text: string | undefined

  constructor(
    private readonly options: TextOptions,
    page: Document = document
  ) {
    super('text', options, page)
    this.output = make(page, 'div', 'weir-text-value')
    this.output.tabIndex = 0
    this.output.setAttribute('role', 'region')
    this.output.setAttribute('aria-label', `${options.title}, newest value`)
    this.body.prepend(this.output)
  }

  protected consume(batch: Batch): void {
    if (batch.rows === 0) return
    const { column, timeZone } = this.options
    const latest = latestOf(batch, column, () => true, 'a column')
    if (latest) this.text = cellText(latest.column, latest.row, timeZone === undefined ? {} : { timeZone })
  }

  protected isEmpty(): boolean {
    return this.text === undefined
  }

  protected paint(): void {
    const text = this.text ?? ''
    this.output.hidden = this.isEmpty()
    this.output.classList.toggle('weir-large', text.length <= LARGE && !text.includes('\n'))
    const cut = text.length > MOST ? `${text.slice(0, MOST)}\n… (${text.length} characters)` : text
    setText(this.output, cut)
  }
}
