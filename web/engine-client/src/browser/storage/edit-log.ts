// EditLog: every edit is stored before it counts as done, so that a tab that is killed loses none.
import { WeirError } from '../../errors.ts'
import { answerOf } from './database.ts'
import type { ChangeNotices } from './change-notices.ts'
import type { Connection } from './connection.ts'
import { isFlowRecord } from './flow-records.ts'
import { EDITS, FLOWS, META } from './schema.ts'
import { nextNumber } from './sequence.ts'

/** From here on the log asks for the flow to be saved; at the bound it takes no more. */
const SAVE_AT = { edits: 500, bytes: 1024 * 1024 }
const MOST = { edits: 20_000, bytes: 64 * 1024 * 1024 }

/** An operation on a flow, as JSON; the log does not look into it. */
export interface StoredEdit {
  flow: string
  /** Grows from edit to edit. */
  number: number
  /** Revision of the flow that the first edit since the last save was made on. */
  base: number
  at: number
  operation: unknown
}

export interface Appended {
  number: number
  /** The log is long: save the flow with `throughEdit`, and what it holds is folded into the revision. */
  isLong: boolean
}

export interface PendingEdits {
  edits: StoredEdit[]
  /** The flow as it is stored has the revision they were made on: they can be done again on it. Otherwise offer them. */
  fits: boolean
  /** Of the flow as it is stored; 0: there is none of that id any more. */
  revision: number
}

interface Waiting {
  edit: Omit<StoredEdit, 'number'>
  bytes: number
  done: (appended: Appended) => void
  failed: (reason: unknown) => void
}

interface EditRecord extends StoredEdit {
  bytes: number
  /** Bytes of this and all edits before it since the log was empty: the size of a stretch needs its two ends only. */
  total: number
}

/** How much of one flow is in the log. */
interface Extent {
  edits: number
  bytes: number
  total: number
}

export class EditLog {
  private waiting: Waiting[] = []
  private writing: Promise<void> | undefined

  constructor(
    private readonly connection: Connection,
    private readonly notices: ChangeNotices,
    private readonly now: () => number
  ) {}

  /**
   * Resolves once the edit is on disk, in the order of the calls; edits that come while one is written go together.
   * The caller shows the edit as done only then, or takes it back when this throws.
   */
  append(flow: string, base: number, operation: unknown): Promise<Appended> {
    const text = JSON.stringify(operation)
    return new Promise((done, failed) => {
      const edit = { flow, base, at: this.now(), operation: JSON.parse(text) as unknown }
      this.waiting.push({ edit, bytes: text.length, done, failed })
      this.writing ??= this.writeAll().finally(() => {
        this.writing = undefined
      })
    })
  }

  /** What was done since the flow was saved last. */
  pending(flow: string): Promise<PendingEdits> {
    return this.connection.read([EDITS, FLOWS], async (transaction) => {
      const record: unknown = await answerOf(transaction.objectStore(FLOWS).get(flow))
      const edits = (await recordsOf(transaction, flow)).map(withoutSize)
      const revision = isFlowRecord(record) ? record.revision : 0
      return { edits, revision, fits: edits.every(({ base }) => base === revision) }
    })
  }

  /** Flows that have edits that no saved revision holds; for the start of the app. */
  unsaved(): Promise<string[]> {
    return this.connection.read([EDITS], async (transaction) => {
      const flows: string[] = []
      const request = transaction.objectStore(EDITS).openKeyCursor()
      for (let at = await answerOf(request); at; at = await answerOf(request)) {
        const flow = (at.key as [string, number])[0]
        flows.push(flow)
        at.continue([flow, []])
      }
      return flows
    })
  }

  /** Takes edits back, or all of a flow that the person does not want. */
  async discard(flow: string, from = 0): Promise<void> {
    await this.connection.write([EDITS], { what: `the edits of flow '${flow}'` }, (transaction) => {
      transaction.objectStore(EDITS).delete(IDBKeyRange.bound([flow, from], [flow, []]))
      return Promise.resolve()
    })
    this.notices.say({ kind: 'edit', id: flow, revision: 0 })
  }

