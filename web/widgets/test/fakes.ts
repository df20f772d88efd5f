// Frames, visibility and outlets that a test moves by hand.
import type { Batch } from '@weir/engine-client'
import type { FrameHost } from '../src/frame/frame-clock.ts'
import type { Visibility } from '../src/frame/visibility.ts'

export class HandFrames implements FrameHost {
  private calls = new Map<number, () => void>()
  private last = 0
  time = 0

  request(call: () => void): number {
    this.calls.set(++this.last, call)
    return this.last
  }

  cancel(frame: number): void {
    this.calls.delete(frame)
  }

  now(): number {
    return this.time
  }

  get pending(): number {
    return this.calls.size
  }

  /** One frame. */
  step(): void {
    this.time += 16
    const calls = [...this.calls.values()]
    this.calls.clear()
    for (const call of calls) call()
  }
}

export class HandVisibility implements Visibility {
  hidden = false
  private readonly listeners = new Set<(hidden: boolean) => void>()

  watch(listener: (hidden: boolean) => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  set(hidden: boolean): void {
    this.hidden = hidden
    for (const listener of [...this.listeners]) listener(hidden)
  }
}

/** An outlet to push batches into; `pulls` counts what readers asked for. */
export class HandOutlet {
  readonly stream: ReadableStream<Batch>
  pulls = 0
  cancelled = false
  private controller!: ReadableStreamDefaultController<Batch>

  constructor() {
    this.stream = new ReadableStream<Batch>(
      {
        start: (controller) => {
          this.controller = controller
        },
        pull: () => {
          this.pulls++
        },
        cancel: () => {
          this.cancelled = true
        }
      },
      { highWaterMark: 0 }
    )
  }

  push(batch: Batch): void {
    this.controller.enqueue(batch)
  }

  end(): void {
    this.controller.close()
  }

  fail(reason: unknown): void {
    this.controller.error(reason)
  }
}

/** Lets all promises that can go on do so. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0))
}
