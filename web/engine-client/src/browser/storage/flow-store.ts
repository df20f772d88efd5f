// FlowStore: flows and their versions in the database of the browser; each call is one transaction.
import { WeirError } from '../../errors.ts'
import { answerOf } from './database.ts'
import type { ChangeNotices } from './change-notices.ts'
import type { Connection } from './connection.ts'
import { listFlows, type FlowPage, type FlowQuery } from './flow-query.ts'
import * as records from './flow-records.ts'
import type { FlowHead, FlowLabels, FlowRecord, StoredFlow, StoredVersion, VersionHead } from './flow-records.ts'
import { DOCUMENTS, EDITS, FLOWS, META, VERSIONS } from './schema.ts'
import { nextNumber } from './sequence.ts'
import { randomId } from '../../random-id.ts'

const DRAFT = 0
const ALL_OF_A_FLOW = [FLOWS, DOCUMENTS, VERSIONS, EDITS]
const MOST_VERSIONS_LISTED = 200

export interface NewFlow extends FlowLabels {
  /** Made if none is given. */
  id?: string
  document: string
}

export interface FlowChange extends FlowLabels {
  /** Without one the document stays as it is. */
  document?: string
  /** Edits of the edit log up to this number are in the document: they leave the log in the same transaction. */
  throughEdit?: number
}

export interface NewVersion {
  message?: string
  label?: string
  published?: boolean
  /** The stored draft if none is given. */
  document?: string
  /** Refused if the flow has another revision. */
  ifRevision?: number
}

/** The flow is no longer what the caller read. */
export class FlowChangedError extends WeirError {
  constructor(
    readonly flow: string,
    readonly expected: number,
    readonly current: number
  ) {
    super(
      'storage.changed',
      `flow '${flow}' was changed elsewhere: its revision is ${current}, and not ${expected}; read it again`
    )
  }
}

export class FlowStore {
  constructor(
    private readonly connection: Connection,
    private readonly notices: ChangeNotices,
    private readonly now: () => number = Date.now
  ) {}

  /** Throws storage.exists if there is one of that id, in the bin or not. */
  async create(flow: NewFlow): Promise<FlowHead> {
    const { id = randomId(), document } = flow
    if (id === '' || id.length > 400) throw records.invalid('the id of a flow has 1 to 400 characters')
    const { name = id, description = '', tags = [], folder } = records.checkedLabels(flow)
    const bytes = records.sizeOf(document)
    return this.change(id, name, bytes, async (transaction, revision) => {
      if (await this.recordOf(transaction, id)) {
        throw new WeirError('storage.exists', `there is a flow '${id}' already, perhaps in the bin; choose another id`)
      }
      const at = this.now()
      const times = { createdAt: at, changedAt: at, binnedAt: null }
      transaction.objectStore(DOCUMENTS).put(document, [id, DRAFT])
      const made = { id, name, description, tags, revision, ...times, bytes, latestVersion: 0, publishedVersion: 0 }
      return folder === undefined ? made : { ...made, folder }
    })
  }

  /** Throws storage.not_found. One that is in the bin is read like any other. */
  async read(id: string): Promise<StoredFlow> {
    const found = await this.find(id)
    if (!found) throw notFound(id)
    return found
  }

  find(id: string): Promise<StoredFlow | undefined> {
    return this.connection.read([FLOWS, DOCUMENTS], async (transaction) => {
      const record = await this.recordOf(transaction, id)
      if (!record) return undefined
      return { ...records.headOf(record), document: await documentOf(transaction, id, DRAFT) }
    })
  }

