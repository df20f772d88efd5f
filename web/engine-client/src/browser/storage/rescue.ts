// Rescue: a damaged database is kept aside, and its successor gets everything of it that can be read.
import { WeirError } from '../../errors.ts'
import { answerOf, committed } from './database.ts'
import { CHECKED_STORES, countsOf, repair, type RawRecord } from './repair.ts'
import { CURRENT_VERSION, DAMAGED, DOCUMENTS, META, migrate, MIGRATIONS } from './schema.ts'

const REPORTS = 'rescues'
const READY = 'ready'
const LOCK = 'weir-rescue:'

/** What happened to a database; kept in the one that followed it. */
export interface RescueReport {
  /** Milliseconds since 1970. */
  at: number
  why: string
  /** Name of the damaged database, which is still there; the same as `to` if it was mended in place. */
  from: string
  to: string
  /** How many of each kind are there now. */
  saved: Record<string, number>
  /** Flows that have their document but no longer their name and tags. */
  recovered: string[]
  /** What cannot be used any more, in words. */
  lost: string[]
}

/** The database that is used now: the last of a row of successors. */
export async function currentName(base: string): Promise<string> {
  const numbers = await successors(base)
  const last = Math.max(1, ...numbers)
  return nameOf(base, last)
}

/** Names of the damaged databases that are kept aside. */
export async function setAside(base: string): Promise<string[]> {
  const [current, numbers] = [await currentName(base), await successors(base)]
  return [1, ...numbers].map((number) => nameOf(base, number)).filter((name) => name !== current)
}

async function successors(base: string): Promise<number[]> {
  // Older browsers cannot list databases: there the first one is all there is.
  if (typeof (indexedDB as Partial<IDBFactory>).databases !== 'function') return []
  const names = (await indexedDB.databases()).map(({ name }) => name ?? '')
  const own = names.filter((name) => name.startsWith(`${base}~`)).map((name) => Number(name.slice(base.length + 1)))
  return own.filter((number) => Number.isSafeInteger(number) && number > 1).sort((a, b) => a - b)
}

function nameOf(base: string, number: number): string {
  return number === 1 ? base : `${base}~${number}`
}

/** A successor that a tab was killed while it filled it: the rescue is done again. */
export async function isUnfinished(db: IDBDatabase, base: string): Promise<boolean> {
  if (db.name === base) return false
  return (await answerOf(db.transaction(META).objectStore(META).get(READY))) !== true
}

/** Makes the successor of `damaged`; one tab does it, the others find it made. */
export async function rescue(base: string, damaged: string, why: string, now: number): Promise<RescueReport> {
  return alone(LOCK + base, async () => {
    const current = await currentName(base)
    // Another tab was quicker, or one was killed in the middle; then what is current is filled from the one before it.
    const to = current === damaged ? nameOf(base, numberOf(base, damaged) + 1) : current
    const db = await openRaw(to, CURRENT_VERSION)
    try {
      const last = (await reportsOf(db)).at(-1)
      if (last && !(await isUnfinished(db, base))) return last
      return await fill(db, nameOf(base, numberOf(base, to) - 1), why, now)
    } finally {
      db.close()
    }
  })
}

/** Fills a successor whose rescue was cut off, from the database before it. */
export function finishRescue(base: string, unfinished: string, now: number): Promise<RescueReport> {
  return rescue(base, nameOf(base, numberOf(base, unfinished) - 1), 'its rescue was cut off', now)
}

function numberOf(base: string, name: string): number {
  return name === base ? 1 : Number(name.slice(base.length + 1))
}

async function fill(db: IDBDatabase, damaged: string, why: string, now: number): Promise<RescueReport> {
  const raw = await readRaw(damaged)
  const { sound, damaged: aside, recovered, lost } = repair(raw.records, now)
  const report: RescueReport = {
    ...{ at: now, why, from: damaged, to: db.name },
    saved: countsOf(sound),
    recovered,
    lost: [...raw.lost, ...lost]
  }
  const known = [...db.objectStoreNames]
  const transaction = db.transaction(known, 'readwrite', { durability: 'strict' })
  for (const name of known) transaction.objectStore(name).clear()
  for (const { store, key, value } of sound) if (known.includes(store)) putRaw(transaction, store, key, value)
  for (const record of aside) transaction.objectStore(DAMAGED).put(record)
  const meta = transaction.objectStore(META)
  const before = sound.find(({ store, key }) => store === META && key === REPORTS)?.value
  meta.put([...(Array.isArray(before) ? (before as RescueReport[]) : []), report], REPORTS)
  meta.put(true, READY)
  await committed(transaction)
  return report
}

