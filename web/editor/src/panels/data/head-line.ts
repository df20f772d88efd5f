// The line over a table: how many rows are shown of how many, in exact numbers.
import { count } from '@weir/ui/figures/figures.ts'
import type { EdgeRowsState } from './edge-rows.ts'

/** Of ten millions and more in millions: 52.4 M. */
function large(value: number): string {
  return value < 1e7 ? count(value) : `${(Math.floor(value / 1e5) / 10).toFixed(1)}\u2009M`
}

/** *showing 200 of 31,044 matches in 1,241,774 seen, 52.4 M passed* */
export function headLine(state: EdgeRowsState, where: string): string {
  const line = countLine(state, where)
  return state.sample === '' || state.source === 'none' ? line : `${state.sample} · ${line}`
}

function countLine({ table, counts, source }: EdgeRowsState, where: string): string {
  if (source === 'none') return 'no rows'
  const shown = count(table.length)
  if (source === 'kept') {
    if (counts === undefined) return `showing ${shown} rows kept`
    return `${shown} matches in ${count(counts.seen)} rows kept`
  }
  if (counts === undefined) return `showing ${shown} of the newest rows`
  const { matched, seen, passed } = counts
  const of =
    where === ''
      ? `showing ${shown} of ${large(seen)} seen`
      : `showing ${shown} of ${large(matched)} matches in ${large(seen)} seen`
  return passed === seen ? of : `${of}, ${large(passed)} passed`
}
