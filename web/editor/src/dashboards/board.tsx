// The board: the widgets of a dashboard on their grid, seen or edited.
import { builtInWidgets, FrameClock } from '@weir/widgets/core'
import { useEffect, useMemo, useRef, useState } from 'react'
import type { CSSProperties, KeyboardEvent } from 'react'
import { dashboardOf, kDashboardRow, movePlaced, placedCells, pushedAside, takeOffDashboard } from '@weir/flow-model'
import type { PlacedCells } from '@weir/flow-model'
import { useChanges } from '../panels/form/use-changes.ts'
import { useSession } from '../session/use-session.ts'
import { cellsWords, Tile, titleOf } from './tile.tsx'
import { useDrag } from './use-drag.ts'

export interface BoardProps {
  dashboard: string
  editing: boolean
  /** Opens what is set on a widget. */
  change: (widget: string) => void
}

const kSteps: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1]
}

/** Drawn again with what its widgets and their nodes are, and with nothing else of the flow. */
export function useBoard(dashboard: string): readonly PlacedCells[] | undefined {
  const session = useSession()
  const version = useChanges(session, ({ flow, kinds: { widgets, nodes } }) => {
    const came = [widgets.added, widgets.removed, widgets.changed, nodes.added, nodes.removed]
    return flow.has('dashboards') || came.some((ids) => ids.size > 0)
  })
  return useMemo(() => {
    const found = dashboardOf(session.document, dashboard)
    return found === undefined ? undefined : placedCells(found.widgets)
    // The document is another at each version.
  }, [session, dashboard, version])
}

/** In reading order, which is also that of the one column of a phone and of the Tab key. */
function inOrder(widgets: readonly PlacedCells[]): readonly PlacedCells[] {
  return [...widgets].sort((a, b) => a.y - b.y || a.x - b.x)
}

export function Board({ dashboard, editing, change }: BoardProps) {
  const session = useSession()
  const placed = useBoard(dashboard) ?? []
  const board = useRef<HTMLDivElement>(null)
  const said = useRef<HTMLDivElement>(null)
  const [shared] = useState(() => ({ clock: new FrameClock(), registry: builtInWidgets() }))
  const place = (after: readonly PlacedCells[], key?: string) => {
    const operations = movePlaced(session.document, dashboard, after)
    if (operations.length > 0)
      session.do(operations, { label: 'Arrange the dashboard', ...(key === undefined ? {} : { coalesce: key }) })
  }
  const drag = useDrag(board, placed, place)
  useEscape(drag.cancel)
  const takeOff = (widget: string) => {
    session.do([takeOffDashboard(dashboard, widget)], 'Take a widget off the dashboard')
  }
  const onKey = (event: KeyboardEvent, cells: PlacedCells) => {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return
    if (event.key === 'Delete' || event.key === 'Backspace') takeOff(cells.widget)
    else if (event.key === 'Enter') change(cells.widget)
    else {
      const step = kSteps[event.key]
      if (step === undefined) return
      const moved = stepped(cells, step, event.shiftKey)
      const after = pushedAside(placed, moved)
      place(after, `board ${cells.widget}`)
      const now = after.find((one) => one.widget === cells.widget) ?? cells
      if (said.current !== null)
        said.current.textContent = `${titleOf(session.document.widget(cells.widget), cells.widget)}: ${cellsWords(now)}`
    }
    event.preventDefault()
  }
  const shown = drag.preview ?? placed
  const rows = shown.reduce((most, one) => Math.max(most, one.y + one.height), 0) + (editing ? 4 : 0)
  return (
    <div className="p-2">
      <div
        ref={board}
        data-board={dashboard}
        className="relative sm:min-h-(--board-h)"
        style={{ '--board-h': `${rows * kDashboardRow}px` } as CSSProperties}
      >
        {inOrder(shown).map((cells) => (
          <Tile
            key={cells.widget}
            cells={cells}
            editing={editing}
            {...shared}
            drag={drag}
            onKey={onKey}
            change={() => {
              change(cells.widget)
            }}
            takeOff={() => {
              takeOff(cells.widget)
            }}
          />
        ))}
      </div>
      <div ref={said} role="status" className="sr-only" />
    </div>
  )
}

/** One cell further, or larger by one. */
function stepped(cells: PlacedCells, [right, down]: readonly [number, number], size: boolean): PlacedCells {
  return size
    ? { ...cells, width: cells.width + right, height: cells.height + down }
    : { ...cells, x: cells.x + right, y: cells.y + down }
}

function useEscape(cancel: () => void): void {
  const latest = useRef(cancel)
  latest.current = cancel
  useEffect(() => {
    const key = (event: globalThis.KeyboardEvent): void => {
      if (event.key === 'Escape') latest.current()
    }
    document.addEventListener('keydown', key)
    return () => {
      document.removeEventListener('keydown', key)
    }
  }, [])
}
