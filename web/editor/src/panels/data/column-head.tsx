// The head of a column: its name, type and zone, and bars of what is in it, over the shown rows.
import { count } from '@weir/ui/figures/figures.ts'
import { cellText } from './cell-format.ts'
import type { Bar, ColumnFacts } from './column-facts.ts'
import type { GridChoice, Sorting } from './grid-state.ts'
import type { CellKind, TableColumn } from './row-table.ts'

export const kKindColours: Readonly<Record<CellKind, string>> = {
  number: 'text-number',
  string: 'text-string',
  bool: 'text-bool',
  time: 'text-time',
  any: 'text-any'
}

interface HeadProps {
  column: TableColumn
  at: number
  facts: ColumnFacts | undefined
  zone: string
  width: number
  choice: GridChoice | undefined
  choose: (choice: GridChoice) => void
  sorting: Sorting | undefined
}

/** *int*, *time, Europe/Berlin*, *text, 61 % empty*. */
export function typeText(column: TableColumn, facts: ColumnFacts | undefined, zone: string): string {
  const type = column.type === 'string' ? 'text' : column.type === 'timestamp' ? `time, ${zone}` : column.type
  const all = (facts?.count ?? 0) + (facts?.empty ?? 0)
  const empty = all === 0 ? 0 : Math.round(((facts?.empty ?? 0) * 100) / all)
  return empty === 0 ? type : `${type}, ${empty} % empty`
}

export function barText(bar: Bar, column: TableColumn, zone: string): string {
  const text = (value: number): string =>
    column.type === 'timestamp' ? cellText(Math.round(value), column, zone) : String(Number(value.toPrecision(6)))
  const what = bar.value ?? (bar.from === bar.to ? text(bar.from) : `${text(bar.from)} to ${text(bar.to)}`)
  return `${what}: ${count(bar.count)} in the shown rows`
}

export function ColumnHead({ column, at, facts, zone, width, choice, choose, sorting }: HeadProps) {
  const chosen = choice?.kind === 'column' && choice.column === at
  const colour = kKindColours[column.kind]
  const right = column.kind === 'number'
  return (
    <div
      role="columnheader"
      aria-colindex={at + 1}
      aria-sort={sorting === undefined ? 'none' : sorting.down ? 'descending' : 'ascending'}
      className={`flex shrink-0 flex-col px-3 pt-1.5 ${chosen ? 'bg-water-dim' : ''}`}
      style={{ width }}
    >
      <button
        type="button"
        className={`flex min-w-0 items-baseline gap-1.5 text-left ${right ? 'justify-end' : ''}`}
        title={`${column.name}: ${typeText(column, facts, zone)}`}
        onClick={() => {
          choose({ kind: 'column', column: at })
        }}
      >
        <span className="truncate font-semibold">{column.name}</span>
        <span className={`truncate text-small ${colour}`}>{typeText(column, facts, zone)}</span>
        {sorting !== undefined && <span aria-hidden="true">{sorting.down ? '↓' : '↑'}</span>}
      </button>
      <div className={`mt-auto mb-1 flex h-5 items-end gap-px ${colour} ${right ? 'justify-end' : ''}`}>
        {(facts?.bars ?? []).map((bar, index) => {
          const on = choice?.kind === 'bar' && choice.column === at && choice.bar === index
          return (
            <button
              key={index}
              type="button"
              tabIndex={-1}
              aria-label={barText(bar, column, zone)}
              title={barText(bar, column, zone)}
              className="group flex h-5 max-w-4 min-w-1 flex-1 items-end"
              onClick={() => {
                choose({ kind: 'bar', column: at, bar: index })
              }}
            >
              <span
                className={`block w-full bg-current ${on ? 'outline-2 outline-water' : 'opacity-70 group-hover:opacity-100'}`}
                style={{ height: bar.count === 0 ? 1 : Math.max(2, Math.round(bar.height * 18)) }}
              />
            </button>
          )
        })}
      </div>
    </div>
  )
}
