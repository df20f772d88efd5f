// What is chosen in a table of rows, and what its keys do.
import type { RowTable } from './row-table.ts'

export type GridChoice =
  /** A cell, and the rows from `anchor` to it. */
  | { kind: 'cell'; row: number; column: number; anchor: number }
  | { kind: 'column'; column: number }
  /** A bar of a column's histogram. */
  | { kind: 'bar'; column: number; bar: number }

export interface Sorting {
  column: string
  down: boolean
}

/** More rows than this are not sorted in the page. */
export const kMostSorted = 50_000

function compare(a: unknown, b: unknown): number {
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : a > b ? 1 : 0
  const [left, right] = [a, b] as [number, number]
  if (left === right) return 0
  // What is no number stands behind those that are.
  if (Number.isNaN(left)) return Number.isNaN(right) ? 0 : 1
  return Number.isNaN(right) || left < right ? -1 : 1
}

/** In the shown rows; empty cells last. Equal ones keep their order. */
export function sorted(table: RowTable, sorting: Sorting | undefined): RowTable {
  if (sorting === undefined || table.length > kMostSorted) return table
  const { column, down } = sorting
  const values = Array.from({ length: table.length }, (_, row) => {
    const value = table.value(row, column)
    return typeof value === 'object' && value !== null
      ? JSON.stringify(value)
      : typeof value === 'boolean'
        ? Number(value)
        : value
  })
  const places = Array.from(values, (_, place) => place)
  places.sort((a, b) => {
    const [left, right] = [values[a] ?? null, values[b] ?? null]
    if (left === null || right === null) return left === right ? a - b : left === null ? 1 : -1
    const order = typeof left === typeof right || typeof left !== 'string' ? compare(left, right) : 1
    return (down ? -order : order) || a - b
  })
  return table.reordered(Uint32Array.from(places))
}

/** Where a key leads; undefined: the key means nothing here. */
export function moved(
  choice: GridChoice | undefined,
  key: string,
  shift: boolean,
  size: { rows: number; columns: number; page: number }
): GridChoice | undefined {
  const from =
    choice?.kind === 'cell' ? choice : { kind: 'cell' as const, row: -1, column: choice?.column ?? 0, anchor: 0 }
  const steps: Readonly<Record<string, readonly [number, number]>> = {
    ArrowUp: [-1, 0],
    ArrowDown: [1, 0],
    ArrowLeft: [0, -1],
    ArrowRight: [0, 1],
    PageUp: [-size.page, 0],
    PageDown: [size.page, 0],
    Home: [0, -size.columns],
    End: [0, size.columns]
  }
  const step = Object.hasOwn(steps, key) ? steps[key] : undefined
  if (step === undefined || size.rows === 0) return undefined
  const row = Math.max(0, Math.min(size.rows - 1, from.row + step[0]))
  const column = Math.max(0, Math.min(size.columns - 1, from.column + step[1]))
  return { kind: 'cell', row, column, anchor: shift ? from.anchor : row }
}
