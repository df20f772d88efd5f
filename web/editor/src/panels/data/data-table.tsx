// DataTable: rows of a port or edge, of which only those in sight are elements; heads with types, zones and bars.
import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useId, useMemo, useRef } from 'react'
import type { KeyboardEvent } from 'react'
import { columnFacts } from './column-facts.ts'
import type { ColumnFacts } from './column-facts.ts'
import { cellText } from './cell-format.ts'
import { ColumnHead, typeText } from './column-head.tsx'
import { moved } from './grid-state.ts'
import type { GridChoice, Sorting } from './grid-state.ts'
import type { RowTable, TableColumn } from './row-table.ts'

const kRowHeight = 24
const kHeadHeight = 56

interface TableProps {
  label: string
  table: RowTable
  zone: string
  choice: GridChoice | undefined
  choose: (choice: GridChoice | undefined) => void
  sorting: Sorting | undefined
  /** What Ctrl+C does. */
  copy: () => void
  /** A cell was clicked with the other button, at these pixels of the page; it is chosen before. */
  menu?: (screen: { x: number; y: number }) => void
}

/** Wide enough for what is in the first rows, within bounds. */
function widthOf(table: RowTable, column: TableColumn, zone: string, facts: ColumnFacts | undefined): number {
  let most = column.name.length + typeText(column, facts, zone).length * 0.85 + 1
  for (let row = 0; row < Math.min(50, table.length); ++row)
    most = Math.max(most, cellText(table.value(row, column.name), column, zone).length)
  return Math.round(Math.min(340, Math.max(84, most * 7.4 + 28)))
}

/** Facts of every column; of a table that lives they are as old as its rows. */
export function useFacts(table: RowTable): readonly ColumnFacts[] {
  return useMemo(() => table.columns.map((column) => columnFacts(table, column)), [table])
}

/** Widths that do not jump while rows come: they only grow, until the columns are others. */
function useWidths(table: RowTable, zone: string, facts: readonly ColumnFacts[]): readonly number[] {
  const known = useRef<{ key: string; widths: number[] }>({ key: '', widths: [] })
  const key = table.columns.map((column) => column.name).join('\n')
  return useMemo(() => {
    const before = known.current.key === key ? known.current.widths : []
    const widths = table.columns.map((column, at) => Math.max(before[at] ?? 0, widthOf(table, column, zone, facts[at])))
    known.current = { key, widths }
    return widths
  }, [table, zone, key, facts])
}

export function DataTable(props: TableProps) {
  const { label, table, zone, choice, choose, sorting, copy, menu } = props
  const id = useId()
  const scroller = useRef<HTMLDivElement>(null)
  const facts = useFacts(table)
  const widths = useWidths(table, zone, facts)
  const rows = useVirtualizer({
    count: table.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => kRowHeight,
    overscan: 8,
    paddingStart: kHeadHeight,
    scrollPaddingStart: kHeadHeight,
    initialRect: { width: 800, height: 240 }
  })
  useEffect(() => {
    if (choice?.kind === 'cell') rows.scrollToIndex(choice.row)
  }, [choice, rows])
  const total = widths.reduce((sum, width) => sum + width, 0)
  const active = choice?.kind === 'cell' ? `${id}-${choice.row}-${choice.column}` : undefined
  const press = (event: KeyboardEvent): void => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'c' && getSelection()?.toString() === '') {
      event.preventDefault()
      copy()
      return
    }
    if (event.key === 'ContextMenu' || (event.key === 'F10' && event.shiftKey)) {
      const cell = active === undefined ? null : document.getElementById(active)
      if (cell === null || menu === undefined) return
      event.preventDefault()
      event.stopPropagation()
      const { left, bottom } = cell.getBoundingClientRect()
      menu({ x: left, y: bottom })
      return
    }
    if (event.target !== scroller.current || event.altKey || event.ctrlKey || event.metaKey) return
    if (event.key === 'Escape' && choice !== undefined) {
      event.stopPropagation()
      choose(undefined)
      return
    }
    const page = Math.max(1, Math.floor((scroller.current.clientHeight - kHeadHeight) / kRowHeight) - 1)
    const next = moved(choice, event.key, event.shiftKey, { rows: table.length, columns: table.columns.length, page })
    if (next === undefined) return
    event.preventDefault()
    event.stopPropagation()
    choose(next)
  }
  return (
    <div
      ref={scroller}
      role="grid"
      tabIndex={0}
      aria-label={label}
      aria-rowcount={table.length + 1}
      aria-colcount={table.columns.length}
      aria-activedescendant={active}
      className="h-full overflow-auto focus-visible:outline-offset-[-2px]"
      onKeyDown={press}
    >
      <div role="presentation" className="relative min-w-full" style={{ height: rows.getTotalSize(), width: total }}>
        <div
          role="row"
          aria-rowindex={1}
          className="sticky top-0 z-10 flex border-b border-line bg-panel"
          style={{ height: kHeadHeight }}
        >
          {table.columns.map((column, at) => (
            <ColumnHead
              key={column.name}
              column={column}
              at={at}
              facts={facts[at]}
              zone={zone}
              width={widths[at] ?? 100}
              choice={choice}
              choose={choose}
              sorting={sorting?.column === column.name ? sorting : undefined}
            />
          ))}
        </div>
        {rows.getVirtualItems().map((item) => (
          <Row
            key={item.index}
            id={id}
            row={item.index}
            top={item.start}
            table={table}
            zone={zone}
            widths={widths}
            choice={choice}
            choose={choose}
            menu={menu}
          />
        ))}
      </div>
    </div>
  )
}

interface RowProps {
  id: string
  row: number
  top: number
  table: RowTable
  zone: string
  widths: readonly number[]
  choice: GridChoice | undefined
  choose: (choice: GridChoice) => void
  menu: TableProps['menu']
}

function Row({ id, row, top, table, zone, widths, choice, choose, menu }: RowProps) {
  const cell = choice?.kind === 'cell' ? choice : undefined
  const inside = cell !== undefined && row >= Math.min(cell.row, cell.anchor) && row <= Math.max(cell.row, cell.anchor)
  return (
    <div
      role="row"
      aria-rowindex={row + 2}
      aria-selected={inside}
      className={`absolute left-0 flex min-w-full border-b border-line font-mono text-data ${inside && cell.row !== cell.anchor ? 'bg-water-dim' : 'hover:bg-raised'}`}
      style={{ top, height: kRowHeight }}
    >
      {table.columns.map((column, at) => {
        const empty = table.isEmpty(row, column.name)
        const chosen = cell?.row === row && cell.column === at
        const right = column.kind === 'number' ? 'text-right' : ''
        return (
          <div
            key={column.name}
            id={`${id}-${row}-${at}`}
            role="gridcell"
            aria-colindex={at + 1}
            aria-selected={chosen}
            className={`shrink-0 truncate px-3 leading-6 ${right} ${chosen ? 'outline-2 -outline-offset-2 outline-water' : ''} ${empty ? 'text-faint' : ''}`}
            style={{ width: widths[at] }}
            onClick={(event) => {
              choose({
                kind: 'cell',
                row,
                column: at,
                anchor: event.shiftKey && cell !== undefined ? cell.anchor : row
              })
            }}
            onContextMenu={(event) => {
              if (menu === undefined) return
              event.preventDefault()
              choose({ kind: 'cell', row, column: at, anchor: row })
              menu({ x: event.clientX, y: event.clientY })
            }}
          >
            {empty ? 'empty' : cellText(table.value(row, column.name), column, zone)}
          </div>
        )
      })}
    </div>
  )
}
