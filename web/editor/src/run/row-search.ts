// What is looked for when somebody asks where a row is: a value in any of its cells, a whole row, or a formula.
import { columnText } from '../formula/cel-tokens.ts'
import { rewriteHabits } from '../formula/habits.ts'
import { celValue } from '../panels/data/offers.ts'
import type { RowTable } from '../panels/data/row-table.ts'

/** How what was typed is meant. */
export type Meant = 'value' | 'part' | 'formula'

export interface RowSearch {
  meant: Meant
  /** CEL over a row. */
  where: string
}

/** What reads a row or a packet is a formula; in quotes, or anything else, it is a value. */
export function readSearch(typed: string, inPart = false): RowSearch {
  const text = typed.trim()
  const quoted = /^"([^"]*)"$/s.exec(text)
  if (quoted === null && /\brow\s*[.[]|\bpacket\s*\./.test(text))
    return { meant: 'formula', where: rewriteHabits(text, []).text }
  const value = quoted?.[1] ?? text
  return { meant: inPart ? 'part' : 'value', where: inPart ? partCondition(value) : valueCondition(value) }
}

/** Some cell is this value: a text, or a number however it is written. */
function valueCondition(value: string): string {
  const texts = new Set([value])
  const number = Number(value)
  if (value !== '' && Number.isFinite(number)) texts.add(String(number))
  return `row.exists(k, string(row[k]) in ${JSON.stringify([...texts])})`
}

/** Some cell has this in it. */
function partCondition(value: string): string {
  return `row.exists(k, string(row[k]).contains(${JSON.stringify(value)}))`
}

/**
 * A condition that this row meets; others do only if they are the same in all that can be compared. Times are left out where two
 * other columns tell rows apart: those that a source takes from the clock are others in each run.
 */
export function sameRow(table: RowTable, row: number): string {
  const timeless = table.columns.filter(({ type }) => type !== 'timestamp')
  const columns = timeless.length < 2 ? table.columns : timeless
  const parts = columns.flatMap((column) => {
    const value = celValue(table.value(row, column.name), column)
    return value === undefined ? [] : [`${columnText(column.name)} == ${value}`]
  })
  return parts.length === 0 ? 'true' : parts.join(' && ')
}
