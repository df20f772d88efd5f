// What is other than in the last run: rows that came, that are gone, that changed, told by a key or by position.
import { Choice } from '@weir/ui/choice.tsx'
import { count, time } from '@weir/ui/figures/figures.ts'
import { shownZone, usePreferences } from '@weir/ui/preferences.ts'
import { useMemo, useState } from 'react'
import type { LastResult } from '../../run/last-results.ts'
import { RowTable } from '../data/row-table.ts'
import { compareTables, keyOf } from './compare-tables.ts'
import type { ChangedRow } from './compare-tables.ts'

const kSigns: Readonly<Record<ChangedRow['kind'], readonly [string, string, string]>> = {
  added: ['+', 'text-ok', 'added'],
  gone: ['−', 'text-error', 'gone'],
  changed: ['~', 'text-warn', 'changed']
}

export function ResultChanges({ table, last, title }: { table: RowTable; last: LastResult; title: string }) {
  const zone = shownZone(usePreferences((preferences) => preferences.timeZone))
  const before = useMemo(() => new RowTable(last.batches), [last])
  const found = useMemo(() => keyOf(table, before), [table, before])
  const [chosen, setChosen] = useState<string | undefined>(undefined)
  const key = chosen ?? found
  const changes = useMemo(() => compareTables(table, before, key), [table, before, key])
  const { columns, rows, added, gone, changed, same } = changes
  const shared = table.columns.filter(({ name }) => before.columns.some((one) => one.name === name))
  const all = added + gone + changed
  return (
    <div className="flex h-full min-h-0 flex-col">
      <div className="flex min-h-10 flex-wrap items-center gap-4 px-4 py-1 text-data">
        <span role="status">
          {all === 0 ? (
            <span className="text-ok">✓ all {count(same)} rows are as they were</span>
          ) : (
            <>
              <span className="text-ok">{count(added)} added</span> ·{' '}
              <span className="text-error">{count(gone)} gone</span> ·{' '}
              <span className="text-warn">{count(changed)} changed</span> · {count(same)} the same
            </>
          )}
          <span className="text-mute">, against the run of {time(last.endedAt, zone)}</span>
        </span>
        <Choice
          className="ml-auto"
          label="Rows are told by"
          bare
          value={key}
          options={[['', 'told by position'], ...shared.map(({ name }) => [name, `told by ${name}`] as const)]}
          choose={setChosen}
        />
      </div>
      {all > 0 && (
        <div
          className="min-h-0 flex-1 overflow-auto border-t border-line"
          tabIndex={0}
          role="region"
          aria-label={`Changes of ${title}`}
        >
          <table className="min-w-full text-left font-mono text-data">
            <thead className="sticky top-0 bg-panel">
              <tr>
                <th className="px-3 py-1 font-normal text-mute">change</th>
                {columns.map((name) => (
                  <th key={name} className="px-3 py-1 font-sans font-semibold">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map((row, at) => (
                <Changed key={at} row={row} />
              ))}
            </tbody>
          </table>
          {all > rows.length && (
            <p className="px-4 py-1 text-small text-mute">
              the first {count(rows.length)} of {count(all)}
            </p>
          )}
        </div>
      )}
    </div>
  )
}

function Changed({ row }: { row: ChangedRow }) {
  const [sign, colour, words] = kSigns[row.kind]
  return (
    <tr className="border-t border-line">
      <td className={`px-3 whitespace-nowrap ${colour}`}>
        {sign} {words}
      </td>
      {row.cells.map((text, at) => {
        const old = row.before[at]
        return (
          <td key={at} className="max-w-80 truncate px-3" title={old === undefined ? text : `${old} → ${text}`}>
            {old !== undefined && <del className="mr-1 text-faint">{old === '' ? 'empty' : old}</del>}
            {row.kind === 'gone' ? <del>{text}</del> : <span className={old === undefined ? '' : colour}>{text}</span>}
          </td>
        )
      })}
    </tr>
  )
}
