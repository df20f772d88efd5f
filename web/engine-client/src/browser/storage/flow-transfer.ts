// Whole flows in and out of the database: with their versions and the edits that are not saved yet.
import { answerOf } from './database.ts'
import type { Connection } from './connection.ts'
import { isEditRecord } from './edit-log.ts'
import { headOf, isFlowRecord, isVersionHead, recordOf, sizeOf, type FlowHead, type WholeFlow } from './flow-records.ts'
import { DOCUMENTS, EDITS, FLOWS, META, VERSIONS } from './schema.ts'
import { nextNumber } from './sequence.ts'

const STORES = [FLOWS, DOCUMENTS, VERSIONS, EDITS, META]

/** What is done with a flow whose id is taken: `both` gives the new one another id, `replace` puts the old one into the bin. */
export type Clash = 'both' | 'replace' | 'skip'

export interface TakenIn {
  id: string
  /** The id it has now, or the one that its predecessor got in the bin. */
  otherId: string
  outcome: 'added' | 'both' | 'replaced' | 'skipped' | 'same'
}

/** undefined: it was purged meanwhile, or cannot be read. */
export function wholeFlow(connection: Connection, id: string): Promise<WholeFlow | undefined> {
  return connection.read(STORES, (transaction) => readWhole(transaction, id))
}

async function readWhole(transaction: IDBTransaction, id: string): Promise<WholeFlow | undefined> {
  const all = IDBKeyRange.bound([id], [id, []])
  const record: unknown = await answerOf(transaction.objectStore(FLOWS).get(id))
  const document: unknown = await answerOf(transaction.objectStore(DOCUMENTS).get([id, 0]))
  if (!isFlowRecord(record) || typeof document !== 'string') return undefined
  const heads: unknown[] = await answerOf(transaction.objectStore(VERSIONS).getAll(all))
  const edits: unknown[] = await answerOf(transaction.objectStore(EDITS).getAll(all))
  const whole: WholeFlow = { head: headOf(record), document, versions: [], edits: [] }
  for (const head of heads.filter(isVersionHead)) {
    const text: unknown = await answerOf(transaction.objectStore(DOCUMENTS).get([id, head.number]))
    if (typeof text === 'string') whole.versions.push({ ...head, document: text })
  }
  whole.edits = edits.filter(isEditRecord).map(({ operation }) => operation)
  return whole
}

/** Stores a whole flow in one transaction. One that is there already with the same content is left alone. */
export function takeIn(
  connection: Connection,
  flow: WholeFlow,
  choose: (mine: FlowHead, theirs: FlowHead) => Clash,
  now: number
): Promise<TakenIn> {
  const { id } = flow.head
  const purpose = { what: `flow '${flow.head.name}'`, bytes: sizeOf(flow.document) }
  return connection.write(STORES, purpose, async (transaction) => {
    const mine = await readWhole(transaction, id)
    if (!mine) {
      await put(transaction, id, flow)
      return { id, otherId: id, outcome: 'added' }
    }
    if (isSame(mine, flow)) return { id, otherId: id, outcome: 'same' }
    const clash = choose(mine.head, flow.head)
    if (clash === 'skip') return { id, otherId: id, outcome: 'skipped' }
    const otherId = await freeId(transaction, id)
    if (clash === 'both') {
      await put(transaction, otherId, withId(flow, otherId))
      return { id, otherId, outcome: 'both' }
    }
    const binned = withId(mine, otherId)
    await put(transaction, otherId, { ...binned, head: { ...binned.head, binnedAt: mine.head.binnedAt ?? now } })
    const all = IDBKeyRange.bound([id], [id, []])
    for (const store of [DOCUMENTS, VERSIONS, EDITS]) transaction.objectStore(store).delete(all)
    await put(transaction, id, flow)
    return { id, otherId, outcome: 'replaced' }
  })
}

async function put(transaction: IDBTransaction, id: string, flow: WholeFlow): Promise<void> {
  const revision = await nextNumber(transaction)
  const numbers = flow.versions.map(({ number }) => number)
  const published = flow.versions.filter((version) => version.published).map(({ number }) => number)
  const head: FlowHead = {
    ...flow.head,
    id,
    revision,
    bytes: sizeOf(flow.document),
    latestVersion: Math.max(0, ...numbers),
    publishedVersion: Math.max(0, ...published)
  }
  transaction.objectStore(FLOWS).put(recordOf(head))
  const documents = transaction.objectStore(DOCUMENTS)
  documents.put(flow.document, [id, 0])
  for (const { document, ...version } of flow.versions) {
    transaction.objectStore(VERSIONS).put({ ...version, flow: id })
    documents.put(document, [id, version.number])
  }
  let total = 0
  for (const operation of flow.edits) {
    const bytes = JSON.stringify(operation).length
    total += bytes
    const number = await nextNumber(transaction)
    transaction
      .objectStore(EDITS)
      .put({ flow: id, number, base: revision, at: flow.head.changedAt, operation, bytes, total })
  }
}

async function freeId(transaction: IDBTransaction, id: string): Promise<string> {
  for (let number = 2; ; number++) {
    const candidate = `${id}-${number}`
    if ((await answerOf(transaction.objectStore(FLOWS).getKey(candidate))) === undefined) return candidate
  }
}

/** Equal in all that a person sees; revisions are of one database only. */
function isSame(mine: WholeFlow, theirs: WholeFlow): boolean {
  return contentOf(mine) === contentOf(theirs)
}

function contentOf({ head, document, versions, edits }: WholeFlow): string {
  const { name, description, tags, binnedAt } = head
  const ofVersions = versions.map(({ number, label, message, published, document }) => {
    return [number, label, message, published, document]
  })
  return JSON.stringify([name, description, tags, binnedAt === null, document, ofVersions, edits])
}

/** The id stands in the documents too. */
function withId(flow: WholeFlow, id: string): WholeFlow {
  const renamed = (document: string): string => documentWithId(document, flow.head.id, id)
  const versions = flow.versions.map((version) => ({ ...version, document: renamed(version.document) }))
  return { ...flow, document: renamed(flow.document), versions }
}

/** A document that is not readable, or has another id, stays as it is. */
export function documentWithId(document: string, from: string, to: string): string {
  try {
    const parsed = JSON.parse(document) as { id?: unknown } | null
    if (typeof parsed !== 'object' || parsed?.id !== from) return document
    return `${JSON.stringify({ ...parsed, id: to }, null, 2)}\n`
  } catch {
    return document
  }
}