  /** Throws FlowChangedError (storage.changed) if `ifRevision` is not its revision, and then leaves it as it is. */
  replace(id: string, ifRevision: number, change: FlowChange): Promise<FlowHead> {
    const labels = records.checkedLabels(change)
    const { document, throughEdit } = change
    const bytes = document === undefined ? undefined : records.sizeOf(document)
    return this.change(id, change.name ?? id, bytes ?? 0, async (transaction, revision) => {
      const record = await this.existing(transaction, id, ifRevision)
      if (record.binned === 1) throw inBin(id)
      if (document !== undefined) transaction.objectStore(DOCUMENTS).put(document, [id, DRAFT])
      if (throughEdit !== undefined) {
        transaction.objectStore(EDITS).delete(IDBKeyRange.bound([id], [id, throughEdit]))
      }
      const head = { ...records.headOf(record), ...labels, revision, changedAt: this.now() }
      return { ...head, bytes: bytes ?? record.bytes }
    })
  }

  /** It is listed no more except with `bin: true`, and can be restored until it is purged. */
  bin(id: string, ifRevision?: number): Promise<FlowHead> {
    return this.change(id, id, 0, async (transaction, revision) => {
      const record = await this.existing(transaction, id, ifRevision)
      if (record.binned === 1) throw inBin(id)
      return { ...records.headOf(record), revision, binnedAt: this.now() }
    })
  }

  restore(id: string, ifRevision?: number): Promise<FlowHead> {
    return this.change(id, id, 0, async (transaction, revision) => {
      const record = await this.existing(transaction, id, ifRevision)
      if (record.binned === 0) throw notInBin(id)
      return { ...records.headOf(record), revision, binnedAt: null }
    })
  }

  /** Deletes for good, with all versions, what is in the bin. */
  async purge(id: string, ifRevision?: number): Promise<void> {
    await this.connection.write(ALL_OF_A_FLOW, { what: `the purge of '${id}'` }, async (transaction) => {
      const record = await this.existing(transaction, id, ifRevision)
      if (record.binned === 0) throw notInBin(id)
      removeFlow(transaction, id)
    })
    this.notices.say({ kind: 'flow', id, revision: 0 })
  }

  /** Deletes for good what has been in the bin for longer than `keepMs`; resolves with the ids. */
  async emptyBin(keepMs = 30 * 24 * 3600_000): Promise<string[]> {
    const before = this.now() - keepMs
    const gone = await this.connection.write(
      ALL_OF_A_FLOW,
      { what: 'the emptying of the bin' },
      async (transaction) => {
        const binned = IDBKeyRange.bound([1], [2], false, true)
        const all: unknown[] = await answerOf(transaction.objectStore(FLOWS).index('byRevision').getAll(binned))
        const old = all.filter(records.isFlowRecord).filter((record) => record.binnedAt <= before)
        for (const { id } of old) removeFlow(transaction, id)
        return old.map(({ id }) => id)
      }
    )
    for (const id of gone) this.notices.say({ kind: 'flow', id, revision: 0 })
    return gone
  }

  /** Throws storage.invalid for a cursor that no list gave. */
  list(query: FlowQuery = {}): Promise<FlowPage> {
    return listFlows(this.connection, query)
  }

  /** Keeps a version for good; the draft and its revision stay as they are. */
  async appendVersion(flow: string, version: NewVersion = {}): Promise<VersionHead> {
    const { message = '', label = '', published = false, ifRevision, document } = version
    const given = document === undefined ? undefined : records.sizeOf(document)
    const purpose = { what: `a version of flow '${flow}'`, ...(given === undefined ? {} : { bytes: given }) }
    const head = await this.connection.write([FLOWS, DOCUMENTS, VERSIONS], purpose, async (transaction) => {
      const record = await this.existing(transaction, flow, ifRevision)
      if (record.binned === 1) throw inBin(flow)
      const text = document ?? (await documentOf(transaction, flow, DRAFT))
      const number = record.latestVersion + 1
      const bytes = given ?? record.bytes
      const made: VersionHead = { flow, number, label, message, published, createdAt: this.now(), bytes }
      transaction.objectStore(VERSIONS).add(made)
      transaction.objectStore(DOCUMENTS).add(text, [flow, number])
      const publishedVersion = published ? number : record.publishedVersion
      transaction.objectStore(FLOWS).put({ ...record, latestVersion: number, publishedVersion })
      return made
    })
    this.notices.say({ kind: 'version', id: flow, revision: head.number })
    return head
  }

