// Compares the rows of two runs: which came, which are gone, which are others; by the values of a key, or by position.
import { copyText } from '../data/cell-format.ts'
import type { RowTable, TableColumn } from '../data/row-table.ts'

export interface ChangedRow {
  kind: 'added' | 'gone' | 'changed'
  /** The key, or the number of the row. */
  at: string
  /** Of the row as it is now; of one that is gone as it was. */
  cells: readonly string[]
  /** Of a changed row: as it was, where it is another; others are undefined. */
  before: readonly (string | undefined)[]
}

export interface TableChanges {
  columns: readonly string[]
  added: number
  gone: number
  changed: number
  same: number
  /** The first of them, `kShownChanges` at most. */
  rows: readonly ChangedRow[]
}

export const kShownChanges = 500

/** The first column whose values are all there and all different in both; empty: none, and rows are told by position. */
export function keyOf(now: RowTable, before: RowTable): string {
  const known = new Set(before.columns.map(({ name }) => name))
  const fits = (table: RowTable, column: TableColumn): boolean => {
    const seen = new Set<string>()
    for (let row = 0; row < table.length; ++row) {
      if (table.isEmpty(row, column.name)) return false
      const text = copyText(table.value(row, column.name), column)
      if (seen.has(text)) return false
      seen.add(text)
    }
    return true
  }
  const kinds: readonly string[] = ['int', 'uint', 'string', 'timestamp', 'bool']
  return (
    now.columns.find((one) => known.has(one.name) && kinds.includes(one.type) && fits(now, one) && fits(before, one))
      ?.name ?? ''
  )
}

/** `key`: a column of both; empty: the first row is compared with the first. Of rows of one key the last counts. */
export function compareTables(now: RowTable, before: RowTable, key: string): TableChanges {
  const columns = [...new Map([...now.columns, ...before.columns].map((one) => [one.name, one])).values()]
  const textsOf = (table: RowTable, row: number): string[] =>
    columns.map((column) => (table.isEmpty(row, column.name) ? '' : copyText(table.value(row, column.name), column)))
  const at = columns.findIndex(({ name }) => name === key)
  const keyed = (table: RowTable): Map<string, number> => {
    const found = new Map<string, number>()
    for (let row = 0; row < table.length; ++row) {
      const column = columns[at]
      found.set(column === undefined ? String(row + 1) : copyText(table.value(row, column.name), column), row)
    }
    return found
  }
  const [is, was] = [keyed(now), keyed(before)]
  const rows: ChangedRow[] = []
  const counts = { added: 0, gone: 0, changed: 0, same: 0 }
  const note = (row: ChangedRow): void => {
    ++counts[row.kind]
    if (rows.length < kShownChanges) rows.push(row)
  }
  for (const [name, row] of is) {
    const old = was.get(name)
    const cells = textsOf(now, row)
    if (old === undefined) {
      note({ kind: 'added', at: name, cells, before: [] })
      continue
    }
    const then = textsOf(before, old)
    const others = then.map((text, index) => (text === cells[index] ? undefined : text))
    if (others.every((text) => text === undefined)) ++counts.same
    else note({ kind: 'changed', at: name, cells, before: others })
  }
  for (const [name, row] of was)
    if (!is.has(name)) note({ kind: 'gone', at: name, cells: textsOf(before, row), before: [] })
  return { columns: columns.map(({ name }) => name), ...counts, rows }
}
