// KeptRows: the newest rows of a port, as copies of the batches they came in; buffers are used again.
import type { Batch } from '@weir/engine-client'
import { copyBatch } from '../stream/copy-batch.ts'

/** A row within a batch. */
export interface RowPlace {
  batch: Batch
  row: number
}

interface Kept {
  batch: Batch
  /** Rows that came before it. */
  start: number
}

/** Buffers kept for the next batches. */
const SPARE = 4
const MOST_SPARE_BYTES = 4 << 20

/** Rows of long texts are fewer than there is room for. */
const MOST_BYTES = 64 << 20

/** Shows the newest `capacity` rows, or fewer if they take more than `mostBytes`; counts all that came. */
export class KeptRows {
  private kept: Kept[] = []
  private readonly spare: ArrayBuffer[] = []
  private came = 0

  private bytes = 0

  constructor(
    readonly capacity: number,
    private readonly mostBytes = MOST_BYTES
  ) {}

  /** All rows since the beginning. */
  get total(): number {
    return this.came
  }

  /** Number of the oldest row that is shown, from 0. */
  get first(): number {
    return Math.max(this.kept[0]?.start ?? this.came, this.came - this.capacity)
  }

  get count(): number {
    return this.came - this.first
  }

  get columns(): Batch['columns'] {
    return this.kept.at(-1)?.batch.columns ?? []
  }

  add(batch: Batch): void {
    if (batch.rows === 0 && this.kept.length > 0) return
    const copy = copyBatch(batch, this.spare.pop())
    this.kept.push({ batch: copy, start: this.came })
    this.came += batch.rows
    this.bytes += copy.buffer.byteLength
    let gone = 0
    while (gone < this.kept.length - 1 && this.isOver(gone)) {
      this.bytes -= this.kept[gone]?.batch.buffer.byteLength ?? 0
      gone++
    }
    for (const { batch: old } of this.kept.splice(0, gone)) {
      if (this.spare.length < SPARE && old.buffer.byteLength <= MOST_SPARE_BYTES) this.spare.push(old.buffer)
    }
  }

  /** Batch `index` is not needed: all rows that are to be shown lie behind it, or there is no room for it. */
  private isOver(index: number): boolean {
    return this.bytes > this.mostBytes || (this.kept[index + 1]?.start ?? 0) <= this.came - this.capacity
  }

  /** Row `number`, counted from the beginning; undefined if it is not kept. */
  at(number: number): RowPlace | undefined {
    if (number >= this.came || number < this.first) return undefined
    let low = 0
    let high = this.kept.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((this.kept[middle]?.start ?? 0) <= number) low = middle
      else high = middle - 1
    }
    const one = this.kept[low]
    return one && { batch: one.batch, row: number - one.start }
  }
}