  /** Forgets the oldest edits of a flow, up to and with `through`: nobody needs them any more. */
  async forget(flow: string, through: number): Promise<void> {
    await this.connection.write([EDITS], { what: `the edits of flow '${flow}'` }, (transaction) => {
      transaction.objectStore(EDITS).delete(IDBKeyRange.bound([flow], [flow, through]))
      return Promise.resolve()
    })
  }

  private async writeAll(): Promise<void> {
    for (let group = this.waiting; group.length > 0; group = this.waiting) {
      this.waiting = []
      await this.writeGroup(group)
    }
  }

  private async writeGroup(group: Waiting[]): Promise<void> {
    const bytes = group.reduce((sum, one) => sum + one.bytes, 0)
    const first = group[0]?.edit.flow ?? ''
    const purpose = { what: group.length === 1 ? `an edit of flow '${first}'` : `${group.length} edits`, bytes }
    try {
      const appended = await this.connection.write([EDITS, META], purpose, async (transaction) => {
        const made: Appended[] = []
        const extents = new Map<string, Extent>()
        for (const { edit, bytes } of group) {
          const before = extents.get(edit.flow) ?? (await extentOf(transaction, edit.flow))
          const after = { edits: before.edits + 1, bytes: before.bytes + bytes, total: before.total + bytes }
          extents.set(edit.flow, after)
          if (after.edits > MOST.edits || after.bytes > MOST.bytes) throw tooLong(edit.flow)
          const number = await nextNumber(transaction)
          const record: EditRecord = { ...edit, number, bytes, total: after.total }
          transaction.objectStore(EDITS).add(record)
          made.push({ number, isLong: after.edits >= SAVE_AT.edits || after.bytes >= SAVE_AT.bytes })
        }
        return made
      })
      group.forEach((one, i) => {
        const { number, isLong } = appended[i] ?? { number: 0, isLong: false }
        this.notices.say({ kind: 'edit', id: one.edit.flow, revision: number })
        one.done({ number, isLong })
      })
    } catch (reason) {
      for (const one of group) one.failed(reason)
    }
  }
}

async function extentOf(transaction: IDBTransaction, flow: string): Promise<Extent> {
  const store = transaction.objectStore(EDITS)
  const all = allOf(flow)
  const [edits, first, last] = await Promise.all([
    answerOf(store.count(all)),
    answerOf(store.openCursor(all)),
    answerOf(store.openCursor(all, 'prev'))
  ])
  const oldest: unknown = first?.value
  const newest: unknown = last?.value
  if (!isEditRecord(oldest) || !isEditRecord(newest)) return { edits, bytes: 0, total: 0 }
  return { edits, bytes: newest.total - oldest.total + oldest.bytes, total: newest.total }
}

function allOf(flow: string): IDBKeyRange {
  return IDBKeyRange.bound([flow], [flow, []])
}

function tooLong(flow: string): WeirError {
  const most = `${MOST.edits} edits or ${MOST.bytes} bytes`
  return new WeirError('storage.too_large', `flow '${flow}' has ${most} that are not saved; save it first`)
}

async function recordsOf(transaction: IDBTransaction, flow: string): Promise<EditRecord[]> {
  const found: unknown[] = await answerOf(transaction.objectStore(EDITS).getAll(allOf(flow)))
  if (found.every(isEditRecord)) return found
  throw new WeirError('storage.corrupt', `an edit of flow '${flow}' is stored in a form that cannot be read`)
}

export function isEditRecord(value: unknown): value is EditRecord {
  const edit = value as Partial<EditRecord> | null
  if (typeof edit !== 'object' || edit === null || typeof edit.flow !== 'string') return false
  return [edit.number, edit.base, edit.at, edit.bytes, edit.total].every(Number.isFinite) && 'operation' in edit
}

function withoutSize({ flow, number, base, at, operation }: EditRecord): StoredEdit {
  return { flow, number, base, at, operation }
}
