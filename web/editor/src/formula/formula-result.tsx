// What a formula gives on sample rows: its type, its results beside the columns that it reads.
import { count } from '@weir/ui/figures/figures.ts'
import { plainText } from '../panels/data/cell-format.ts'
import type { SampleRows } from '../panels/form/form-context.ts'
import { columnsIn } from './cel-tokens.ts'
import type { FormulaState } from './use-formula.ts'

const kShownRows = 5
const kShownColumns = 3

export const kTypeColours: Readonly<Record<string, string>> = {
  int: 'text-number',
  uint: 'text-number',
  double: 'text-number',
  string: 'text-string',
  bool: 'text-bool',
  timestamp: 'text-time',
  duration: 'text-time'
}

interface ResultProps {
  state: FormulaState
  gives: string
  sample: SampleRows
}

/** Rows of which some are kept and some are not come first: both are seen. */
function chosen(state: FormulaState, gives: string): number[] {
  const all = state.results.map((_, at) => at)
  if (gives !== 'bool')
    return [...all.filter((at) => state.results[at]?.error !== undefined).slice(0, 2), ...all]
      .filter((at, place, list) => list.indexOf(at) === place)
      .slice(0, kShownRows)
  const kept = all.filter((at) => state.results[at]?.value === true)
  const rest = all.filter((at) => state.results[at]?.value !== true)
  return [
    ...kept.slice(0, Math.max(3, kShownRows - rest.length)),
    ...rest.slice(0, Math.max(2, kShownRows - kept.length))
  ].sort((a, b) => a - b)
}

export function FormulaResult({ state, gives, sample }: ResultProps) {
  const { check, results, rows } = state
  if (check === undefined) return null
  const columns = columnsIn(state.text).slice(0, kShownColumns)
  const shown = chosen(state, gives)
  return (
    <div className="grid gap-1 text-data" aria-live="off">
      <Summary state={state} gives={gives} words={sample.words} />
      {shown.length > 0 && (
        <table className="w-full border-collapse">
          <thead>
            <tr className="border-b border-line text-left">
              <th className="w-14 py-0.5 pr-2 font-semibold">
                <span className={gives === 'bool' ? 'sr-only' : ''}>{gives === 'bool' ? 'kept' : 'result'}</span>
              </th>
              {columns.map((column) => (
                <th key={column} className="max-w-28 truncate py-0.5 pr-2 font-semibold">
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody className="font-mono">
            {shown.map((at) => (
              <tr key={at} className="border-b border-line">
                <td className="max-w-32 truncate py-0.5 pr-2">{resultCell(results[at], gives)}</td>
                {columns.map((column) => (
                  <td key={column} className="max-w-28 truncate py-0.5 pr-2 text-mute">
                    {plainText(rows[at]?.[column]) || <span className="text-faint">empty</span>}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </div>
  )
}

function resultCell(result: { value?: unknown; error?: string } | undefined, gives: string) {
  if (result?.error !== undefined)
    return (
      <span className="text-error" title={result.error}>
        ✕ {result.error}
      </span>
    )
  if (gives === 'bool')
    return result?.value === true ? (
      <span className="text-ok" role="img" aria-label="kept">
        ✓
      </span>
    ) : (
      <span className="text-faint" role="img" aria-label="not kept">
        –
      </span>
    )
  return plainText(result?.value) || <span className="text-faint">empty</span>
}

function Summary({ state, gives, words }: { state: FormulaState; gives: string; words: string }) {
  const { check, results } = state
  const failed = results.filter((result) => result.error !== undefined).length
  const kept = results.filter((result) => result.value === true).length
  const type = check?.type ?? ''
  return (
    <p className="flex flex-wrap items-center gap-x-2 text-small text-mute">
      {gives !== 'bool' && type !== '' && (
        <span>
          gives <span className={kTypeColours[type] ?? 'text-any'}>{type}</span>
        </span>
      )}
      {gives === 'bool' && results.length > 0 && (
        <span className="text-ok">
          ✓ {count(kept)} of {count(results.length)} kept
        </span>
      )}
      {failed > 0 && <span className="text-error">✕ {count(failed)} fail</span>}
      {results.length > 0 ? <span>{words}</span> : <span>no rows to try it on yet</span>}
    </p>
  )
}
