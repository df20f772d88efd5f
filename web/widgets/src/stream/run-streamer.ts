// RunStreamer: the WidgetStreamer over the outlets of one run.
import type { Batch, Execution } from '@weir/engine-client'
import type { StreamingWidget, WidgetStreamer } from '../contract.ts'
import { FrameClock, type Drawable } from '../frame/frame-clock.ts'
import { attempt, errorOf, tell } from '../frame/told.ts'
import { pageVisibility, type Visibility } from '../frame/visibility.ts'
import { copyBatch } from './copy-batch.ts'
import { Feed, type FeedCounts, type HiddenPolicy, type Sink } from './feed.ts'

export interface StreamerOptions {
  /** The port that is meant when only a node is named; `rows` unless told. */
  portOf?: (nodeId: string) => string
  hidden?: HiddenPolicy
  /** Takes batches that have been read; the run's own way unless told. */
  giveBack?: (batch: Batch) => void
  clock?: FrameClock
  visibility?: Visibility
}

/** What a widget's `render` gave last; the host draws it. */
export type RenderListener<Element = unknown> = (element: Element | undefined) => void

/** What the parts of a page need to reach streams. */
export interface StreamSource {
  createStream(streamId: string): ReadableStream<unknown>
  attach?(nodeId: string, sink: Sink): () => void
  readonly clock?: FrameClock
}

/** The run, as far as it is needed here. */
export type Outlets = Pick<Execution, 'outlet'> & Partial<Pick<Execution, 'giveBack'>>

export class RunStreamer implements WidgetStreamer<Batch>, StreamSource {
  readonly clock: FrameClock
  readonly visibility: Visibility
  private readonly feeds = new Map<string, Feed>()
  private readonly widgets = new Map<string, Subscription>()

  constructor(
    private readonly run: Outlets,
    private readonly options: StreamerOptions = {}
  ) {
    this.clock = options.clock ?? new FrameClock()
    this.visibility = options.visibility ?? pageVisibility()
  }

  /** `nodeId`: a node, or `node.port` if it is not the node's usual port. The batches are the reader's own. */
  createStream(nodeId: string): ReadableStream<Batch> {
    const feed = this.feed(nodeId)
    let sink: Sink
    let asked = 0
    let wanted: (() => void) | undefined
    return new ReadableStream<Batch>(
      {
        start: (controller) => {
          sink = {
            take: (batch) => {
              asked--
              controller.enqueue(copyBatch(batch))
            },
            room: () => (asked > 0 ? undefined : new Promise((resolve) => (wanted = resolve))),
            end: (failure) => {
              if (failure === undefined) controller.close()
              else controller.error(failure)
            }
          }
        },
        pull: () => {
          asked++
          wanted?.()
          wanted = undefined
          feed.add(sink)
        },
        cancel: () => {
          feed.remove(sink)
          wanted?.()
        }
      },
      { highWaterMark: 0 }
    )
  }

  subscribeToNode(nodeId: string, widget: StreamingWidget<Batch>): void {
    this.cleanup(widget.id)
    const subscription = new Subscription(widget, this.clock)
    this.widgets.set(widget.id, subscription)
    const feed = this.feed(nodeId)
    subscription.leave = () => {
      feed.remove(subscription)
      if (this.widgets.get(widget.id) === subscription) this.widgets.delete(widget.id)
    }
    feed.add(subscription)
  }

  /** Hands batches to what draws by itself. Returns what ends it. */
  attach(nodeId: string, sink: Sink): () => void {
    const feed = this.feed(nodeId)
    feed.add(sink)
    return () => {
      feed.remove(sink)
    }
  }

  cleanup(widgetId: string): void {
    this.widgets.get(widgetId)?.end()
  }

  /**
   * Calls at most once a frame with what the widget's `render` gave last. Returns what ends it. A listener that throws is
   * not called again, and the page is told.
   */
  onRender<Element>(widgetId: string, listener: RenderListener<Element>): () => void {
    const subscription = this.widgets.get(widgetId)
    if (!subscription) return () => undefined
    // What a widget renders is what who shows it expects: both are the page's.
    return subscription.listen(listener as RenderListener)
  }

  counts(nodeId: string): FeedCounts {
    return { ...this.feed(nodeId).counts }
  }

  /** Ends all streams and disposes all widgets. */
  close(): void {
    for (const feed of this.feeds.values()) feed.close()
    for (const id of [...this.widgets.keys()]) this.cleanup(id)
  }

  private feed(name: string): Feed {
    const dot = name.indexOf('.')
    const node = dot < 0 ? name : name.slice(0, dot)
    const port = dot < 0 ? (this.options.portOf?.(node) ?? 'rows') : name.slice(dot + 1)
    const key = `${node}.${port}`
    let feed = this.feeds.get(key)
    if (!feed) {
      const { hidden } = this.options
      const giveBack = this.options.giveBack ?? this.run.giveBack?.bind(this.run)
      feed = new Feed(() => this.run.outlet(node, port), {
        clock: this.clock,
        visibility: this.visibility,
        ...(hidden && { hidden }),
        ...(giveBack && { giveBack })
      })
      this.feeds.set(key, feed)
    }
    return feed
  }
}

/** A widget of the specification's shape on a feed. */
class Subscription implements Sink, Drawable {
  leave: () => void = () => undefined
  private readonly listeners = new Set<RenderListener>()
  private element: unknown
  private over = false

  constructor(
    private readonly widget: StreamingWidget<Batch>,
    private readonly clock: FrameClock
  ) {}

  take(batch: Batch): void {
    // An element may be drawn long after the buffer has been used again.
    const element: unknown = this.widget.render(this.widget.copies === true ? batch : copyBatch(batch))
    if (element instanceof Promise)
      element.catch((reason: unknown) => {
        this.end(errorOf(reason, 'The widget failed and did not say why.'))
      })
    if (element === this.element) return
    this.element = element
    this.clock.request(this)
  }

  draw(): void {
    for (const listener of [...this.listeners]) {
      try {
        listener(this.element)
      } catch (reason) {
        // Called again it would throw in every frame.
        this.listeners.delete(listener)
        tell(reason)
      }
    }
  }

  listen(listener: RenderListener): () => void {
    if (this.element !== undefined) listener(this.element)
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  shed(rows: number): void {
    this.widget.shed?.(rows)
  }

  end(failure?: unknown): void {
    if (this.over) return
    this.over = true
    this.leave()
    attempt(() => {
      if (failure !== undefined) this.widget.failed?.(failure)
    })
    attempt(() => {
      this.widget.dispose()
    })
  }
}
