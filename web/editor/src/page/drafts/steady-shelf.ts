// SteadyDraftShelf: the shelf of this browser, and the memory of the page where the browser denies storage.
import { MemoryOperationStore } from '@weir/flow-model'
import type { OperationStore, StoredGesture } from '@weir/flow-model'
import type { DraftShelf, KeptCopy, ShelvedDraft } from './draft-shelf.ts'

/** A shelf that is gone with the page. */
export class MemoryDraftShelf implements DraftShelf {
  private readonly drafts = new Map<string, ShelvedDraft>()
  private readonly logs = new Map<string, MemoryOperationStore>()
  private kept: readonly KeptCopy[] = []
  private last = 0

  read(key: string): Promise<ShelvedDraft | undefined> {
    return Promise.resolve(this.drafts.get(key))
  }

  write(draft: ShelvedDraft): Promise<void> {
    this.drafts.set(draft.key, draft)
    return Promise.resolve()
  }

  forget(key: string): Promise<void> {
    this.drafts.delete(key)
    this.logs.delete(key)
    return Promise.resolve()
  }

  operations(key: string): OperationStore {
    const store = this.logs.get(key) ?? new MemoryOperationStore()
    this.logs.set(key, store)
    return store
  }

  copies(key: string): Promise<readonly KeptCopy[]> {
    return Promise.resolve(this.kept.filter((copy) => copy.key === key).sort((a, b) => b.at - a.at))
  }

  keepCopy(copy: Omit<KeptCopy, 'id'>): Promise<void> {
    this.last += 1
    this.kept = [...this.kept, { ...copy, id: this.last }]
    return Promise.resolve()
  }

  dropCopy(id: number): Promise<void> {
    this.kept = this.kept.filter((copy) => copy.id !== id)
    return Promise.resolve()
  }
}

/** The log of one draft, wherever the shelf turns out to be. */
class SteadyOperations implements OperationStore {
  constructor(
    private readonly shelf: () => Promise<DraftShelf>,
    private readonly key: string
  ) {}

  async append(gestures: readonly StoredGesture[]): Promise<void> {
    await (await this.shelf()).operations(this.key).append(gestures)
  }

  async readSince(sequence: number): Promise<readonly StoredGesture[]> {
    return (await this.shelf()).operations(this.key).readSince(sequence)
  }

  async trim(sequence: number): Promise<void> {
    await (await this.shelf()).operations(this.key).trim(sequence)
  }
}

/**
 * Tries `kept` once, by a reading, and stays with it if that comes to an answer; else drafts are in memory as long as the page is
 * there, and `denied` is told so. One for the page.
 */
export class SteadyDraftShelf implements DraftShelf {
  private chosen: Promise<DraftShelf> | undefined

  constructor(
    private readonly kept: DraftShelf,
    private readonly denied: () => void
  ) {}

  async read(key: string): Promise<ShelvedDraft | undefined> {
    return (await this.shelf()).read(key)
  }

  async write(draft: ShelvedDraft): Promise<void> {
    await (await this.shelf()).write(draft)
  }

  async forget(key: string): Promise<void> {
    await (await this.shelf()).forget(key)
  }

  operations(key: string): OperationStore {
    return new SteadyOperations(() => this.shelf(), key)
  }

  async copies(key: string): Promise<readonly KeptCopy[]> {
    return (await this.shelf()).copies(key)
  }

  async keepCopy(copy: Omit<KeptCopy, 'id'>): Promise<void> {
    await (await this.shelf()).keepCopy(copy)
  }

  async dropCopy(id: number): Promise<void> {
    await (await this.shelf()).dropCopy(id)
  }

  private shelf(): Promise<DraftShelf> {
    this.chosen ??= this.choose()
    return this.chosen
  }

  private async choose(): Promise<DraftShelf> {
    try {
      await this.kept.read('')
      return this.kept
    } catch {
      this.denied()
      return new MemoryDraftShelf()
    }
  }
}
