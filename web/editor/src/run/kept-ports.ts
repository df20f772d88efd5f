// KeptPorts: the first rows of the ports of a run, read as they come, so that nothing waits for who looks.
import { sliceBatch } from '@weir/engine-client'
import type { Batch, Execution } from '@weir/engine-client'
import type { PortPlace } from './document-parts.ts'
import { portKey } from './run-document.ts'

/** Bytes of all ports together; what is more is not kept. */
const kMostBytes = 256 << 20

export class KeptPorts {
  private readonly batches = new Map<string, Batch[]>()
  private readonly readers: ReadableStreamDefaultReader<Batch>[] = []
  private readonly reading: Promise<void>[] = []
  private bytes = 0
  private disposed = false

  constructor(
    private readonly execution: Execution,
    outlets: readonly PortPlace[],
    private readonly mostRows: number,
    /** Told when rows came. */
    private readonly told: () => void = () => undefined
  ) {
    for (const outlet of outlets) {
      this.batches.set(portKey(outlet), [])
      const reader = execution.outlet(outlet.node, outlet.port).getReader()
      this.readers.push(reader)
      this.reading.push(this.read(portKey(outlet), reader))
    }
  }

  /** All that came has been read. */
  get settled(): Promise<unknown> {
    return Promise.all(this.reading)
  }

  /** Undefined: it is not read. */
  of(outlet: PortPlace): readonly Batch[] | undefined {
    return this.batches.get(portKey(outlet))
  }

  dispose(): void {
    this.disposed = true
    for (const reader of this.readers) reader.cancel().catch(() => undefined)
    this.batches.clear()
  }

  private async read(key: string, reader: ReadableStreamDefaultReader<Batch>): Promise<void> {
    const kept = this.batches.get(key) ?? []
    let rows = 0
    try {
      for (let next = await reader.read(); !next.done; next = await reader.read()) {
        const batch = next.value
        const room = this.mostRows - rows
        if (this.disposed || room <= 0 || this.bytes > kMostBytes) {
          this.execution.giveBack(batch)
          continue
        }
        kept.push(batch.rows > room ? sliceBatch(batch, 0, room) : batch)
        rows += Math.min(batch.rows, room)
        this.bytes += batch.bytes
        this.told()
      }
    } catch {
      // The result says why the run ended; what came before is kept.
    }
  }
}
