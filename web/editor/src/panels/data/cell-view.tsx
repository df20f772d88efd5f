// Another view beside the rows: a cell as JSON, text or bytes, or a column of numbers as a line.
import { Button } from '@weir/ui/button.tsx'
import { hexText, jsonText, plainText } from './cell-format.ts'
import type { GridChoice } from './grid-state.ts'
import { isoText } from './row-table.ts'
import type { RowTable, TableColumn } from './row-table.ts'

interface ViewProps {
  table: RowTable
  choice: GridChoice
  close: () => void
}

const kEncoder = new TextEncoder()
const kMostBytes = 4096
const kMostPoints = 2000

export function CellView({ table, choice, close }: ViewProps) {
  const column = table.columns[choice.column]
  if (column === undefined || choice.kind === 'bar') return null
  return (
    <section
      aria-label={`View of ${column.name}`}
      className="flex w-80 shrink-0 flex-col gap-2 overflow-auto border-l border-line p-3 text-data"
    >
      <div className="flex items-center">
        <h3 className="font-semibold">{column.name}</h3>
        <Button look="quiet" className="ml-auto" aria-label="Close the view" onClick={close}>
          ✕
        </Button>
      </div>
      {choice.kind === 'cell' ? (
        <OneCell value={table.value(choice.row, column.name)} column={column} />
      ) : (
        <OneColumn table={table} column={column} />
      )}
    </section>
  )
}

function OneCell({ value, column }: { value: unknown; column: TableColumn }) {
  if (value === null) return <p className="text-faint">empty</p>
  const text =
    column.type === 'timestamp'
      ? isoText(value)
      : typeof value === 'object' && !(value instanceof Uint8Array)
        ? jsonText(value, 2)
        : plainText(value)
  const bytes = value instanceof Uint8Array ? value : typeof value === 'string' ? kEncoder.encode(value) : undefined
  return (
    <>
      {!(value instanceof Uint8Array) && <pre className="font-mono break-words whitespace-pre-wrap">{text}</pre>}
      {bytes !== undefined && (
        <details open={value instanceof Uint8Array}>
          <summary className="text-mute">{bytes.length.toLocaleString('en')} bytes</summary>
          <pre className="mt-1 font-mono text-small whitespace-pre-wrap text-mute">{hexText(bytes, kMostBytes)}</pre>
        </details>
      )}
    </>
  )
}

/** The values in the order of the shown rows. */
function OneColumn({ table, column }: { table: RowTable; column: TableColumn }) {
  const values: number[] = []
  for (let row = 0; row < Math.min(kMostPoints, table.length); ++row) {
    const value = table.value(row, column.name)
    if (typeof value === 'number' || typeof value === 'bigint') values.push(Number(value))
  }
  const finite = values.filter(Number.isFinite)
  if (finite.length < 2)
    return (
      <p className="text-mute">
        A chart needs numbers; this column has {finite.length === 0 ? 'none' : 'one'} in the shown rows.
      </p>
    )
  const least = Math.min(...finite)
  const most = Math.max(...finite)
  const span = most - least || 1
  const points = finite.map(
    (value, at) =>
      `${((at * 280) / (finite.length - 1)).toFixed(1)},${(118 - ((value - least) * 116) / span).toFixed(1)}`
  )
  return (
    <figure className="grid gap-1">
      <svg
        viewBox="0 0 280 120"
        className="w-full text-number"
        role="img"
        aria-label={`${finite.length} values between ${least} and ${most}`}
      >
        <polyline
          points={points.join(' ')}
          fill="none"
          stroke="currentColor"
          strokeWidth="1.2"
          vectorEffect="non-scaling-stroke"
        />
      </svg>
      <figcaption className="text-small text-mute">
        {finite.length.toLocaleString('en')} values in the shown rows, {Number(least.toPrecision(6))} to{' '}
        {Number(most.toPrecision(6))}
      </figcaption>
    </figure>
  )
}
