// The fields of a held row as they were edited, as values of their types; or why one is none.
import type { HeldRow } from '@weir/engine-client'

export interface ReadHeld {
  changed: boolean
  /** Fields that have another value. */
  row: Record<string, unknown>
  wrong: ReadonlyMap<string, string>
}

const kFail = Symbol('no value')

function readField(text: string, type: string): unknown {
  if (type === 'string') return text
  const trimmed = text.trim()
  if (trimmed === '' || trimmed === 'null') return null
  if (type === 'bool') return trimmed === 'true' ? true : trimmed === 'false' ? false : kFail
  if (type === 'int' || type === 'uint') return /^-?\d+$/.test(trimmed) ? whole(trimmed) : kFail
  if (type === 'double') return Number.isFinite(Number(trimmed)) ? Number(trimmed) : kFail
  if (type === 'timestamp' || type === 'duration' || type === 'bytes') return text
  try {
    return JSON.parse(text) as unknown
  } catch {
    return kFail
  }
}

/** Beyond 2^53 as text, which the engine reads as the whole number that it is. */
function whole(text: string): unknown {
  const number = Number(text)
  return Number.isSafeInteger(number) ? number : text
}

/** @param edits Texts by field, for those that were typed into. */
export function readHeld(held: Pick<HeldRow, 'types'>, edits: ReadonlyMap<string, string>): ReadHeld {
  const row: Record<string, unknown> = {}
  const wrong = new Map<string, string>()
  for (const [name, text] of edits) {
    const type = held.types[name] ?? 'string'
    const value = readField(text, type)
    if (value === kFail) wrong.set(name, `"${text}" is no ${type}.`)
    else row[name] = value
  }
  return { changed: edits.size > 0, row, wrong }
}
