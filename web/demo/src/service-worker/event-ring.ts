// EventRing: the numbered events of one execution, kept for readers that come back.

const MOST_EVENTS = 10_000
const MOST_BYTES = 16 << 20
/** Events that a reader may be behind before the execution waits for it. */
const AHEAD = 64

const encoder = new TextEncoder()

export class EventRing {
  private readonly events: Uint8Array[] = []
  private bytes = 0
  /** The number of the first event that is kept; events count from 1. */
  private first = 1
  private ended = false
  private readonly readers = new Set<{ at: number }>()
  private waits: (() => void)[] = []

  /** `data` is one line. Resolves when the slowest reader has come near enough. */
  async add(type: string, data: string): Promise<void> {
    const text = encoder.encode(`id: ${this.next}\nevent: ${type}\ndata: ${data}\n\n`)
    this.events.push(text)
    this.bytes += text.length
    while (this.events.length > MOST_EVENTS || (this.bytes > MOST_BYTES && this.events.length > 1)) {
      this.bytes -= this.events.shift()?.length ?? 0
      this.first += 1
    }
    this.wake()
    while ([...this.readers].some((reader) => this.next - reader.at > AHEAD)) await this.wait()
  }

  end(): void {
    this.ended = true
    this.wake()
  }

  /** False if events between `after` and now are gone. */
  has(after: number): boolean {
    return after >= this.first - 1 && after < this.next
  }

  /** The events behind number `after`, as the bytes of Server-Sent Events; it ends with the execution. */
  stream(after: number): ReadableStream<Uint8Array> {
    const reader = { at: after + 1 }
    this.readers.add(reader)
    return new ReadableStream<Uint8Array>(
      {
        pull: async (controller) => {
          while (reader.at >= this.next && !this.ended) await this.wait()
          const event = this.events[reader.at - this.first]
          if (event) {
            reader.at += 1
            controller.enqueue(event)
          } else {
            this.readers.delete(reader)
            controller.close()
          }
          this.wake()
        },
        cancel: () => {
          this.readers.delete(reader)
          this.wake()
        }
      },
      { highWaterMark: 0 }
    )
  }

  private get next(): number {
    return this.first + this.events.length
  }

  private wait(): Promise<void> {
    return new Promise((resolve) => this.waits.push(resolve))
  }

  private wake(): void {
    const waits = this.waits
    this.waits = []
    for (const wait of waits) wait()
  }
}
