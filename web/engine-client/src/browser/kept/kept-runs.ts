// KeptRuns: the records of runs that can go on, and what they take of the browser's storage.
import { StateDatabase } from '../storage/state-database.ts'
import { answerOf, committed, openDatabase, storageError } from '../storage/database.ts'
import { FILES_KEY, keptFilesOf, RUNS_FOLDER, stateKeyOf, type KeptFiles, type KeptRecord } from './kept-run.ts'

const RECORDS = 'records'
/** An interrupted run that nobody goes on with is forgotten after this time. */
export const KEPT_FOR_MS = 14 * 24 * 3_600_000

type Entries = AsyncIterable<[string, FileSystemHandle]>

/** By database, what is newer than it has it, as it had no room: for as long as this page lives, for all its engines. */
const unwritten = new Map<string, Map<string, KeptRecord>>()

function unwrittenOf(database: string): Map<string, KeptRecord> {
  const known = unwritten.get(database) ?? new Map<string, KeptRecord>()
  unwritten.set(database, known)
  return known
}

export class KeptRuns {
  private opened: Promise<IDBDatabase> | undefined
  private readonly state = new StateDatabase()
  private readonly unwritten: Map<string, KeptRecord>

  constructor(private readonly name = 'weir-kept-runs') {
    this.unwritten = unwrittenOf(name)
  }

  async put(record: KeptRecord): Promise<void> {
    await this.use('readwrite', async (store, transaction) => {
      store.put(record)
      await committed(transaction)
    })
    this.unwritten.delete(record.key)
  }

  /** As `put`; where there is no room now, this page remembers it and writes it as soon as there is. */
  async putOrRemember(record: KeptRecord): Promise<void> {
    this.unwritten.set(record.key, record)
    await this.put(record).catch(() => undefined)
  }

  async all(): Promise<KeptRecord[]> {
    const records = await this.use('readonly', async (store) => (await answerOf(store.getAll())) as KeptRecord[])
    const there = new Map(records.map((record) => [record.key, record]))
    for (const [key, record] of this.unwritten) {
      // Another page may have ended it meanwhile.
      if (!there.has(key)) this.unwritten.delete(key)
      else {
        there.set(key, record)
        await this.putOrRemember(record)
      }
    }
    return [...there.values()]
  }

  /** The newest of this run. */
  async find(id: string): Promise<KeptRecord | undefined> {
    const records = (await this.all()).filter((record) => record.id === id)
    return records.sort((a, b) => b.startedAt - a.startedAt)[0]
  }

  /** As its last checkpoint has it. */
  async files(key: string): Promise<KeptFiles | undefined> {
    return keptFilesOf(await this.state.get(stateKeyOf(key), FILES_KEY))
  }

  /** Its checkpoints, and what it has not finished writing. */
  async bytes(key: string): Promise<number> {
    const folder = await this.stage(key)
    let bytes = await this.state.bytes(stateKeyOf(key))
    if (!folder) return bytes
    for await (const [, handle] of folder as unknown as Entries) {
      if (handle.kind === 'file') bytes += (await (handle as FileSystemFileHandle).getFile()).size
    }
    return bytes
  }

  /** The run is over, or nobody wants to go on with it. */
  async forget(key: string): Promise<void> {
    this.unwritten.delete(key)
    const root = await runsFolder(false)
    await root?.removeEntry(key, { recursive: true }).catch(() => undefined)
    await this.state.forget(stateKeyOf(key))
    await this.use('readwrite', async (store, transaction) => {
      store.delete(key)
      await committed(transaction)
    })
  }

  /** Forgets what is too old; `isAlive` says which runs go on somewhere. */
  async sweep(isAlive: (record: KeptRecord) => boolean): Promise<void> {
    const records = await this.all()
    const oldest = Date.now() - KEPT_FOR_MS
    for (const record of records) {
      const { at = record.startedAt } = (await this.files(record.key)) ?? {}
      if (at < oldest && !isAlive(record)) await this.forget(record.key)
    }
  }

  private async stage(key: string): Promise<FileSystemDirectoryHandle | undefined> {
    return (await runsFolder(false))?.getDirectoryHandle(key).catch(() => undefined)
  }

  private async use<T>(
    mode: IDBTransactionMode,
    work: (store: IDBObjectStore, transaction: IDBTransaction) => Promise<T>
  ): Promise<T> {
    try {
      this.opened ??= openDatabase(this.name, 1, (db) => {
        db.createObjectStore(RECORDS, { keyPath: 'key' })
      })
      const transaction = (await this.opened).transaction(RECORDS, mode, { durability: 'strict' })
      return await work(transaction.objectStore(RECORDS), transaction)
    } catch (reason) {
      this.opened = undefined
      throw storageError(reason)
    }
  }
}

async function runsFolder(create: boolean): Promise<FileSystemDirectoryHandle | undefined> {
  try {
    return await (await navigator.storage.getDirectory()).getDirectoryHandle(RUNS_FOLDER, { create })
  } catch {
    return undefined
  }
}
