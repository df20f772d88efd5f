// The one number of the database that grows with each change.
import { answerOf } from './database.ts'
import { META } from './schema.ts'

const SEQUENCE = 'sequence'

/** A number that was never given before, so that an id that is used again never meets an old revision. Needs the store META. */
export async function nextNumber(transaction: IDBTransaction): Promise<number> {
  const meta = transaction.objectStore(META)
  const last: unknown = await answerOf(meta.get(SEQUENCE))
  const next = (typeof last === 'number' ? last : 0) + 1
  meta.put(next, SEQUENCE)
  return next
}
