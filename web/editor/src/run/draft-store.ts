// Drafts in this browser: the log of a document in the storage's edit log, so that a reload or another tab goes on with it.
import { asWeirError } from '@weir/engine-client'
import type { BrowserStorage, StoredEdit } from '@weir/engine-client/storage'
import { MemoryOperationStore } from '@weir/flow-model'
import type { OperationStore, StoredGesture } from '@weir/flow-model'

/** An entry of the log: a gesture; or that the document, with this sum, is as it was behind a gesture. */
type Entry = { sequence: number; text: string } | { savedAt: number; sum: string }

const kUnavailable = ['storage.unavailable', 'storage.blocked', 'storage.newer']

/** Whether the storage can be used at all. */
export function isDenied(reason: unknown): boolean {
  return kUnavailable.includes(asWeirError(reason).code)
}

/** Tells a document from others; not for secrets. */
export function sumOf(text: string): string {
  let high = 0xdeadbeef
  let low = 0x41c6ce57
  for (let i = 0; i < text.length; ++i) {
    const unit = text.charCodeAt(i)
    high = Math.imul(high ^ unit, 2654435761)
    low = Math.imul(low ^ unit, 1597334677)
  }
  return `${(high >>> 0).toString(16)}-${(low >>> 0).toString(16)}-${String(text.length)}`
}

/** The log of one flow, over the storage of the browser; where that is denied, in memory. */
export class DraftStore implements OperationStore {
  private memory: MemoryOperationStore | undefined
  /** Numbers of the storage by sequence. */
  private readonly numbers = new Map<number, number>()
  private marks: { savedAt: number; sum: string; number: number }[] = []
  /** The log grows long: `trim` is due. */
  isLong = false

  constructor(
    private readonly storage: BrowserStorage | undefined,
    readonly flow: string,
    /** Told once why nothing is kept. */
    private readonly onDenied: (reason: string) => void = () => undefined
  ) {
    if (storage === undefined) this.memory = new MemoryOperationStore()
  }

  get isInMemory(): boolean {
    return this.memory !== undefined
  }

  append(gestures: readonly StoredGesture[]): Promise<void> {
    return this.kept(
      async (storage) => {
        const made = await Promise.all(
          gestures.map(({ sequence, text }) => storage.edits.append(this.flow, 0, { sequence, text } satisfies Entry))
        )
        gestures.forEach(({ sequence }, i) => this.numbers.set(sequence, made[i]?.number ?? 0))
        this.isLong ||= made.some(({ isLong }) => isLong)
      },
      (memory) => memory.append(gestures)
    )
  }

  readSince(sequence: number): Promise<readonly StoredGesture[]> {
    return this.kept(
      async (storage) => {
        const { edits } = await storage.edits.pending(this.flow)
        const found = new Map<number, StoredGesture>()
        this.marks = []
        for (const edit of edits) {
          const entry = entryOf(edit)
          if (entry === undefined) continue
          if ('savedAt' in entry) this.marks.push({ ...entry, number: edit.number })
          else {
            this.numbers.set(entry.sequence, edit.number)
            // What is appended again after a failure that was none is there twice.
            found.set(entry.sequence, entry)
          }
        }
        return [...found.values()].filter((each) => each.sequence > sequence).sort((a, b) => a.sequence - b.sequence)
      },
      (memory) => memory.readSince(sequence)
    )
  }

  trim(sequence: number): Promise<void> {
    return this.kept(
      async (storage) => {
        const gone = [...this.numbers].filter(([known]) => known <= sequence)
        const through = Math.max(0, ...gone.map(([, number]) => number))
        if (through === 0) return
        // What was saved last has to be found again.
        const last = this.marks.at(-1)
        await storage.edits.forget(this.flow, through)
        if (last !== undefined && last.number <= through) await this.mark(last.savedAt, last.sum)
        for (const [known] of gone) this.numbers.delete(known)
        this.isLong = false
      },
      (memory) => memory.trim(sequence)
    )
  }

  /** Says, before it is saved, that the document with this sum is as it was behind `sequence`. */
  mark(savedAt: number, sum: string): Promise<void> {
    return this.kept(
      async (storage) => {
        const { number } = await storage.edits.append(this.flow, 0, { savedAt, sum } satisfies Entry)
        this.marks.push({ savedAt, sum, number })
      },
      () => Promise.resolve()
    )
  }

  /** The entry behind which the document was as it is; undefined: never, it is not of this log. After `readSince`. */
  sequenceOf(sum: string): number | undefined {
    return this.marks.findLast((mark) => mark.sum === sum)?.savedAt
  }

  /** The last entry that was saved; 0: none. */
  get lastSaved(): number {
    return this.marks.at(-1)?.savedAt ?? 0
  }

  /** The log begins anew. */
  clear(): Promise<void> {
    this.numbers.clear()
    this.marks = []
    return this.kept(
      (storage) => storage.edits.discard(this.flow),
      (memory) => memory.trim(Number.MAX_SAFE_INTEGER)
    )
  }

  /** In the storage; where that turns out to be denied, in memory from then on. */
  private async kept<T>(
    inStorage: (storage: BrowserStorage) => Promise<T>,
    inMemory: (memory: MemoryOperationStore) => Promise<T>
  ): Promise<T> {
    if (this.memory !== undefined || this.storage === undefined) {
      this.memory ??= new MemoryOperationStore()
      return inMemory(this.memory)
    }
    try {
      return await inStorage(this.storage)
    } catch (reason) {
      if (!isDenied(reason)) throw reason
      this.memory = new MemoryOperationStore()
      this.onDenied(asWeirError(reason).message)
      return inMemory(this.memory)
    }
  }
}

function entryOf({ operation }: StoredEdit): Entry | undefined {
  const found = operation as Record<string, unknown> | null
  if (typeof found !== 'object' || found === null) return undefined
  const { sequence, text, savedAt, sum } = found
  if (typeof sequence === 'number' && typeof text === 'string') return { sequence, text }
  if (typeof savedAt === 'number' && typeof sum === 'string') return { savedAt, sum }
  return undefined
}
