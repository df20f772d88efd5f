// Moving and resizing a widget of a dashboard with the pointer: what gives way is shown at once, and done when it is let go.
import { useRef, useState } from 'react'
import type { PointerEvent as ReactPointerEvent, RefObject } from 'react'
import { kDashboardColumns, kDashboardRow, pushedAside } from '@weir/flow-model'
import type { PlacedCells } from '@weir/flow-model'

export type DragKind = 'move' | 'resize'

interface Drag {
  pointer: number
  kind: DragKind
  from: PlacedCells
  x: number
  y: number
}

export interface BoardDrag {
  /** Where the widgets stand while one of them is dragged. */
  preview: readonly PlacedCells[] | undefined
  dragged: string | undefined
  begin: (event: ReactPointerEvent, cells: PlacedCells, kind: DragKind) => void
  move: (event: ReactPointerEvent) => void
  end: (event: ReactPointerEvent) => void
  /** Leaves everything where it was. */
  cancel: () => void
}

/** `place` is told where all stand when the pointer is let go. */
export function useDrag(
  board: RefObject<HTMLElement | null>,
  widgets: readonly PlacedCells[],
  place: (after: readonly PlacedCells[]) => void
): BoardDrag {
  const drag = useRef<Drag | undefined>(undefined)
  const [preview, setPreview] = useState<readonly PlacedCells[]>()
  const cancel = () => {
    drag.current = undefined
    setPreview(undefined)
  }
  return {
    preview,
    dragged: preview === undefined ? undefined : drag.current?.from.widget,
    begin: (event, cells, kind) => {
      if (event.button !== 0) return
      drag.current = { pointer: event.pointerId, kind, from: cells, x: event.clientX, y: event.clientY }
      event.currentTarget.setPointerCapture(event.pointerId)
    },
    move: (event) => {
      const now = drag.current
      const width = board.current?.clientWidth ?? 0
      if (now?.pointer !== event.pointerId || width === 0) return
      const right = Math.round((event.clientX - now.x) / (width / kDashboardColumns))
      const down = Math.round((event.clientY - now.y) / kDashboardRow)
      const { from, kind } = now
      const moved =
        kind === 'move'
          ? { ...from, x: from.x + right, y: from.y + down }
          : { ...from, width: Math.min(from.width + right, kDashboardColumns - from.x), height: from.height + down }
      setPreview(pushedAside(widgets, moved))
    },
    end: (event) => {
      if (drag.current?.pointer !== event.pointerId) return
      if (preview !== undefined) place(preview)
      cancel()
    },
    cancel
  }
}
