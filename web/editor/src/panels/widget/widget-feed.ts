// WidgetFeed: the rows of a port to a widget that draws by itself: those of a tap while the run goes on, else those kept.
import type { Batch, Tap } from '@weir/engine-client'
import type { RunStatus, ShownRun } from '../../run/shown-run.ts'

/** What takes batches: a view of @weir/widgets. */
export interface BatchSink {
  take: (batch: Batch) => void
  end: (failure?: unknown) => void
}

export interface WidgetSource {
  node: string
  port: string
  /** What can be tapped. */
  edge: string | undefined
}

const kActive: ReadonlySet<RunStatus> = new Set(['starting', 'running', 'stopping', 'held'])

/** Feeds until the rows end; gives what ends it before. What the sink throws ends it, too. */
export function feedWidget(run: ShownRun, source: WidgetSource, sink: BatchSink): () => void {
  const feed = new Feed(run, source, sink)
  feed.start().catch((reason: unknown) => {
    feed.fail(reason)
  })
  return () => {
    feed.stop()
  }
}

class Feed {
  private tap: Tap | undefined
  private stopped = false

  constructor(
    private readonly run: ShownRun,
    private readonly source: WidgetSource,
    private readonly sink: BatchSink
  ) {}

  async start(): Promise<void> {
    const { run, source } = this
    if (source.edge === undefined || !kActive.has(run.facts.getState().status)) {
      await this.kept()
      return
    }
    const tap = await run.tap({ edge: source.edge })
    if (this.isStopped()) {
      await tap.close()
      return
    }
    this.tap = tap
    const reader = tap.batches.getReader()
    for (;;) {
      const { done, value } = await reader.read()
      if (this.isStopped()) return
      if (done) break
      this.sink.take(value)
    }
    this.sink.end()
  }

  fail(reason: unknown): void {
    if (!this.isStopped()) this.sink.end(reason)
    this.stop()
  }

  stop(): void {
    this.stopped = true
    const { tap } = this
    this.tap = undefined
    tap?.close().catch(() => undefined)
  }

  /** Another call may have stopped it meanwhile. */
  private isStopped(): boolean {
    return this.stopped
  }

  private async kept(): Promise<void> {
    const batches = await this.run.rowsOf(this.source.node, this.source.port)
    if (this.isStopped()) return
    for (const batch of batches ?? []) this.sink.take(batch)
    if (batches !== undefined) this.sink.end()
  }
}
