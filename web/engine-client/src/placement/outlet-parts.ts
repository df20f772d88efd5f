// OutletParts: one outlet of a run that changes its place, as one stream: part behind part, each row once.
import type { Batch } from '../batch.ts'
import { sliceBatch } from '../batch-slice.ts'
import type { Execution, PortName } from '../engine.ts'
import { asWeirError, type WeirError } from '../errors.ts'

interface Part {
  execution: Execution
  reader?: ReadableStreamDefaultReader<unknown>
  /** Rows that were handed on, in whatever place, since the segment began. */
  delivered: number
  /** Rows of this execution that were handed on already by another. */
  pass: number
}

export interface PartsOptions {
  /** No part comes behind those there are. */
  isLast: () => boolean
  /** Why there are no more rows, if the run could not end. */
  failure: () => WeirError | undefined
  /** The part's place is lost: resolves when another part stands for it, rejects if none will. */
  lost: (execution: Execution, reason: unknown) => Promise<void>
}

export class OutletParts {
  private readonly parts: Part[] = []
  private changed: () => void = () => undefined
  private isTaken = false

  constructor(
    readonly port: PortName,
    private readonly options: PartsOptions
  ) {}

  /** The rows of another segment, behind all there are. */
  append(execution: Execution): void {
    this.parts.push({ execution, delivered: 0, pass: 0 })
    this.tell()
  }

  /** The last segment, begun anew in another place. */
  replace(execution: Execution): void {
    const last = this.parts.pop()
    const delivered = last?.delivered ?? 0
    this.parts.push({ execution, delivered, pass: delivered })
    this.tell()
  }

  /** Something became known: a part was added, or none will be. */
  tell(): void {
    this.changed()
  }

  rows(): ReadableStream<unknown> {
    return this.stream<unknown>(
      (execution) => execution.rows(this.port.node, this.port.port),
      (row, part) => {
        if (part.pass > 0) {
          part.pass -= 1
          return undefined
        }
        part.delivered += 1
        return { value: row }
      }
    )
  }

  batches(): ReadableStream<Batch> {
    return this.stream<Batch>(
      (execution) => execution.outlet(this.port.node, this.port.port),
      (batch, part) => {
        const passed = Math.min(part.pass, batch.rows)
        part.pass -= passed
        part.delivered += batch.rows - passed
        return passed === batch.rows ? undefined : { value: passed === 0 ? batch : sliceBatch(batch, passed) }
      }
    )
  }

  /** False the second time. */
  take(): boolean {
    const isFirst = !this.isTaken
    this.isTaken = true
    return isFirst
  }

  private stream<T>(
    open: (execution: Execution) => ReadableStream<T>,
    fresh: (value: T, part: Part) => { value: T } | undefined
  ): ReadableStream<T> {
    let left = false
    const next = async (): Promise<{ value: T } | undefined> => {
      while (!left) {
        const part = this.parts[0]
        if (!part) {
          if (this.options.isLast()) return undefined
          await new Promise<void>((resolve) => (this.changed = resolve))
          continue
        }
        try {
          part.reader ??= open(part.execution).getReader() as ReadableStreamDefaultReader<unknown>
          const read = (await part.reader.read()) as ReadableStreamReadResult<T>
          // It was replaced meanwhile: what it gave comes again.
          if (this.parts[0] !== part) continue
          if (!read.done) {
            const found = fresh(read.value, part)
            if (found) return found
          } else if (this.parts.length > 1 || this.options.isLast()) this.parts.shift()
          else await this.whenChanged(part)
        } catch (reason) {
          const error = asWeirError(reason)
          if (this.parts[0] === part) await this.options.lost(part.execution, error)
          if (this.parts[0] === part) throw error
        }
      }
      return undefined
    }
    return new ReadableStream<T>(
      {
        pull: async (controller) => {
          const found = await next()
          if (found) controller.enqueue(found.value)
          else if (left) return
          else {
            const failure = this.options.failure()
            if (failure) throw failure
            controller.close()
          }
        },
        cancel: async () => {
          left = true
          this.tell()
          await this.parts[0]?.reader?.cancel()
        }
      },
      { highWaterMark: 0 }
    )
  }

  /** The part has ended, and whether another follows is not known yet. */
  private async whenChanged(part: Part): Promise<void> {
    while (this.parts[0] === part && this.parts.length === 1 && !this.options.isLast()) {
      await new Promise<void>((resolve) => (this.changed = resolve))
    }
  }
}
