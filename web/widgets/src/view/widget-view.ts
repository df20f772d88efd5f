// WidgetView: what all widgets share: a titled box, its states, one draw a frame, sizes and themes.
import type { Batch } from '@weir/engine-client'
import { FrameClock, type Drawable } from '../frame/frame-clock.ts'
import { attempt, tell } from '../frame/told.ts'
import type { Sink } from '../stream/feed.ts'
import { exact } from './numbers.ts'
import { statusNote, whyEmpty, type Status } from './status.ts'
import { themeOf, watchTheme, type Theme } from './theme.ts'

export interface ViewOptions {
  /** What people call it: the title, and its name for screen readers. */
  title: string
  /** Shared by all widgets of a page, so that one frame draws them all. */
  clock?: FrameClock
}

/** So long a widget may hold the port up by `room`; then rows go by it, counted. */
const PATIENCE_MS = 5000
/** Screen readers are told of new values no more often. */
const SUMMARY_MS = 1000

let serial = 0

export abstract class WidgetView implements Sink, Drawable {
  readonly element: HTMLElement
  readonly patienceMs: number = PATIENCE_MS
  protected readonly body: HTMLElement
  protected readonly clock: FrameClock
  protected received = 0
  private readonly empty: HTMLElement
  private readonly note: HTMLElement
  private readonly lost: HTMLElement
  private readonly unwatch: () => void
  private readonly sizes: ResizeObserver | undefined
  private state: Status = { is: 'waiting' }
  private shedRows = 0
  private known: Theme | undefined
  private summaryAt = -Infinity
  private summaryTimer: ReturnType<typeof setTimeout> | undefined
  private disposed = false
  /** What drawing threw: nothing is drawn or taken any more. */
  private broken: Error | undefined

  protected constructor(kind: string, options: ViewOptions, page: Document = document) {
    this.clock = options.clock ?? new FrameClock()
    const id = `weir-widget-${++serial}`
    this.element = make(page, 'section', 'weir-widget')
    this.element.dataset.widget = kind
    this.element.setAttribute('aria-labelledby', id)
    const head = make(page, 'header', 'weir-head')
    const title = make(page, 'h3', 'weir-title')
    title.id = id
    title.textContent = options.title
    this.note = make(page, 'span', 'weir-note')
    head.append(title, this.note)
    this.body = make(page, 'div', 'weir-body')
    this.empty = make(page, 'p', 'weir-empty')
    this.body.append(this.empty)
    this.lost = make(page, 'p', 'weir-lost')
    this.lost.hidden = true
    this.element.append(head, this.body, this.lost)
    this.unwatch = watchTheme(page, () => {
      this.known = undefined
      this.changed()
    })
    if (typeof ResizeObserver === 'function') {
      this.sizes = new ResizeObserver(() => {
        // The first size comes when the element has come into the page: only now do its variables hold.
        this.known = undefined
        this.changed()
      })
      observeSize(this.sizes, this.body)
    }
    this.changed()
  }

  get status(): Status {
    return this.state
  }

  /** Whose drawing broke stays failed. */
  set status(status: Status) {
    if (this.broken) return
    this.state = status
    this.changed()
  }

  /** Rows that went by without being shown. */
  get shedCount(): number {
    return this.shedRows
  }

  /** @throws what is wrong with the rows, or why drawing broke: the widget wants no more of them. */
  take(batch: Batch): void {
    if (this.broken) throw this.broken
    this.received += batch.rows
    if (this.state.is === 'waiting' || this.state.is === 'notRun') this.state = { is: 'live' }
    this.consume(batch)
    this.changed()
  }

  shed(rows: number): void {
    this.shedRows += rows
    this.changed()
  }

  end(failure?: unknown): void {
    if (failure !== undefined) this.status = { is: 'failed', why: reasonOf(failure) }
    else if (this.state.is !== 'failed') this.status = { is: 'ended' }
  }

  /** Called by the clock; a widget that is not in the page waits until it is. */
  draw(): void {
    if (this.disposed) return
    this.showState(this.broken !== undefined || this.isEmpty())
    if (this.broken) return
    this.paint()
    this.tellSummary()
  }

  /** Drawing threw: says so in the widget's place, at once, and takes and draws nothing more. */
  failed(reason: unknown): void {
    if (this.disposed || this.broken) {
      tell(reason)
      return
    }
    this.giveUp(`This widget could not draw: ${reasonOf(reason, 'it did not say why.')}`, reason)
  }

  /** Frees what it holds and leaves the page. Idempotent. */
  dispose(): void {
    if (this.disposed) return
    this.disposed = true
    clearTimeout(this.summaryTimer)
    this.clock.forget(this)
    this.unwatch()
    this.sizes?.disconnect()
    attempt(() => {
      this.release()
    })
    this.element.remove()
  }

  protected get theme(): Theme {
    this.known ??= themeOf(this.element)
    return this.known
  }

  protected changed(): void {
    if (!this.disposed) this.clock.request(this)
  }

  /** Nothing but `why` is shown from now on, and no rows are taken. */
  protected giveUp(why: string, cause: unknown): void {
    this.state = { is: 'failed', why }
    this.broken = new Error(why, { cause })
    clearTimeout(this.summaryTimer)
    this.element.classList.add('weir-is-broken')
    this.showState(true)
  }

  /** Copies what it keeps of the batch. */
  protected abstract consume(batch: Batch): void
  protected abstract paint(): void
  protected abstract isEmpty(): boolean
  /** Says in words what is drawn, where that is needed: called at most once a second. */
  protected summarise(): void {
    return
  }
  protected release(): void {
    return
  }

  private showState(blank: boolean): void {
    setText(this.empty, blank ? whyEmpty(this.state, this.received) : '')
    this.empty.hidden = !blank
    setText(this.note, statusNote(this.state))
    this.note.dataset.is = this.state.is
    this.element.classList.toggle('weir-is-empty', blank)
    const said: string[] = []
    // A picture that stays is not the place for words, and why no more comes must not go unsaid.
    if (!blank && this.state.is === 'failed') said.push(this.state.why)
    if (this.shedRows > 0) said.push(`${exact(this.shedRows)} rows went by without being shown`)
    this.lost.hidden = said.length === 0
    setText(this.lost, said.join(' '))
  }

  private tellSummary(): void {
    const wait = this.summaryAt + SUMMARY_MS - this.clock.now()
    if (wait <= 0) {
      this.summaryAt = this.clock.now()
      this.summarise()
    } else {
      this.summaryTimer ??= setTimeout(() => {
        this.summaryTimer = undefined
        this.summaryAt = this.clock.now()
        try {
          this.summarise()
        } catch (reason) {
          this.failed(reason)
        }
      }, wait)
    }
  }
}

/** Tells of another resolution too, as on another screen, where the browser can. */
function observeSize(sizes: ResizeObserver, element: HTMLElement): void {
  try {
    sizes.observe(element, { box: 'device-pixel-content-box' })
  } catch {
    sizes.observe(element)
  }
}

export function make<K extends keyof HTMLElementTagNameMap>(
  page: Document,
  tag: K,
  className: string
): HTMLElementTagNameMap[K] {
  const element = page.createElement(tag)
  element.className = className
  return element
}

/** Changes the text only if it is another: the rest of the page need not be laid out again. */
export function setText(element: Node, text: string): void {
  if (element.textContent !== text) element.textContent = text
}

export function reasonOf(failure: unknown, otherwise = 'The stream broke.'): string {
  const said = failure instanceof Error ? failure.message || failure.name : failure
  return typeof said === 'string' && said !== '' ? said : otherwise
}
