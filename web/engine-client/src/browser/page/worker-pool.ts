// WorkerPool: a worker for each run; some stay warm between runs, and no more than a bound exist.
import { EngineFault, WeirError } from '../../errors.ts'
import { WorkerSlot } from './worker-slot.ts'
import type { LogLevel } from '../../wasm/engine-module.ts'

export interface PoolOptions {
  module: WebAssembly.Module
  /** Where zones.bin is. */
  zones?: string
  makeWorker: () => Worker
  /** Workers that stay when nothing runs. */
  warm: number
  /** Workers at most; who wants one more waits. */
  most: number
  log: (level: LogLevel, node: string, message: string) => void
}

export class WorkerPool {
  private readonly all = new Set<WorkerSlot>()
  private readonly idle: WorkerSlot[] = []
  private readonly waiting: ((slot: WorkerSlot) => void)[] = []
  private closed = false

  constructor(private readonly options: PoolOptions) {}

  get size(): number {
    return this.all.size
  }

  /** A worker of one's own, until it is given back. */
  async take(): Promise<WorkerSlot> {
    if (this.closed) throw new WeirError('run.ended', 'the engine is closed')
    const slot =
      this.idle.pop() ?? this.make() ?? (await new Promise<WorkerSlot>((resolve) => this.waiting.push(resolve)))
    try {
      await slot.ready
    } catch (reason) {
      if (reason instanceof EngineFault) this.replace()
      throw reason
    }
    return slot
  }

  give(slot: WorkerSlot): void {
    if (!this.all.has(slot)) return
    const next = this.waiting.shift()
    if (next) next(slot)
    else if (this.idle.length < this.options.warm && !this.closed) this.idle.push(slot)
    else slot.end('it is not needed any more')
  }

  close(): void {
    this.closed = true
    for (const slot of [...this.all]) slot.end('the engine was closed')
  }

  private make(): WorkerSlot | undefined {
    if (this.all.size >= this.options.most) return undefined
    const { module, zones, log } = this.options
    const start = { module, ...(zones !== undefined && { zones }) }
    const slot = new WorkerSlot(this.options.makeWorker(), start, log)
    this.all.add(slot)
    void slot.ended.then(() => {
      this.all.delete(slot)
      const at = this.idle.indexOf(slot)
      if (at >= 0) this.idle.splice(at, 1)
      this.replace()
    })
    return slot
  }

  /** A worker has ended: who waits gets a new one. */
  private replace(): void {
    if (this.closed || this.waiting.length === 0) return
    const slot = this.make()
    if (slot) this.waiting.shift()?.(slot)
  }
}