/** Every record that can be read, from whatever stores there are. */
async function readRaw(name: string): Promise<{ records: RawRecord[]; lost: string[] }> {
  const records: RawRecord[] = []
  const lost: string[] = []
  let db: IDBDatabase
  try {
    db = await openRaw(name)
  } catch (reason) {
    return { records, lost: [`everything in the database '${name}', which cannot be opened: ${wordsOf(reason)}`] }
  }
  const wanted = MIGRATIONS.flatMap((step) => step.adds.map((shape) => shape.name))
  for (const store of wanted) {
    if (!db.objectStoreNames.contains(store)) {
      lost.push(`the store '${store}', which is missing`)
      continue
    }
    try {
      const from = db.transaction(store).objectStore(store)
      for (const key of await answerOf(from.getAllKeys())) {
        try {
          records.push({ store, key, value: await answerOf(db.transaction(store).objectStore(store).get(key)) })
        } catch (reason) {
          lost.push(`a record of the store '${store}': ${wordsOf(reason)}`)
        }
      }
    } catch (reason) {
      lost.push(`the store '${store}': ${wordsOf(reason)}`)
    }
  }
  db.close()
  return { records, lost }
}

/** Looks at all records of a database that opens well, and moves aside those that cannot be read. undefined: all are sound. */
export async function mendInPlace(db: IDBDatabase, now: number): Promise<RescueReport | undefined> {
  const stores = [...CHECKED_STORES, META, DAMAGED]
  const transaction = db.transaction(stores, 'readwrite', { durability: 'strict' })
  const done = committed(transaction)
  const records: RawRecord[] = []
  for (const store of [...CHECKED_STORES, META]) {
    const from = transaction.objectStore(store)
    const keys = await answerOf(from.getAllKeys())
    const values: unknown[] = store === DOCUMENTS ? await withoutTexts(from, keys) : await answerOf(from.getAll())
    records.push(...keys.map((key, i) => ({ store, key, value: values[i] })))
  }
  const { sound, damaged, recovered, lost } = repair(records, now)
  if (damaged.length === 0 && recovered.length === 0) {
    await done
    return undefined
  }
  for (const record of damaged) {
    const store = transaction.objectStore(record.store)
    const value: unknown = await answerOf(store.get(record.key))
    transaction.objectStore(DAMAGED).put({ ...record, value })
    store.delete(record.key)
  }
  const added = new Set(recovered)
  for (const { store, key, value } of sound) {
    if (store === META || (typeof key === 'string' && added.has(key))) putRaw(transaction, store, key, value)
  }
  const why = 'records that cannot be read'
  const report: RescueReport = { at: now, why, from: db.name, to: db.name, saved: countsOf(sound), recovered, lost }
  const meta = transaction.objectStore(META)
  const before: unknown = await answerOf(meta.get(REPORTS))
  meta.put([...(Array.isArray(before) ? (before as RescueReport[]) : []), report], REPORTS)
  await done
  return report
}

/** So many documents are in memory at once. */
const DOCUMENTS_AT_ONCE = 32

/** Documents are large: of one that is a text it is enough that it is there; what is none stays. */
async function withoutTexts(store: IDBObjectStore, keys: readonly IDBValidKey[]): Promise<unknown[]> {
  const values: unknown[] = []
  for (let i = 0; i < keys.length; i += DOCUMENTS_AT_ONCE) {
    const range = IDBKeyRange.bound(keys[i], keys[Math.min(i + DOCUMENTS_AT_ONCE, keys.length) - 1])
    const some: unknown[] = await answerOf(store.getAll(range))
    values.push(...some.map((value) => (typeof value === 'string' ? undefined : (value ?? null))))
  }
  return values
}

export async function reportsOf(db: IDBDatabase): Promise<RescueReport[]> {
  const found: unknown = await answerOf(db.transaction(META).objectStore(META).get(REPORTS))
  return Array.isArray(found) ? (found as RescueReport[]) : []
}

function putRaw(transaction: IDBTransaction, name: string, key: IDBValidKey, value: unknown): void {
  const store = transaction.objectStore(name)
  if (store.keyPath === null) store.put(value, key)
  else store.put(value)
}

/** `version`: made or brought up to date; without one it is opened as it is. */
function openRaw(name: string, version?: number): Promise<IDBDatabase> {
  const request = indexedDB.open(name, version)
  request.onupgradeneeded = (event) => {
    // Without a version only a database that is not there comes here.
    if (version === undefined) request.transaction?.abort()
    else if (request.transaction) migrate(request.result, request.transaction, event.oldVersion, version)
  }
  return answerOf(request)
}

async function alone<T>(name: string, work: () => Promise<T>): Promise<T> {
  const locks = (globalThis.navigator as Partial<Navigator> | undefined)?.locks
  if (typeof locks?.request !== 'function') return work()
  let result: { value: T } | undefined
  await locks.request(name, async () => {
    result = { value: await work() }
  })
  if (!result) throw new WeirError('storage.corrupt', 'the damaged database could not be kept aside')
  return result.value
}

function wordsOf(reason: unknown): string {
  return reason instanceof Error || reason instanceof DOMException ? reason.message : String(reason)
}
