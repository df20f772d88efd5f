// The line over a table: how many rows are shown of how many, in exact numbers.
import { count } from '@weir/ui/figures/figures.ts'
import type { EdgeRowsState } from './edge-rows.ts'

/** From ten millions on shortened, and marked as what is not exact: ≈ 52.4 M. */
function shortened(value: number): string {
  return value < 1e7 ? count(value) : `≈\u2009${(value / 1e6).toFixed(1)}\u2009M`
}

/** *showing 200 of 31,044 matches in 1,241,774 seen, 52.4 M passed* */
export function headLine(state: EdgeRowsState, where: string): string {
  return lineOf(state, where, shortened)
}

/** The same with every digit. */
export function exactLine(state: EdgeRowsState, where: string): string {
  return lineOf(state, where, count)
}

function lineOf(state: EdgeRowsState, where: string, text: (value: number) => string): string {
  const line = countLine(state, where, text)
  return state.sample === '' || state.source === 'none' ? line : `${state.sample} · ${line}`
}

function countLine(
  { table, counts, source, given }: EdgeRowsState,
  where: string,
  text: (value: number) => string
): string {
  if (source === 'none') return 'no rows'
  const shown = count(table.length)
  if (source === 'kept') {
    // Of what is not kept nobody knows whether it matches.
    const passed = given === undefined || given <= (counts?.seen ?? table.length) ? '' : `, ${text(given)} passed`
    if (counts !== undefined)
      return `showing ${shown} of ${text(counts.matched)} matches in ${text(counts.seen)} kept${passed}`
    return given === undefined ? `showing ${shown} kept` : `showing ${shown} of ${text(Math.max(given, table.length))}`
  }
  if (counts === undefined) return `showing the newest ${shown}`
  // Counts come a little later than rows: what is shown was seen.
  const { passed, failed } = counts
  const matched = Math.max(counts.matched, table.length)
  const seen = Math.max(counts.seen, matched)
  const of =
    where === ''
      ? `showing ${shown} of ${text(seen)} seen`
      : `showing ${shown} of ${text(matched)} matches in ${text(seen)} seen`
  const failing = failed > 0 ? `, the condition fails on ${text(failed)}` : ''
  return `${of}${failing}${passed <= seen ? '' : `, ${text(passed)} passed`}`
}
