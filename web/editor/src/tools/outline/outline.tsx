// The outline: the flow as a tree, in step with what is chosen on the canvas; the view of it for who does not see the canvas.
import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useMemo, useRef, useState } from 'react'
import type { KeyboardEvent } from 'react'
import { Icon } from '@weir/ui/icon.tsx'
import { canvasOf } from '../../canvas/index.ts'
import { usePart, useRevision, useSession } from '../../session/use-session.ts'
import { goTo, openChosen } from '../actions/go.ts'
import { useSelection, useTools } from '../tools.ts'
import { outlineMove } from './outline-keys.ts'
import { boxesAround, outlineRows, wordsOfRow } from './outline-rows.ts'
import type { OutlineRow, Toggled } from './outline-rows.ts'
import { RowView } from './row-view.tsx'
import { useRowStates } from './row-states.ts'

const kRowHeight = 26

/** Fills its parent. */
export function Outline() {
  const session = useSession()
  const { view, document } = session
  const count = document.tables.nodes.size
  return (
    <div className="flex h-full flex-col">
      <div className="flex shrink-0 items-center gap-2 border-b border-line py-1 pl-3 pr-1">
        <h2 className="text-base font-semibold">Outline</h2>
        <button
          type="button"
          className="ml-auto rounded-base p-1.5 text-mute hover:text-text"
          aria-label="Close the outline"
          onClick={() => {
            view.setState({ outlineOpen: false })
          }}
        >
          <Icon name="close" />
        </button>
      </div>
      {count === 0 ? <p className="p-3 text-mute">Nothing is in this flow yet.</p> : <Tree />}
    </div>
  )
}

/** What is opened and closed; boxes around what is chosen elsewhere open by themselves. */
function useToggled(): [Toggled, (key: string) => void] {
  const session = useSession()
  const [toggled, setToggled] = useState<Toggled>(() => new Set())
  const { focus } = useSelection()
  useEffect(() => {
    if (focus?.kind !== 'nodes' && focus?.kind !== 'groups') return
    const around = boxesAround(session.document, focus.kind, focus.id).map((id) => `groups/${id}`)
    setToggled((now) =>
      around.some((key) => now.has(key)) ? new Set([...now].filter((key) => !around.includes(key))) : now
    )
  }, [session, focus])
  const toggle = (key: string): void => {
    setToggled((now) => {
      const next = new Set(now)
      if (!next.delete(key)) next.add(key)
      return next
    })
  }
  return [toggled, toggle]
}

function Tree() {
  const session = useSession()
  const tools = useTools()
  const { document, catalogue } = session
  const revision = useRevision()
  const selection = useSelection()
  const renaming = usePart(tools.ui, (state) => state.renaming)
  const [toggled, toggle] = useToggled()
  const scroller = useRef<HTMLDivElement>(null)
  const rows = useMemo(() => outlineRows(document, toggled), [document, toggled, revision])
  const stateOf = useRowStates(session)
  const { focus } = selection
  const wanted = renaming ?? (focus === undefined ? '' : `${focus.kind}/${focus.id}`)
  const at = useMemo(() => rows.findIndex((row) => row.key === wanted), [rows, wanted])
  const list = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => kRowHeight,
    overscan: 12,
    initialRect: { width: 240, height: 400 }
  })
  useEffect(() => {
    if (at >= 0) list.scrollToIndex(at)
  }, [at, list])
  const choose = (row: OutlineRow, more: boolean): void => {
    const thing = { kind: row.kind, id: row.id }
    if (!more) {
      goTo(session, thing)
      return
    }
    selection.add([thing])
    canvasOf(session)?.reveal(thing)
  }
  const endRenaming = (): void => {
    tools.ui.setState({ renaming: undefined })
    scroller.current?.focus({ preventScroll: true })
  }
  const press = (event: KeyboardEvent): void => {
    if (event.target !== scroller.current) return
    const move = outlineMove(rows, at, event, (row) => wordsOfRow(document, catalogue, row).name)
    if (move === undefined) return
    event.preventDefault()
    event.stopPropagation()
    const row = 'to' in move ? rows[move.to] : undefined
    if (row !== undefined && 'to' in move) choose(row, move.more)
    else if ('toggle' in move) toggle(move.toggle.key)
    else if ('rename' in move) tools.ui.setState({ renaming: move.rename.key })
    else if ('enter' in move) openChosen(session)
  }
  return (
    <div
      ref={scroller}
      role="tree"
      aria-label="Outline of the flow"
      aria-multiselectable="true"
      aria-activedescendant={at < 0 ? undefined : `outline-${rows[at]?.key ?? ''}`}
      tabIndex={0}
      data-canvas-keys=""
      className="min-h-0 flex-1 overflow-auto focus-visible:outline-offset-[-2px]"
      onKeyDown={press}
    >
      <div role="presentation" className="relative" style={{ height: list.getTotalSize() }}>
        {list.getVirtualItems().map((item) => {
          const row = rows[item.index]
          if (row === undefined) return null
          return (
            <RowView
              key={row.key}
              row={row}
              words={wordsOfRow(document, catalogue, row)}
              state={stateOf(row.kind, row.id)}
              top={item.start}
              chosen={selection.has(row.kind, row.id)}
              active={item.index === at}
              renaming={renaming === row.key}
              choose={(more) => {
                if (more) selection.toggle({ kind: row.kind, id: row.id })
                else choose(row, false)
              }}
              toggle={() => {
                toggle(row.key)
              }}
              rename={() => {
                if (row.kind !== 'edges') tools.ui.setState({ renaming: row.key })
              }}
              endRenaming={endRenaming}
            />
          )
        })}
      </div>
    </div>
  )
}
