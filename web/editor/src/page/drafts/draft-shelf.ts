// DraftShelf: drafts as this browser has them, with the log of what was done, so that neither a reload nor a server that is away loses work.
import type { OperationStore, StoredGesture } from '@weir/flow-model'

/** A draft as it was when it was last put on the shelf. */
export interface ShelvedDraft {
  /** Home and flow. */
  key: string
  text: string
  /** The last entry of the log that is in `text`. */
  sequence: number
  /** What the home had when it was read or written last, and the revision of that. */
  base: string
  revision: string
  /** Epoch milliseconds. */
  at: number
}

/** A version of somebody's work that was kept aside, so that it is not lost. */
export interface KeptCopy {
  id: number
  key: string
  /** Such as *Draft of 12:04, before the changes of others*. */
  name: string
  text: string
  /** Epoch milliseconds. */
  at: number
}

export interface DraftShelf {
  read(key: string): Promise<ShelvedDraft | undefined>
  write(draft: ShelvedDraft): Promise<void>
  /** Forgets a draft with its log; copies stay. */
  forget(key: string): Promise<void>
  operations(key: string): OperationStore
  copies(key: string): Promise<readonly KeptCopy[]>
  keepCopy(copy: Omit<KeptCopy, 'id'>): Promise<void>
  dropCopy(id: number): Promise<void>
}

const kDatabase = 'weir-drafts'
const kVersion = 1

function answer<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => {
      resolve(request.result)
    }
    request.onerror = () => {
      reject(request.error ?? new Error('the browser keeps nothing'))
    }
  })
}

function finished(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => {
      resolve()
    }
    transaction.onabort = () => {
      reject(transaction.error ?? new Error('the browser could not keep the draft'))
    }
  })
}

function opened(name: string): Promise<IDBDatabase> {
  const request = indexedDB.open(name, kVersion)
  request.onupgradeneeded = () => {
    const database = request.result
    database.createObjectStore('drafts', { keyPath: 'key' })
    database.createObjectStore('operations', { keyPath: ['key', 'sequence'] })
    const copies = database.createObjectStore('copies', { keyPath: 'id', autoIncrement: true })
    copies.createIndex('byKey', 'key')
  }
  return answer(request)
}

function allOf(key: string): IDBKeyRange {
  return IDBKeyRange.bound([key], [key, []])
}

/** The log of one draft on the shelf. */
class ShelvedOperations implements OperationStore {
  constructor(
    private readonly shelf: BrowserDraftShelf,
    private readonly key: string
  ) {}

  append(gestures: readonly StoredGesture[]): Promise<void> {
    return this.shelf.change(['operations'], (transaction) => {
      const store = transaction.objectStore('operations')
      for (const { sequence, text } of gestures) store.put({ key: this.key, sequence, text })
    })
  }

  async readSince(sequence: number): Promise<readonly StoredGesture[]> {
    const range = IDBKeyRange.bound([this.key, sequence], [this.key, []], true)
    return this.shelf.look('operations', (store) => store.getAll(range) as IDBRequest<StoredGesture[]>)
  }

  trim(sequence: number): Promise<void> {
    return this.shelf.change(['operations'], (transaction) => {
      transaction.objectStore('operations').delete(IDBKeyRange.bound([this.key], [this.key, sequence]))
    })
  }
}

/** The shelf in IndexedDB; several tabs may have it open. `close` frees it. */
export class BrowserDraftShelf implements DraftShelf {
  private database: Promise<IDBDatabase> | undefined

  constructor(private readonly name = kDatabase) {}

  read(key: string): Promise<ShelvedDraft | undefined> {
    return this.look('drafts', (store) => store.get(key) as IDBRequest<ShelvedDraft | undefined>)
  }

  write(draft: ShelvedDraft): Promise<void> {
    return this.change(['drafts'], (transaction) => {
      transaction.objectStore('drafts').put(draft)
    })
  }

  forget(key: string): Promise<void> {
    return this.change(['drafts', 'operations'], (transaction) => {
      transaction.objectStore('drafts').delete(key)
      transaction.objectStore('operations').delete(allOf(key))
    })
  }

  operations(key: string): OperationStore {
    return new ShelvedOperations(this, key)
  }

  async copies(key: string): Promise<readonly KeptCopy[]> {
    const found = await this.look('copies', (store) => store.index('byKey').getAll(key) as IDBRequest<KeptCopy[]>)
    return found.sort((a, b) => b.at - a.at)
  }

  keepCopy(copy: Omit<KeptCopy, 'id'>): Promise<void> {
    return this.change(['copies'], (transaction) => {
      transaction.objectStore('copies').add(copy)
    })
  }

  dropCopy(id: number): Promise<void> {
    return this.change(['copies'], (transaction) => {
      transaction.objectStore('copies').delete(id)
    })
  }

  async close(): Promise<void> {
    const database = await this.database?.catch(() => undefined)
    database?.close()
    this.database = undefined
  }

  /** For the parts of the shelf: one transaction that is all or nothing. */
  async change(stores: readonly string[], work: (transaction: IDBTransaction) => void): Promise<void> {
    const transaction = (await this.open()).transaction([...stores], 'readwrite')
    const end = finished(transaction)
    work(transaction)
    await end
  }

  /** For the parts of the shelf: one reading. */
  async look<T>(store: string, work: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
    const transaction = (await this.open()).transaction([store], 'readonly')
    return answer(work(transaction.objectStore(store)))
  }

  private open(): Promise<IDBDatabase> {
    this.database ??= opened(this.name).then((database) => {
      const close = (): void => {
        database.close()
        this.database = undefined
      }
      // A newer page in another tab is not kept waiting.
      database.onversionchange = close
      database.onclose = close
      return database
    })
    this.database.catch(() => {
      this.database = undefined
    })
    return this.database
  }
}
