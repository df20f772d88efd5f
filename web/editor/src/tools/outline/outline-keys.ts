// Keys of the outline, as a tree has them: where each leads.
import type { OutlineRow } from './outline-rows.ts'

export type OutlineMove =
  { to: number; more: boolean } | { toggle: OutlineRow } | { rename: OutlineRow } | { enter: true }

type Pressed = { key: string; shiftKey: boolean; ctrlKey: boolean; metaKey: boolean; altKey: boolean }

/** The next row after `at` whose name begins with a letter, round and round. */
function byLetter(
  rows: readonly OutlineRow[],
  at: number,
  letter: string,
  nameOf: (row: OutlineRow) => string
): number {
  const wanted = letter.toLowerCase()
  for (let step = 1; step <= rows.length; ++step) {
    const index = (at + step) % rows.length
    const row = rows[index]
    if (row !== undefined && nameOf(row).toLowerCase().startsWith(wanted)) return index
  }
  return at
}

/** What a key does at a row; undefined: it is not the tree's. */
export function outlineMove(
  rows: readonly OutlineRow[],
  at: number,
  event: Pressed,
  nameOf: (row: OutlineRow) => string
): OutlineMove | undefined {
  if (event.ctrlKey || event.metaKey || event.altKey || rows.length === 0) return undefined
  const row = rows[at]
  const to = (index: number): OutlineMove => ({
    to: Math.max(0, Math.min(index, rows.length - 1)),
    more: event.shiftKey
  })
  switch (event.key) {
    case 'ArrowDown':
      return to(at + 1)
    case 'ArrowUp':
      return to(at < 0 ? 0 : at - 1)
    case 'Home':
      return to(0)
    case 'End':
      return to(rows.length - 1)
    case 'PageDown':
      return to(at + 20)
    case 'PageUp':
      return to(at - 20)
    case 'ArrowRight':
      if (row?.open === undefined) return { to: at, more: false }
      return row.open ? to(at + 1) : { toggle: row }
    case 'ArrowLeft':
      if (row?.open === true) return { toggle: row }
      return { to: row === undefined || row.parent < 0 ? at : row.parent, more: false }
    case 'Enter':
      return { enter: true }
    case 'F2':
      return row === undefined || row.kind === 'edges' ? undefined : { rename: row }
    default:
      return /^[\p{L}\p{N}]$/u.test(event.key) ? { to: byLetter(rows, at, event.key, nameOf), more: false } : undefined
  }
}
