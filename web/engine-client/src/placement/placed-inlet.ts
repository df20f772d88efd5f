// PlacedInlet: what a page writes to one inlet, wherever the run is at the moment.
import type { Execution } from '../engine.ts'

export class PlacedInlet {
  private writer: WritableStreamDefaultWriter<unknown[]> | undefined
  /** The page writes no more. */
  isEnded = false

  constructor(
    readonly node: string,
    private readonly mostBytes?: number
  ) {}

  open(execution: Execution): void {
    this.writer = execution.inlet(this.node, this.mostBytes).getWriter()
    this.writer.closed.catch(() => undefined)
  }

  async write(rows: unknown[]): Promise<void> {
    await this.writer?.write(rows)
  }

  async end(): Promise<void> {
    this.isEnded = true
    await this.writer?.close()
  }

  /** No more is written to this execution. */
  async finishPart(): Promise<void> {
    await this.writer?.close()
  }

  /** Everything that was kept, to an execution that begins anew. */
  async feed(kept: readonly unknown[][]): Promise<void> {
    const { writer } = this
    if (!writer) return
    for (const rows of kept) await writer.write(rows)
    if (this.isEnded) await writer.close()
  }
}