  /** Newest first; `before`: only older ones than this number. */
  listVersions(flow: string, { before, limit = 50 }: { before?: number; limit?: number } = {}): Promise<VersionHead[]> {
    const most = Math.max(1, Math.min(limit, MOST_VERSIONS_LISTED))
    return this.connection.read([FLOWS, VERSIONS], async (transaction) => {
      if (!(await this.recordOf(transaction, flow))) throw notFound(flow)
      const range = IDBKeyRange.bound([flow], [flow, before ?? []], false, true)
      const found: VersionHead[] = []
      const request = transaction.objectStore(VERSIONS).openCursor(range, 'prev')
      for (let at = await answerOf(request); at && found.length < most; at = await answerOf(request)) {
        const head: unknown = at.value
        if (!records.isVersionHead(head)) throw damaged(`a version of flow '${flow}'`)
        found.push(head)
        at.continue()
      }
      return found
    })
  }

  getVersion(flow: string, number: number): Promise<StoredVersion> {
    return this.connection.read([VERSIONS, DOCUMENTS], async (transaction) => {
      const head: unknown = await answerOf(transaction.objectStore(VERSIONS).get([flow, number]))
      if (head === undefined) {
        throw new WeirError('storage.not_found', `flow '${flow}' has no version ${number}; list its versions`)
      }
      if (!records.isVersionHead(head)) throw damaged(`version ${number} of flow '${flow}'`)
      return { ...head, document: await documentOf(transaction, flow, number) }
    })
  }

  private async change(
    id: string,
    name: string,
    bytes: number,
    work: (transaction: IDBTransaction, revision: number) => Promise<FlowHead>
  ): Promise<FlowHead> {
    const stores = [FLOWS, DOCUMENTS, EDITS, META]
    const head = await this.connection.write(stores, { what: `flow '${name}'`, bytes }, async (transaction) => {
      const changed = await work(transaction, await nextNumber(transaction))
      transaction.objectStore(FLOWS).put(records.recordOf(changed))
      return changed
    })
    this.notices.say({ kind: 'flow', id, revision: head.revision })
    return head
  }

  private async recordOf(transaction: IDBTransaction, id: string): Promise<FlowRecord | undefined> {
    const found: unknown = await answerOf(transaction.objectStore(FLOWS).get(id))
    if (found === undefined || records.isFlowRecord(found)) return found
    throw damaged(`flow '${id}'`)
  }

  private async existing(transaction: IDBTransaction, id: string, ifRevision?: number): Promise<FlowRecord> {
    const record = await this.recordOf(transaction, id)
    if (!record) throw notFound(id)
    if (ifRevision === undefined || ifRevision === record.revision) return record
    throw new FlowChangedError(id, ifRevision, record.revision)
  }
}

async function documentOf(transaction: IDBTransaction, flow: string, number: number): Promise<string> {
  const text: unknown = await answerOf(transaction.objectStore(DOCUMENTS).get([flow, number]))
  if (typeof text === 'string') return text
  throw damaged(number === DRAFT ? `the document of flow '${flow}'` : `version ${number} of flow '${flow}'`)
}

function removeFlow(transaction: IDBTransaction, id: string): void {
  const all = IDBKeyRange.bound([id], [id, []])
  transaction.objectStore(FLOWS).delete(id)
  transaction.objectStore(DOCUMENTS).delete(all)
  transaction.objectStore(VERSIONS).delete(all)
  transaction.objectStore(EDITS).delete(all)
}

function damaged(what: string): WeirError {
  return new WeirError('storage.corrupt', `${what} is stored in a form that cannot be read`)
}

function notFound(id: string): WeirError {
  return new WeirError('storage.not_found', `there is no flow '${id}'`)
}

function inBin(id: string): WeirError {
  return new WeirError('storage.in_bin', `flow '${id}' is in the bin; restore it first`)
}

function notInBin(id: string): WeirError {
  return new WeirError('storage.not_in_bin', `flow '${id}' is not in the bin; put it there first`)
}
