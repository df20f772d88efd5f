// What a condition does to all rows that the tab holds, beside what the one before did; rows with another fate stand in front.
import { count } from '@weir/ui/figures/figures.ts'
import { useState } from 'react'
import { plainText } from '../panels/data/cell-format.ts'
import { isoText } from '../panels/data/row-table.ts'
import type { RowTable } from '../panels/data/row-table.ts'
import { columnsIn } from './cel-tokens.ts'
import { differenceWords, kFates } from './fates.ts'
import type { Fate, FateChange } from './fates.ts'
import type { FatesState } from './use-fates.ts'

/** Rows that are shown at first, and as often as more are asked for. */
const kFirst = 6
const kMore = 100
const kShownColumns = 3

interface ResultProps {
  fates: FatesState
  /** The condition before, as it was; empty: there was none. */
  since: string
  /** Compares with the condition as it is now from now on. */
  startHere: () => void
}

export function FateResult({ fates, since, startHere }: ResultProps) {
  const { held, after, before, changes } = fates
  const compared = after.text !== before.text
  const than = since.trim() === '' ? 'without a condition' : 'before'
  return (
    <div className="grid gap-1 text-data" data-fates="">
      <p className="flex flex-wrap items-baseline gap-x-2 text-small text-mute" role="status">
        <span>
          <span className={after.kept > 0 ? 'text-ok' : 'text-warn'}>
            <span aria-hidden="true">{after.kept > 0 ? '✓' : '▲'}</span> {count(after.kept)} kept
          </span>
          {compared && <span className="text-text">, {differenceWords(before, after, changes, than)}</span>}
        </span>
        {after.failed > 0 && (
          <span className="text-error">
            <span aria-hidden="true">✕</span> {count(after.failed)} fail
          </span>
        )}
        <span>{held.words}</span>
      </p>
      {compared && since.trim() !== '' && (
        <p className="flex min-w-0 items-baseline gap-2 text-small text-mute">
          <span className="min-w-0 truncate" title={since}>
            before: <code>{since}</code>
          </span>
          <button type="button" className="ml-auto shrink-0 text-water hover:underline" onClick={startHere}>
            compare from here
          </button>
        </p>
      )}
      <FateRows key={`${before.text}\n${after.text}`} {...fates} />
    </div>
  )
}

/** Those with another fate first; without any, some that are kept and some that are not. */
export function rowsInFront({ after, changes }: Pick<FatesState, 'after' | 'changes'>): FateChange[] {
  const still = (wanted: Fate, most: number): FateChange[] => {
    const found: FateChange[] = []
    const code = kFates.indexOf(wanted)
    for (let row = 0; row < after.fates.length && found.length < most; ++row)
      if (after.fates[row] === code) found.push({ row, from: wanted, to: wanted })
    return found
  }
  if (changes.length > 0) return [...changes]
  const some = [...still('failed', 2), ...still('kept', 4), ...still('dropped', 3)]
  return some.slice(0, kFirst).sort((a, b) => a.row - b.row)
}

function FateRows({ held, after, before, changes }: FatesState) {
  const [most, setMost] = useState(kFirst)
  const front = rowsInFront({ after, changes })
  const { table } = held
  const read = [...new Set([...columnsIn(after.text), ...columnsIn(before.text)])]
  const known = read.filter((name) => table.columns.some((column) => column.name === name)).slice(0, kShownColumns)
  // What tells the row apart, if the condition does not read it.
  const [first] = table.columns
  const columns =
    first === undefined || known.includes(first.name) ? known : [first.name, ...known].slice(0, kShownColumns)
  if (front.length === 0) return null
  return (
    <>
      <div className={most > kFirst ? 'max-h-72 overflow-auto' : ''} tabIndex={most > kFirst ? 0 : undefined}>
        <table
          className="w-full table-fixed border-collapse"
          aria-label={changes.length > 0 ? 'Rows with another fate' : 'Some rows'}
        >
          <thead>
            <tr className="border-b border-line text-left">
              <th className="w-16 py-0.5 pr-2 font-semibold">
                <span className="sr-only">fate</span>
              </th>
              {columns.map((column) => (
                <th key={column} className="truncate py-0.5 pr-2 font-semibold" title={column}>
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody className="font-mono">
            {front.slice(0, most).map((change) => (
              <FateRow
                key={change.row}
                change={change}
                cells={columns.map((column) => cellWords(table, change.row, column))}
                reason={after.reasons.get(change.row)}
              />
            ))}
          </tbody>
        </table>
      </div>
      {front.length > most && (
        <button
          type="button"
          className="justify-self-start text-small text-water hover:underline"
          onClick={() => {
            setMost(most + kMore)
          }}
        >
          showing {count(most)} of {count(front.length)}: show more
        </button>
      )}
    </>
  )
}

function cellWords(table: RowTable, row: number, column: string): string {
  const value = table.value(row, column)
  const isTime = table.columns.find(({ name }) => name === column)?.type === 'timestamp'
  return value !== null && isTime ? isoText(value) : plainText(value)
}

const kMarks: Readonly<Record<Fate, readonly [mark: string, words: string, colour: string]>> = {
  kept: ['✓', 'kept', 'text-ok'],
  dropped: ['–', 'dropped', 'text-mute'],
  failed: ['✕', 'fails', 'text-error']
}

function FateRow({
  change,
  cells,
  reason
}: {
  change: FateChange
  cells: readonly string[]
  reason: string | undefined
}) {
  const { from, to } = change
  const [mark, words, colour] = kMarks[to]
  const [oldMark, oldWords, oldColour] = kMarks[from]
  const said = from === to ? words : `${oldWords} before, ${words} now`
  return (
    <>
      <tr className={reason === undefined ? 'border-b border-line' : ''}>
        <td className="whitespace-nowrap py-0.5 pr-2" title={said}>
          <span role="img" aria-label={said}>
            {from !== to && (
              <>
                <span className={oldColour}>{oldMark}</span>
                <span className="text-faint"> → </span>
              </>
            )}
            <span className={colour}>{mark}</span>
          </span>
        </td>
        {cells.map((cell, at) => (
          <td key={at} className="truncate py-0.5 pr-2 text-mute" title={cell}>
            {cell === '' ? <span className="text-faint">empty</span> : cell}
          </td>
        ))}
      </tr>
      {reason !== undefined && (
        <tr className="border-b border-line">
          <td />
          <td colSpan={Math.max(1, cells.length)} className="pb-0.5 text-small text-error">
            {reason}
          </td>
        </tr>
      )}
    </>
  )
}
