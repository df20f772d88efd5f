// A tile of a dashboard: one widget on its cells; in the edit mode it is taken hold of, by pointer or keys.
import { FrameClock } from '@weir/widgets/core'
import type { WidgetRegistry } from '@weir/widgets/core'
import { useEffect, useMemo, useRef } from 'react'
import type { CSSProperties, KeyboardEvent } from 'react'
import { kDashboardColumns, kDashboardRow } from '@weir/flow-model'
import type { FlowWidget, PlacedCells } from '@weir/flow-model'
import { Icon } from '@weir/ui/icon.tsx'
import { WidgetDrawing } from '../panels/widget/widget-frame.tsx'
import { useSession } from '../session/use-session.ts'
import { TileClock } from './tile-clock.ts'
import type { BoardDrag } from './use-drag.ts'

export interface TileProps {
  cells: PlacedCells
  editing: boolean
  clock: FrameClock
  registry: WidgetRegistry
  drag: BoardDrag
  onKey: (event: KeyboardEvent, cells: PlacedCells) => void
  change: () => void
  takeOff: () => void
}

/** As it is called: its title, else what it is of. */
export function titleOf(widget: FlowWidget | undefined, id: string): string {
  if (widget === undefined) return id
  return widget.title === '' ? widget.node || widget.type : widget.title
}

/** *column 3, row 2, 6 wide, 5 high* */
export function cellsWords({ x, y, width, height }: PlacedCells): string {
  return `column ${x + 1}, row ${y + 1}, ${width} wide, ${height} high`
}

function styleOf({ x, y, width, height }: PlacedCells): CSSProperties {
  const share = (cells: number): string => `${((cells / kDashboardColumns) * 100).toFixed(4)}%`
  return {
    '--tile-x': share(x),
    '--tile-y': `${y * kDashboardRow}px`,
    '--tile-w': share(width),
    '--tile-h': `${height * kDashboardRow}px`
  } as CSSProperties
}

const kPlace =
  'relative h-(--tile-h) w-full p-1 outline-none sm:absolute sm:left-(--tile-x) sm:top-(--tile-y) sm:w-(--tile-w)'
const kTool = 'grid size-6 place-items-center rounded-base border border-edge bg-panel text-mute hover:text-text'

/** On a phone it is as wide as the page, one below the other. */
export function Tile({ cells, editing, clock, registry, drag, onKey, change, takeOff }: TileProps) {
  const { document } = useSession()
  const widget = document.widget(cells.widget)
  const title = titleOf(widget, cells.widget)
  const place = useRef<HTMLDivElement>(null)
  const own = useMemo(() => new TileClock(clock), [clock])
  useEffect(() => {
    if (place.current === null || typeof IntersectionObserver !== 'function') return undefined
    const seen = new IntersectionObserver((entries) => {
      own.show(entries.at(-1)?.isIntersecting ?? true)
    })
    seen.observe(place.current)
    return () => {
      seen.disconnect()
    }
  }, [own])
  const gone = whyGone(widget, cells.widget, widget === undefined || document.node(widget.node) !== undefined)
  return (
    <div
      ref={place}
      role="group"
      aria-label={editing ? `${title}, ${cellsWords(cells)}` : title}
      data-tile={cells.widget}
      {...(editing
        ? {
            tabIndex: 0,
            onKeyDown: (event: KeyboardEvent) => {
              onKey(event, cells)
            }
          }
        : {})}
      style={styleOf(cells)}
      className={`${kPlace} ${drag.dragged === cells.widget ? 'z-20 opacity-80' : ''} focus-visible:[&>div]:outline-2 focus-visible:[&>div]:outline-water`}
    >
      <div className="relative h-full min-h-0 rounded-panel">
        {gone === '' ? (
          <WidgetDrawing id={cells.widget} clock={own} registry={registry} />
        ) : (
          <GoneTile title={title} why={gone} />
        )}
        {editing && (
          <TileTools
            cells={cells}
            title={title}
            drag={drag}
            takeOff={takeOff}
            {...(widget === undefined ? {} : { change })}
          />
        )}
      </div>
    </div>
  )
}

function whyGone(widget: FlowWidget | undefined, id: string, hasNode: boolean): string {
  if (widget === undefined) return `The widget ‘${id}’ is not in the flow any more.`
  if (widget.node === '') return 'It is of no node yet.'
  return hasNode ? '' : `Its node ‘${widget.node}’ is not in the flow any more.`
}

function GoneTile({ title, why }: { title: string; why: string }) {
  return (
    <div className="flex h-full flex-col rounded-panel border border-dashed border-edge bg-panel p-2">
      <h3 className="truncate text-data font-semibold">{title}</h3>
      <p className="grid flex-1 place-content-center px-4 text-center text-mute">
        <span>
          <span aria-hidden="true" className="text-warn">
            ▲{' '}
          </span>
          {why}
        </span>
      </p>
    </div>
  )
}

interface ToolsProps {
  cells: PlacedCells
  title: string
  drag: BoardDrag
  change?: () => void
  takeOff: () => void
}

/** Lies over the widget: what is dragged is the tile, not what is in it. */
function TileTools({ cells, title, drag, change, takeOff }: ToolsProps) {
  const pointers = { onPointerMove: drag.move, onPointerUp: drag.end, onPointerCancel: drag.cancel }
  return (
    <div className="absolute inset-0 rounded-panel border border-dashed border-edge hover:border-water">
      <div
        data-tile-move
        className="absolute inset-0 touch-none max-sm:hidden sm:cursor-move"
        onPointerDown={(event) => {
          drag.begin(event, cells, 'move')
        }}
        {...pointers}
      />
      <div className="absolute right-1.5 top-1.5 flex gap-1">
        {change !== undefined && (
          <button type="button" className={kTool} aria-label={`Change ${title}`} title="Change" onClick={change}>
            <Icon name="settings" />
          </button>
        )}
        <button
          type="button"
          className={kTool}
          aria-label={`Take ${title} off the dashboard`}
          title="Take off"
          onClick={takeOff}
        >
          <Icon name="close" />
        </button>
      </div>
      <div
        data-tile-resize
        aria-hidden="true"
        className="absolute bottom-0 right-0 size-5 cursor-nwse-resize touch-none border-b-2 border-r-2 border-edge hover:border-water max-sm:hidden"
        onPointerDown={(event) => {
          drag.begin(event, cells, 'resize')
        }}
        {...pointers}
      />
    </div>
  )
}
