// The stores of Weir's database in the browser, and the numbered steps that bring an older one up to date.

export const FLOWS = 'flows'
export const DOCUMENTS = 'documents'
export const VERSIONS = 'versions'
export const META = 'meta'
export const RUNS = 'runs'
export const RECORDINGS = 'recordings'
export const EDITS = 'edits'
export const SETTINGS = 'settings'
export const FOLDERS = 'folders'
export const FOLDER_FILES = 'folderFiles'
export const DAMAGED = 'damaged'

interface StoreShape {
  name: string
  keyPath?: string | string[]
  autoIncrement?: boolean
  indexes?: { name: string; keyPath: string[]; unique?: boolean }[]
}

export interface Migration {
  version: number
  /** For the person who reads what an upgrade did. */
  does: string
  adds: StoreShape[]
  /** Rewrites records that are there already; within the upgrade's own transaction. */
  rewrite?: (transaction: IDBTransaction) => void
}

function byFlow(time: string): { name: string; keyPath: string[] } {
  return { name: 'byFlow', keyPath: ['flow', time, 'id'] }
}

/**
 * In order, without gaps, and never changed once released: a database of any former version goes through all that it lacks.
 */
export const MIGRATIONS: Migration[] = [
  {
    version: 1,
    does: 'flows and their versions',
    adds: [
      {
        name: FLOWS,
        keyPath: 'id',
        indexes: [
          { name: 'byRevision', keyPath: ['binned', 'revision'], unique: true },
          { name: 'byName', keyPath: ['binned', 'folded', 'id'] }
        ]
      },
      // Keyed [flow, number]: the text of a version, 0 for the draft. Apart from the heads, so that lists read no documents.
      { name: DOCUMENTS },
      { name: VERSIONS, keyPath: ['flow', 'number'] },
      { name: META }
    ]
  },
  {
    version: 2,
    does: 'runs, recordings, edits that are not saved yet, settings, the linked folder',
    adds: [
      { name: RUNS, keyPath: 'id', indexes: [{ name: 'byStart', keyPath: ['startedAt', 'id'] }, byFlow('startedAt')] },
      {
        name: RECORDINGS,
        keyPath: 'id',
        indexes: [{ name: 'byCreation', keyPath: ['createdAt', 'id'] }, byFlow('createdAt')]
      },
      { name: EDITS, keyPath: ['flow', 'number'] },
      { name: SETTINGS },
      { name: FOLDERS },
      { name: FOLDER_FILES, keyPath: 'file' },
      // Records that cannot be read: [store, key, value, why], kept until the person deletes them.
      { name: DAMAGED, autoIncrement: true }
    ]
  }
]

export const CURRENT_VERSION = MIGRATIONS.length

function add(db: IDBDatabase, shape: StoreShape): void {
  const options: IDBObjectStoreParameters = { autoIncrement: shape.autoIncrement ?? false }
  if (shape.keyPath !== undefined) options.keyPath = shape.keyPath
  const store = db.createObjectStore(shape.name, options)
  for (const { name, keyPath, unique = false } of shape.indexes ?? []) store.createIndex(name, keyPath, { unique })
}

/** Brings a database of version `from` (0: new) to `to`. */
export function migrate(db: IDBDatabase, transaction: IDBTransaction, from: number, to = CURRENT_VERSION): void {
  for (const step of MIGRATIONS) {
    if (step.version <= from || step.version > to) continue
    for (const shape of step.adds) add(db, shape)
    step.rewrite?.(transaction)
  }
}

/** What a database of the current version lacks, in words; none: its stores and indexes are all there. */
export function whatIsMissing(db: IDBDatabase): string[] {
  const shapes = MIGRATIONS.flatMap((step) => step.adds)
  const absent = shapes.filter(({ name }) => !db.objectStoreNames.contains(name))
  const missing = absent.map(({ name }) => `the store '${name}'`)
  const present = shapes.filter((shape) => !absent.includes(shape))
  if (present.length === 0) return missing
  const transaction = db.transaction(
    present.map(({ name }) => name),
    'readonly'
  )
  for (const { name, keyPath, indexes = [] } of present) {
    const store = transaction.objectStore(name)
    if (JSON.stringify(store.keyPath) !== JSON.stringify(keyPath ?? null))
      missing.push(`the key of the store '${name}'`)
    for (const index of indexes) {
      if (!store.indexNames.contains(index.name)) missing.push(`the index '${index.name}' of the store '${name}'`)
    }
  }
  return missing
}
