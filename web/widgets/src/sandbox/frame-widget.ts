// FrameWidgetView: a widget of another package, in a sandboxed frame: it sees its rows, and nothing of this origin.
import type { Batch } from '@weir/engine-client'
import { copyBatch } from '../stream/copy-batch.ts'
import { themeOf } from '../view/theme.ts'
import { make, reasonOf, WidgetView, type ViewOptions } from '../view/widget-view.ts'
import { fromFrame, VERSION, type FromFrame, type Hello, type ToFrame } from './messages.ts'

export interface FrameWidgetOptions extends ViewOptions {
  /** A page of this server; the page's policy must allow it as a frame. */
  url: string
  settings?: Readonly<Record<string, unknown>>
  /** After so long without an answer rows go by the frame, counted; 5,000 unless told. */
  patienceMs?: number
}

/** Batches that may be under way to the frame. */
const UNDER_WAY = 4
/** Who does not heed `room` has further ones shed. */
const MOST_UNDER_WAY = 16
const PATIENCE_MS = 5000
/** After so many messages that widgets do not send, the frame is closed. */
const MOST_STRANGE = 10
/** Messages to the window around are none of ours, but each takes time of the page. */
const MOST_STRAY = 100
/** A frame that goes from page to page is closed: each would be given rows. */
const MOST_LOADS = 5

export class FrameWidgetView extends WidgetView {
  private readonly frame: HTMLIFrameElement
  override readonly patienceMs: number
  private port: MessagePort | undefined
  private ending: ToFrame | undefined
  private ready = false
  private waiting: Batch[] = []
  private underWay = 0
  private deaf = false
  private strange = 0
  private loads = 0
  private stray = 0
  private goOn: (() => void) | undefined
  private last = ''

  constructor(
    private readonly options: FrameWidgetOptions,
    page: Document = document
  ) {
    super('frame', options, page)
    this.patienceMs = options.patienceMs ?? PATIENCE_MS
    this.frame = make(page, 'iframe', 'weir-frame')
    this.frame.setAttribute('sandbox', 'allow-scripts')
    this.frame.setAttribute('allow', '')
    this.frame.referrerPolicy = 'no-referrer'
    this.frame.title = options.title
    this.frame.addEventListener('load', () => {
      this.greet()
    })
    this.frame.src = options.url
    page.defaultView?.addEventListener('message', this.countStray)
    this.body.prepend(this.frame)
  }

  override take(batch: Batch): void {
    const underWay = this.underWay + this.waiting.length
    if (this.deaf || this.status.is === 'failed' || underWay >= MOST_UNDER_WAY) {
      this.shed(batch.rows)
      return
    }
    super.take(batch)
  }

  /** Holds the port up while much is under way, until the frame answers or patience ends. */
  room(): Promise<void> | undefined {
    const full = !this.deaf && this.underWay + this.waiting.length >= UNDER_WAY
    return full && this.status.is !== 'failed' ? this.untilRoom() : undefined
  }

  override end(failure?: unknown): void {
    super.end(failure)
    this.ending = failure === undefined ? { type: 'end' } : { type: 'end', failure: reasonOf(failure) }
    // What waits until the frame is ready goes before.
    if (this.ready) this.send(this.ending)
  }

  protected consume(batch: Batch): void {
    const copy = copyBatch(batch)
    if (this.ready) this.sendBatch(copy)
    else this.waiting.push(copy)
  }

  /** The frame says itself that it has nothing to show. */
  protected isEmpty(): boolean {
    return this.received === 0 || this.status.is === 'failed'
  }

  protected paint(): void {
    const theme = themeOf(this.element)
    const known = JSON.stringify(theme)
    if (known !== this.last) this.send({ type: 'theme', theme })
    this.last = known
    this.element.dataset.deaf = String(this.deaf)
  }

  protected override release(): void {
    this.stopCounting()
    this.port?.close()
    this.goOn?.()
  }

  private readonly countStray = (event: MessageEvent): void => {
    if (event.source !== this.frame.contentWindow || ++this.stray < MOST_STRAY) return
    this.fail('The widget floods the page with messages; it was closed.')
  }

  private stopCounting(): void {
    this.element.ownerDocument.defaultView?.removeEventListener('message', this.countStray)
  }

  private greet(): void {
    if (++this.loads > MOST_LOADS) {
      this.fail('The widget loads itself again and again; it was closed.')
      return
    }
    // Loaded again, as after its element was moved: it begins anew, with the rows that come from now on.
    this.port?.close()
    this.ready = false
    this.underWay = 0
    const channel = new MessageChannel()
    this.port = channel.port1
    channel.port1.onmessage = (event: MessageEvent<unknown>) => {
      this.hear(event.data)
    }
    const { title, settings = {} } = this.options
    const hello: Hello = { weir: 'widget', v: VERSION, title, settings, theme: themeOf(this.element) }
    // A sandboxed frame has an origin that equals no other, so none can be named.
    try {
      this.frame.contentWindow?.postMessage(hello, '*', [channel.port2])
    } catch (reason) {
      this.fail(`The widget could not be given its settings: ${reasonOf(reason)}`)
    }
  }

  private hear(data: unknown): void {
    const message = fromFrame(data)
    if (!message || !this.fits(message)) {
      if (++this.strange >= MOST_STRANGE) this.fail('The widget sends what widgets do not send; it was closed.')
      return
    }
    if (message.type === 'failed') {
      this.fail(message.why)
      return
    }
    this.answers()
    if (message.type === 'taken') this.underWay -= message.batches
    else {
      this.ready = true
      for (const batch of this.waiting.splice(0)) this.sendBatch(batch)
      if (this.ending) this.send(this.ending)
    }
    this.goOn?.()
    this.goOn = undefined
    this.changed()
  }

  /** A widget is ready once, and takes what it was given. */
  private fits(message: FromFrame): boolean {
    if (message.type === 'ready') return !this.ready
    return message.type === 'failed' || message.batches <= this.underWay
  }

  private answers(): void {
    this.deaf = false
    if (this.status.is === 'disconnected') this.status = { is: this.ending ? 'ended' : 'live' }
  }

  private sendBatch(batch: Batch): void {
    this.underWay++
    this.send({ type: 'batch', batch }, [batch.buffer])
  }

  private send(message: ToFrame, transfer: Transferable[] = []): void {
    this.port?.postMessage(message, transfer)
  }

  private untilRoom(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.deaf = true
        this.status = { is: 'disconnected' }
        this.goOn = undefined
        this.changed()
        resolve()
      }, this.patienceMs)
      this.goOn = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  private fail(why: string): void {
    this.port?.close()
    this.port = undefined
    this.stopCounting()
    this.frame.remove()
    this.waiting = []
    this.status = { is: 'failed', why }
    this.goOn?.()
  }
}
