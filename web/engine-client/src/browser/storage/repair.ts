// Repair: sorts the records of a database into what is sound, what can be mended, and what cannot be read.
import { isEditRecord } from './edit-log.ts'
import { folded, isFlowRecord, isVersionHead, type FlowRecord } from './flow-records.ts'
import { isRecording } from './recordings.ts'
import { isStoredRun } from './run-history.ts'
import { DOCUMENTS, EDITS, FLOWS, META, RECORDINGS, RUNS, SETTINGS, VERSIONS } from './schema.ts'

/** A record as it lies in a store. Of a document that was not looked at the value is undefined. */
export interface RawRecord {
  store: string
  key: IDBValidKey
  value: unknown
}

export interface Repair {
  /** To be stored; among them what was mended. */
  sound: RawRecord[]
  /** To be kept aside. */
  damaged: (RawRecord & { why: string })[]
  /** Ids of flows whose entry was lost, and that have their document still. */
  recovered: string[]
  /** What cannot be used any more, in words. */
  lost: string[]
}

const CHECKS: Record<string, (value: unknown) => boolean> = {
  [FLOWS]: isFlowRecord,
  [VERSIONS]: isVersionHead,
  [RUNS]: isStoredRun,
  [RECORDINGS]: isRecording,
  [EDITS]: isEditRecord
}

const WORDS: Record<string, string> = {
  [FLOWS]: 'flow',
  [DOCUMENTS]: 'document',
  [VERSIONS]: 'version',
  [RUNS]: 'run',
  [RECORDINGS]: 'recording',
  [EDITS]: 'edit'
}

/** Stores whose records are looked at; the values of others are whatever they are. */
export const CHECKED_STORES = [FLOWS, DOCUMENTS, VERSIONS, RUNS, RECORDINGS, EDITS]

export function repair(records: RawRecord[], now: number): Repair {
  const result: Repair = { sound: [], damaged: [], recovered: [], lost: [] }
  const drafts = new Map<string, unknown>()
  const texts = new Set<string>()
  for (const { store, key, value } of records) {
    if (store !== DOCUMENTS || !isDocumentKey(key) || !isDocument(value)) continue
    texts.add(JSON.stringify(key))
    if (key[1] === 0) drafts.set(key[0], value)
  }
  const flows = new Map<string, FlowRecord>()
  let highest = 0
  for (const record of records) {
    const why = whatIsWrong(record, texts)
    if (why !== undefined) {
      result.damaged.push({ ...record, why })
      result.lost.push(`${WORDS[record.store] ?? 'record'} ${JSON.stringify(record.key)}: ${why}`)
      continue
    }
    result.sound.push(record)
    if (record.store === FLOWS) flows.set((record.value as FlowRecord).id, record.value as FlowRecord)
    if (record.store === EDITS) highest = Math.max(highest, (record.key as [string, number])[1])
    highest = Math.max(highest, record.store === FLOWS ? (record.value as FlowRecord).revision : 0)
  }
  for (const [id, document] of drafts) {
    if (flows.has(id)) continue
    highest += 1
    const value = recoveredFlow(id, document, highest, now)
    result.sound.push({ store: FLOWS, key: id, value })
    result.recovered.push(id)
  }
  mendSequence(result, highest)
  return result
}

function whatIsWrong({ store, key, value }: RawRecord, texts: Set<string>): string | undefined {
  if (store === DOCUMENTS) {
    return isDocumentKey(key) && isDocument(value) ? undefined : 'it is no text'
  }
  const isSound = CHECKS[store]
  if (isSound && !isSound(value)) return 'it is stored in a form that cannot be read'
  const hasText = (flow: string, number: number): boolean => texts.has(JSON.stringify([flow, number]))
  if (store === FLOWS && !hasText((value as FlowRecord).id, 0)) return 'its document is gone'
  if (store === VERSIONS && isVersionHead(value) && !hasText(value.flow, value.number)) return 'its document is gone'
  return undefined
}

function isDocumentKey(key: IDBValidKey): key is [string, number] {
  return Array.isArray(key) && key.length === 2 && typeof key[0] === 'string' && typeof key[1] === 'number'
}

function isDocument(value: unknown): boolean {
  return typeof value === 'string' || value === undefined
}

/** Its name and tags are lost; the id and the document are not. */
function recoveredFlow(id: string, document: unknown, revision: number, now: number): FlowRecord {
  const bytes = typeof document === 'string' ? new TextEncoder().encode(document).length : 0
  const numbers = { revision, createdAt: now, changedAt: now, bytes, latestVersion: 0, publishedVersion: 0 }
  const name = `${id} (recovered)`
  return { id, name, description: '', tags: [], ...numbers, binned: 0, binnedAt: 0, folded: folded(name) }
}

/** Numbers that were given are not given again, even if the count itself was lost. */
function mendSequence(result: Repair, highest: number): void {
  const at = result.sound.findIndex(({ store, key }) => store === META && key === 'sequence')
  const found = at < 0 ? undefined : result.sound[at]?.value
  if (typeof found === 'number' && found >= highest) return
  if (at >= 0) result.sound.splice(at, 1)
  result.sound.push({ store: META, key: 'sequence', value: highest })
}

/** Such as "2 flows, 1 setting". */
export function countsOf(records: RawRecord[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { store } of records) {
    if (store === META || store === DOCUMENTS) continue
    const name = store === SETTINGS ? 'settings' : store
    counts[name] = (counts[name] ?? 0) + 1
  }
  return counts
}
