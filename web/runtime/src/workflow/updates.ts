// Updates: what an execution tells of itself, as a stream that a slow reader does not fill.
import type { StreamMessage } from '@weir/engine-client'

export type ExecutionUpdate = StreamMessage

/** Updates that wait for a reader at most; figures wait once, the newest. */
const MOST_WAITING = 1000

export class Updates {
  /** Ends after the update that tells how the execution ended. */
  readonly stream: ReadableStream<ExecutionUpdate>
  private readonly waiting: ExecutionUpdate[] = []
  private wake: (() => void) | undefined
  private last = 0
  private ended = false

  constructor(private readonly executionId: string) {
    this.stream = new ReadableStream<ExecutionUpdate>(
      {
        pull: async (controller) => {
          while (this.waiting.length === 0 && !this.ended) await new Promise<void>((resolve) => (this.wake = resolve))
          const next = this.waiting.shift()
          if (next) controller.enqueue(next)
          else controller.close()
        }
      },
      { highWaterMark: 0 }
    )
  }

  /** `kind` is in the metadata; of `latest` kinds only the newest waits. */
  tell(kind: string, data: unknown, type: StreamMessage['type'] = 'execution-update', latest = false): void {
    if (this.ended) return
    this.last += 1
    const update: ExecutionUpdate = {
      id: `${this.executionId}-${this.last}`,
      timestamp: Date.now(),
      type,
      data,
      metadata: { executionId: this.executionId, kind }
    }
    const same = latest ? this.waiting.findIndex((one) => one.metadata?.kind === kind) : -1
    if (same >= 0) this.waiting.splice(same, 1)
    if (this.waiting.length >= MOST_WAITING) this.waiting.shift()
    this.waiting.push(update)
    this.rouse()
  }

  end(): void {
    this.ended = true
    this.rouse()
  }

  private rouse(): void {
    this.wake?.()
    this.wake = undefined
  }
}
