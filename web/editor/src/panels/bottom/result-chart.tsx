// The rows of an output as a chart: bars for few rows with a name each, a line for many.
import { Choice } from '@weir/ui/choice.tsx'
import { count } from '@weir/ui/figures/figures.ts'
import { useState } from 'react'
import { cellText } from '../data/cell-format.ts'
import type { RowTable, TableColumn } from '../data/row-table.ts'

const kMostBars = 60
const kMostPoints = 2000
const kWidth = 960
const kHeight = 220

function figure(value: number): string {
  return Number(value.toPrecision(9)).toLocaleString('en', { maximumFractionDigits: 6 })
}

function numberAt(table: RowTable, row: number, column: TableColumn): number | undefined {
  const value = table.value(row, column.name)
  const number = typeof value === 'number' || typeof value === 'bigint' ? Number(value) : NaN
  return Number.isFinite(number) ? number : undefined
}

export function ResultChart({ table, title, zone }: { table: RowTable; title: string; zone: string }) {
  const numbers = table.columns.filter(({ kind }) => kind === 'number')
  const names = table.columns.filter(({ kind }) => kind !== 'any')
  const name = names.find(({ kind }) => kind !== 'number') ?? names[0]
  const [of, setOf] = useState('')
  const [by, setBy] = useState('')
  const value = numbers.find((one) => one.name === of) ?? numbers.find((one) => one.name !== name?.name) ?? numbers[0]
  const label = names.find((one) => one.name === by) ?? name
  if (value === undefined || label === undefined)
    return <p className="grid h-full place-items-center text-mute">A chart needs a column of numbers; here is none.</p>
  const bars = table.length <= kMostBars
  return (
    <div className="flex h-full min-h-0 flex-col gap-2 overflow-auto p-4">
      <div className="flex flex-wrap items-end gap-4 text-data">
        <Choice label="Values" value={value.name} options={numbers.map((one) => [one.name, one.name])} choose={setOf} />
        {bars && (
          <Choice
            label="Named by"
            value={label.name}
            options={names.map((one) => [one.name, one.name])}
            choose={setBy}
          />
        )}
        <span className="ml-auto text-mute">
          {count(Math.min(table.length, kMostPoints))} of {count(table.length)} rows
        </span>
      </div>
      {bars ? (
        <Bars table={table} value={value} label={label} title={title} zone={zone} />
      ) : (
        <Line table={table} value={value} title={title} />
      )}
    </div>
  )
}

interface BarsProps {
  table: RowTable
  value: TableColumn
  label: TableColumn
  title: string
  zone: string
}

/** One below the other, from a common zero. */
function Bars({ table, value, label, title, zone }: BarsProps) {
  const rows = Array.from({ length: table.length }, (_, row) => {
    const name = table.isEmpty(row, label.name) ? 'empty' : cellText(table.value(row, label.name), label, zone)
    return { name, number: numberAt(table, row, value) }
  })
  const known = rows.flatMap(({ number }) => number ?? [])
  const most = Math.max(0, ...known)
  const least = Math.min(0, ...known)
  const span = most - least || 1
  return (
    <ul aria-label={`${value.name} of ${title}`} className="grid gap-1 text-data">
      {rows.map(({ name, number }, row) => (
        <li key={row} className="grid grid-cols-[minmax(6rem,14rem)_1fr_auto] items-center gap-3">
          <span className="truncate text-right" title={name}>
            {name}
          </span>
          <span className="relative h-4 border-l border-line" aria-hidden="true">
            {number !== undefined && (
              <span
                className="absolute inset-y-0 bg-water"
                style={{
                  left: `${((Math.min(0, number) - least) * 100) / span}%`,
                  width: `${Math.max(0.2, (Math.abs(number) * 100) / span)}%`
                }}
              />
            )}
          </span>
          <span className="font-mono tabular-nums">{number === undefined ? 'empty' : figure(number)}</span>
        </li>
      ))}
    </ul>
  )
}

/** In the order of the rows. */
function Line({ table, value, title }: Omit<BarsProps, 'label' | 'zone'>) {
  const found: number[] = []
  for (let row = 0; row < Math.min(table.length, kMostPoints); ++row) {
    const number = numberAt(table, row, value)
    if (number !== undefined) found.push(number)
  }
  if (found.length < 2) return <p className="text-mute">There are too few numbers for a line.</p>
  const least = Math.min(...found)
  const most = Math.max(...found)
  const span = most - least || 1
  const points = found.map((number, at) => {
    const x = (at * kWidth) / (found.length - 1)
    return `${x.toFixed(1)},${(kHeight - 2 - ((number - least) * (kHeight - 4)) / span).toFixed(1)}`
  })
  return (
    <figure className="grid gap-1">
      <svg
        viewBox={`0 0 ${kWidth} ${kHeight}`}
        preserveAspectRatio="none"
        className="h-56 w-full border-b border-l border-line text-water"
        role="img"
        aria-label={`${value.name} of ${title}: ${count(found.length)} values, ${figure(least)} to ${figure(most)}`}
      >
        <polyline
          points={points.join(' ')}
          fill="none"
          stroke="currentColor"
          strokeWidth="1.5"
          vectorEffect="non-scaling-stroke"
        />
      </svg>
      <figcaption className="text-small text-mute">
        {value.name}, {figure(least)} to {figure(most)}, in the order of the rows
      </figcaption>
    </figure>
  )
}
