// WidgetStreamer over the streams of a workflow; the drawing side is @weir/widgets.
import type { StreamingProtocol } from './streaming-protocol.ts'

/** What a streamer needs of a widget; @weir/widgets has those that draw, whose `render` gives a React element. */
export interface StreamingWidget<Element = unknown> {
  id: string
  nodeId: string
  stream: ReadableStream
  render: (data: unknown) => Element
  dispose: () => void
}

export interface WidgetStreamer {
  createStream(nodeId: string): ReadableStream
  subscribeToNode(nodeId: string, widget: StreamingWidget): void
  cleanup(widgetId: string): void
}

/** Told once, when a widget ends by an error: its `render` threw, or its rows failed. */
export type WidgetFailed = (widgetId: string, reason: unknown) => void

/**
 * Hands each row of a node to its widget; a widget is disposed of when its node ends, when its `render` throws, or by
 * `cleanup`.
 */
export class ProtocolWidgetStreamer implements WidgetStreamer {
  private readonly ends = new Map<string, () => void>()

  /** `failed`: by default the console is told. */
  constructor(
    private readonly protocol: StreamingProtocol,
    private readonly failed: WidgetFailed = toConsole
  ) {}

  createStream(nodeId: string): ReadableStream {
    return this.protocol.createNodeStream(nodeId)
  }

  /** @throws RangeError if a widget of this id has a node already. */
  subscribeToNode(nodeId: string, widget: StreamingWidget): void {
    if (this.ends.has(widget.id)) throw new RangeError(`the widget '${widget.id}' has a stream already`)
    const reader = this.protocol.createNodeStream(nodeId).getReader()
    const end = (): void => {
      if (!this.ends.delete(widget.id)) return
      reader.cancel().catch(() => undefined)
      widget.dispose()
    }
    this.ends.set(widget.id, end)
    const pump = async (): Promise<void> => {
      for (let read = await reader.read(); !read.done; read = await reader.read()) {
        if (!this.ends.has(widget.id)) return
        widget.render(read.value.data)
      }
    }
    pump()
      .finally(end)
      .catch((reason: unknown) => {
        this.failed(widget.id, reason)
      })
  }

  /** Ids that are not known are left alone. */
  cleanup(widgetId: string): void {
    this.ends.get(widgetId)?.()
  }
}

function toConsole(widgetId: string, reason: unknown): void {
  console.error(`the widget '${widgetId}' has ended by an error:`, reason)
}
