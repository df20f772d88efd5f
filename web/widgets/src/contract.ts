// The contract between a run's streams and what draws them, by the names and shapes of the specification.

/** Draws the data of one node. It disposes itself when the node ends. With React `Element` is ReactElement. */
export interface StreamingWidget<Data = unknown, Element = unknown> {
  id: string
  nodeId: string
  stream: ReadableStream<Data>
  /** Takes what came; the element may be the same every time if the widget draws by itself. */
  render: (data: Data) => Element
  /** Ends the stream. What was drawn stays until its element leaves the page. */
  dispose: () => void
  /** `render` copies what it keeps of the data, at once: it is given the engine's own buffers, not a copy of them. */
  copies?: boolean
  /** So many rows went by unseen, as in a hidden tab. */
  shed?: (rows: number) => void
  /** The stream broke, or `render` threw; `dispose` follows. */
  failed?: (reason: unknown) => void
}

export interface WidgetStreamer<Data = unknown> {
  /** All data of the node from now on. Whoever reads slowly slows the node; cancel it to stop. */
  createStream(nodeId: string): ReadableStream<Data>
  /** Hands the node's data to the widget until the node ends or `cleanup` is called, then disposes the widget. */
  subscribeToNode(nodeId: string, widget: StreamingWidget<Data>): void
  /** Ends the subscription of a widget and disposes it; unknown ids are ignored. */
  cleanup(widgetId: string): void
}
