// The bar under the rows: what is chosen in words, what can be made of it, and other views of it.
import { Button } from '@weir/ui/button.tsx'
import { Menu } from '@weir/ui/menu.tsx'
import { count } from '@weir/ui/figures/figures.ts'
import type { EditorSession } from '../../session/editor-session.ts'
import { barText } from './column-head.tsx'
import { cellText } from './cell-format.ts'
import { columnFacts } from './column-facts.ts'
import type { GridChoice, Sorting } from './grid-state.ts'
import { barOffers, cellOffers, columnOffers, insertOffer, typeOfOffer } from './offers.ts'
import type { Behind, Offer } from './offers.ts'
import type { RowTable, TableColumn } from './row-table.ts'

interface BarProps {
  session: EditorSession
  /** Where nodes are put; undefined: nothing is offered. */
  behind: Behind | undefined
  table: RowTable
  zone: string
  choice: GridChoice
  sorting: Sorting | undefined
  sort: (sorting: Sorting | undefined) => void
  view: () => void
  copy: () => void
}

export function ChoiceBar(props: BarProps) {
  const { session, behind, table, zone, choice, view, copy } = props
  const column = table.columns[choice.column]
  if (column === undefined) return null
  const offers =
    behind === undefined
      ? []
      : offersOf(table, column, choice, zone).filter((offer) => typeOfOffer(session, offer) !== undefined)
  const [main, more] = choice.kind === 'column' ? [[], offers] : [offers, []]
  const rows = choice.kind === 'cell' ? Math.abs(choice.row - choice.anchor) + 1 : 0
  const act = (offer: Offer) => () => {
    if (behind !== undefined) insertOffer(session, behind, offer)
  }
  return (
    <div
      className="flex min-h-10 flex-wrap items-center gap-2 border-t border-line px-4 py-1 text-data"
      role="toolbar"
      aria-label="What is chosen"
    >
      <span className="max-w-[36ch] truncate">
        <strong className="font-semibold">{column.name}</strong>{' '}
        <span className="font-mono text-mute">{wordsOf(table, column, choice, zone)}</span>
      </span>
      {choice.kind === 'column' && <ColumnFigures table={table} column={column} />}
      {choice.kind === 'column' && <SortButtons {...props} column={column} />}
      {main.map((offer) => (
        <Button key={offer.words} onClick={act(offer)}>
          {offer.words}
        </Button>
      ))}
      {more.length > 0 && (
        <span className="flex items-center gap-1 text-mute">
          <Button onClick={act(more.find((offer) => offer.typeId === 'aggregate/group') ?? (more[0] as Offer))}>
            {(more.find((offer) => offer.typeId === 'aggregate/group') ?? more[0])?.words}
          </Button>
          <Menu
            label={`More for ${column.name}`}
            items={more.map((offer) => ({ words: offer.words, act: act(offer) }))}
          />
        </span>
      )}
      <span className="ml-auto flex gap-1">
        {choice.kind !== 'bar' && (
          <Button look="quiet" onClick={view}>
            {choice.kind === 'column' ? 'Chart' : 'View'}
          </Button>
        )}
        {choice.kind === 'cell' && (
          <Button look="quiet" onClick={copy}>
            Copy {rows > 1 ? `${count(rows)} rows` : 'cell'} <kbd className="text-small text-faint">Ctrl C</kbd>
          </Button>
        )}
      </span>
    </div>
  )
}

function offersOf(table: RowTable, column: TableColumn, choice: GridChoice, zone: string): Offer[] {
  if (choice.kind === 'column') return columnOffers(column, table.columns)
  if (choice.kind === 'cell') {
    const value = table.value(choice.row, column.name)
    return cellOffers(column, value, cellText(value, column, zone))
  }
  const { bars } = columnFacts(table, column)
  const bar = bars[choice.bar]
  return bar === undefined ? [] : barOffers(column, bar, choice.bar === bars.length - 1)
}

function wordsOf(table: RowTable, column: TableColumn, choice: GridChoice, zone: string): string {
  if (choice.kind === 'column') return ''
  if (choice.kind === 'bar') {
    const bar = columnFacts(table, column).bars[choice.bar]
    return bar === undefined ? '' : barText(bar, column, zone)
  }
  return table.isEmpty(choice.row, column.name) ? 'empty' : cellText(table.value(choice.row, column.name), column, zone)
}

function ColumnFigures({ table, column }: { table: RowTable; column: TableColumn }) {
  const { sum, empty, distinct, values } = columnFacts(table, column)
  const facts = [
    sum === undefined ? '' : `sum ${Number(sum.toPrecision(12)).toLocaleString('en', { maximumFractionDigits: 6 })}`,
    distinct === undefined ? 'over 1,000 values' : `${count(distinct)} ${distinct === 1 ? 'value' : 'values'}`,
    empty === 0 ? '' : `${count(empty)} empty`,
    column.kind === 'string' && values[0] !== undefined
      ? `most often ${values[0][0].slice(0, 20)} (${count(values[0][1])})`
      : ''
  ].filter((fact) => fact !== '')
  return <span className="text-mute">{facts.join(' · ')} in the shown rows</span>
}

function SortButtons({ column, sorting, sort }: BarProps & { column: TableColumn }) {
  const now = sorting?.column === column.name ? sorting : undefined
  return (
    <span className="flex gap-1" role="group" aria-label="Sort in the shown rows">
      {([false, true] as const).map((down) => (
        <Button
          key={String(down)}
          look="quiet"
          aria-pressed={now?.down === down}
          title="Sorts the shown rows, no others"
          onClick={() => {
            sort(now?.down === down ? undefined : { column: column.name, down })
          }}
        >
          {down ? 'Sort ↓' : 'Sort ↑'}
        </Button>
      ))}
    </span>
  )
}
