// The bar under the rows: what is chosen in words, what can be made of it, and other views of it.
import { Button } from '@weir/ui/button.tsx'
import { Menu } from '@weir/ui/menu.tsx'
import type { MenuItem } from '@weir/ui/menu.tsx'
import { count } from '@weir/ui/figures/figures.ts'
import type { EditorSession } from '../../session/editor-session.ts'
import { barText } from './column-head.tsx'
import { cellText } from './cell-format.ts'
import { columnFacts, kFactRows } from './column-facts.ts'
import type { GridChoice, Sorting } from './grid-state.ts'
import { barOffers, cellOffers, columnOffers, insertOffer, typeOfOffer } from './offers.ts'
import type { Behind, Offer } from './offers.ts'
import type { OverAllHand } from './use-over-all.ts'
import { rowItems } from './row-menu.tsx'
import { otherTypes, readerOf, setColumnType } from './reader-types.ts'
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
  /** Asks the same of all rows; undefined: these are all. */
  over: OverAllHand | undefined
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
  const types = choice.kind === 'column' ? typeItems(session, behind, column) : []
  const left = types.length === 0 ? offers : offers.filter(({ words }) => !words.startsWith('Change type'))
  const [main, more] = choice.kind === 'column' ? [[], left] : [left, []]
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
      {choice.kind === 'column' && props.over !== undefined && (
        <AllButtons over={props.over} column={column} sorting={props.sorting} />
      )}
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
            items={[...types, ...more.map((offer) => ({ words: offer.words, act: act(offer) }))]}
          />
        </span>
      )}
      <span className="ml-auto flex gap-1">
        {choice.kind === 'cell' &&
          behind !== undefined &&
          rowItems(session, behind, table, choice.row, zone).map((item) => (
            <Button key={item.words} look="quiet" onClick={item.act}>
              {item.words}
            </Button>
          ))}
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

/** Of a column that comes from a reader as it is: the reader reads it as another type. */
function typeItems(session: EditorSession, behind: Behind | undefined, column: TableColumn): MenuItem[] {
  const node = typeof behind === 'string' ? session.document.edge(behind)?.source.node : behind?.node
  const reader = node === undefined ? undefined : readerOf(session, node, column.name)
  if (reader === undefined || (session.options.readOnly ?? '') !== '') return []
  return otherTypes(column).map(([words, type]) => ({
    words: `Change type to ${words}`,
    act: () => {
      setColumnType(session, reader, column.name, type)
    }
  }))
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
  const where = table.length > kFactRows ? `in the first ${count(kFactRows)} of the shown rows` : 'in the shown rows'
  return (
    <span className="text-mute">
      {facts.join(' · ')} {where}
    </span>
  )
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

/** The same over everything: its figures, or its order. */
function AllButtons({
  over,
  column,
  sorting
}: {
  over: OverAllHand
  column: TableColumn
  sorting: Sorting | undefined
}) {
  const busy = over.state?.phase === 'running'
  const isNumber = column.kind === 'number'
  return (
    <span className="flex items-center gap-1" role="group" aria-label="Over all rows">
      <Button
        look="quiet"
        disabled={busy}
        title="Runs over everything, without effects; it can be stopped"
        onClick={() => {
          over.ask({ kind: 'figures', column: column.name, isNumber })
        }}
      >
        {isNumber ? 'Sum all' : 'Count all'}
      </Button>
      <Button
        look="quiet"
        disabled={busy}
        title="Sorts everything, without effects; it can be stopped"
        onClick={() => {
          over.ask({ kind: 'sort', column: column.name, down: sorting?.column === column.name && sorting.down })
        }}
      >
        {sorting?.column === column.name && sorting.down ? 'Sort all ↓' : 'Sort all ↑'}
      </Button>
    </span>
  )
}
