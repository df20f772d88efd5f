// Lists of flows: by words and tags, newest change first or by name, page after page.
import { answerOf } from './database.ts'
import type { Connection } from './connection.ts'
import { folded, headOf, invalid, isFlowRecord, isTexts, type FlowHead, type FlowRecord } from './flow-records.ts'
import { FLOWS } from './schema.ts'

const MOST_LISTED = 500

export interface FlowQuery {
  /** Every word of it is somewhere in the name, id, description or tags; case does not matter. */
  search?: string
  /** It has all of them. */
  tags?: string[]
  /** It is there or below; all if none is given. */
  folder?: string
  /** Those in the bin instead of the others. */
  bin?: boolean
  /** `changed` (the default): the newest change first. */
  order?: 'changed' | 'name'
  /** What the last page gave: goes on behind it. */
  cursor?: string
  /** 50 by default, 500 at most. */
  limit?: number
}

export interface FlowPage {
  flows: FlowHead[]
  /** null: there are no more. A flow that changes between two pages comes first again, and is not on the later ones. */
  cursor: string | null
}

export async function listFlows(connection: Connection, query: FlowQuery): Promise<FlowPage> {
  const { order = 'changed', limit = 50, bin = false } = query
  const most = Math.max(1, Math.min(limit, MOST_LISTED))
  const binned = bin ? 1 : 0
  const wanted = filterOf(query)
  const behind = query.cursor === undefined ? undefined : positionOf(query.cursor, order)
  const isByName = order === 'name'
  const range = isByName
    ? IDBKeyRange.bound([binned, ...(behind ?? [])], [binned + 1], behind !== undefined, true)
    : IDBKeyRange.bound([binned], [binned, ...(behind ?? [[]])], false, true)
  return connection.read([FLOWS], async (transaction) => {
    const index = transaction.objectStore(FLOWS).index(isByName ? 'byName' : 'byRevision')
    const request = index.openCursor(range, isByName ? 'next' : 'prev')
    const found: FlowRecord[] = []
    for (let at = await answerOf(request); at; at = await answerOf(request)) {
      const record: unknown = at.value
      if (isFlowRecord(record) && wanted(record)) {
        if (found.length === most) return { flows: found.map(headOf), cursor: cursorOf(found.at(-1), order) }
        found.push(record)
      }
      at.continue()
    }
    return { flows: found.map(headOf), cursor: null }
  })
}

function filterOf({ search = '', tags = [], folder = '' }: FlowQuery): (record: FlowRecord) => boolean {
  const words = folded(search).split(/\s+/u)
  return (record) => {
    if (folder !== '' && record.folder !== folder && !record.folder?.startsWith(`${folder}/`)) return false
    if (!tags.every((tag) => record.tags.includes(tag))) return false
    const text = folded([record.name, record.id, record.description, ...record.tags].join('\n'))
    return words.every((word) => text.includes(word))
  }
}

function cursorOf(last: FlowRecord | undefined, order: string): string | null {
  if (!last) return null
  return JSON.stringify(order === 'name' ? [last.folded, last.id] : [last.revision])
}

function positionOf(cursor: string, order: string): (string | number)[] {
  let position: unknown
  try {
    position = JSON.parse(cursor)
  } catch {
    position = undefined
  }
  if (order === 'name' && isTexts(position) && position.length === 2) return position
  if (order === 'changed' && Array.isArray(position) && position.length === 1 && Number.isSafeInteger(position[0])) {
    return position as number[]
  }
  throw invalid('the cursor of the list is none that a list of this order gave; begin again without one')
}
