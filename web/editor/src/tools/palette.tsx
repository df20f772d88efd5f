// The palette of nodes: typed into, walked by arrows, at the place where the node will be.
import { addNode, connect, FreshIds, insertable, insertOnEdge, kNodeWidth, portNamed, snap } from '@weir/flow-model'
import type { Operation, Point } from '@weir/flow-model'
import { useEffect, useMemo, useRef, useState } from 'react'
import type { KeyboardEvent } from 'react'
import { canvasOf, iconPath } from '../canvas/index.ts'
import { cornerAt, freeCorner, nameOf, newNodeOf } from '../canvas/actions.ts'
import type { EditorSession } from '../session/editor-session.ts'
import { useSession, useView } from '../session/use-session.ts'
import type { OpenPalette } from '../session/view-state.ts'
import { canTakeThePlaceOf, replaceNode } from './actions/replace.ts'
import { findTypes } from './find-types.ts'
import type { FoundType } from './find-types.ts'

const kWidth = 340
const kHeight = 380
const kMostShown = 200
/** From the upper border of a node to its first port. */
const kToPort = 46

function close(session: EditorSession): void {
  session.view.setState({ palette: undefined })
  // Where the keys count.
  canvasOf(session)?.root.focus({ preventScroll: true })
}

/** The port that a wire was dragged from, if one was and it is still there. */
function fromOf(session: EditorSession, { from }: OpenPalette) {
  const node = from === undefined ? undefined : session.document.node(from.node)
  if (from === undefined || node === undefined) return undefined
  const port = portNamed(session.catalogue.portsOf(session.document, node)[from.side], from.port)
  return port === undefined ? undefined : { port, side: from.side }
}

/** On an edge with its middle; at the end of a wire with its port, so that the wire goes on; by itself where it covers no other. */
function cornerFor(session: EditorSession, { at, edge, from }: OpenPalette): Point {
  if (edge !== undefined) return cornerAt(at)
  if (from === undefined) return freeCorner(session, cornerAt(at))
  return { x: snap(from.side === 'outputs' ? at.x : at.x - kNodeWidth), y: snap(at.y - kToPort) }
}

/** Adds the node where the palette was opened: on the edge, at the end of the wire, or by itself. */
function put(session: EditorSession, open: OpenPalette, { type, port }: FoundType): void {
  const { document, catalogue } = session
  if (open.replace !== undefined) {
    replaceNode(session, open.replace, type)
    return
  }
  const ids = new FreshIds(document, session.options.author)
  const node = { ...newNodeOf(session, type, open.at, ids), at: cornerFor(session, open) }
  const through = open.edge === undefined ? undefined : insertable(document, catalogue, open.edge, type)
  let operations: Operation[] = [addNode(node)]
  if (open.edge !== undefined && through !== undefined) {
    operations = insertOnEdge(document, open.edge, node, through, ids)
  } else if (open.from !== undefined && port !== '') {
    const mine = { node: open.from.node, port: open.from.port }
    const other = { node: node.id, port }
    const [source, target] = open.from.side === 'outputs' ? [mine, other] : [other, mine]
    operations.push(connect(ids.edge(), source, target))
  }
  const { gesture } = session.do(operations, `Add ${type.name}`)
  if (gesture === undefined) return
  session.selection.set([{ kind: 'nodes', id: node.id }])
  canvasOf(session)?.reveal({ kind: 'nodes', id: node.id })
  session.tell(`${type.name} added.`)
}

/** What can be put there: for a node that is replaced, types that its edges can stay at. */
function typesFor(session: EditorSession, open: OpenPalette, text: string): FoundType[] {
  const found = findTypes(session.catalogue, text, fromOf(session, open))
  const { replace } = open
  return replace === undefined ? found : found.filter(({ type }) => canTakeThePlaceOf(session, replace, type))
}

export function Palette() {
  const session = useSession()
  const open = useView((view) => view.palette)
  const [text, setText] = useState('')
  const [at, setAt] = useState(0)
  const input = useRef<HTMLInputElement>(null)
  const list = useRef<HTMLUListElement>(null)
  const found = useMemo(
    () => (open === undefined ? [] : typesFor(session, open, text).slice(0, kMostShown)),
    [session, open, text]
  )
  useEffect(() => {
    input.current?.focus()
  }, [])
  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' })
  }, [at, found])
  if (open === undefined) return null
  const choose = (one: FoundType | undefined) => {
    if (one === undefined) return
    close(session)
    put(session, open, one)
  }
  const onKey = (event: KeyboardEvent) => {
    event.stopPropagation()
    if (event.key === 'Escape') close(session)
    else if (event.key === 'Enter') choose(found[at])
    else if (event.key === 'ArrowDown') setAt(Math.min(at + 1, found.length - 1))
    else if (event.key === 'ArrowUp') setAt(Math.max(at - 1, 0))
    else return
    event.preventDefault()
  }
  const left = Math.max(8, Math.min(open.screen.x, window.innerWidth - kWidth - 8))
  const top = Math.max(8, Math.min(open.screen.y, window.innerHeight - kHeight - 8))
  return (
    <>
      <div
        className="fixed inset-0 z-30"
        data-canvas-own=""
        aria-hidden="true"
        onPointerDown={() => {
          close(session)
        }}
      />
      <div
        role="dialog"
        aria-label={open.replace === undefined ? 'Add a node' : `Replace ${nameOf(session, open.replace)}`}
        data-canvas-own=""
        data-canvas-scrolls=""
        className="fixed z-40 flex flex-col rounded-panel border border-edge bg-panel shadow-base"
        style={{ left, top, width: kWidth, maxHeight: kHeight }}
        onKeyDown={onKey}
      >
        <input
          ref={input}
          role="combobox"
          aria-expanded="true"
          aria-controls="palette-list"
          aria-activedescendant={found[at] === undefined ? undefined : `palette-${String(at)}`}
          aria-label="Find a node"
          placeholder={
            open.replace === undefined ? 'Find a node: read, filter, summarise …' : 'Replace with: filter, map …'
          }
          className="m-2 h-[30px] rounded-base border border-edge bg-bg px-2"
          value={text}
          onChange={(event) => {
            setText(event.target.value)
            setAt(0)
          }}
        />
        <ul ref={list} id="palette-list" role="listbox" aria-label="Nodes" className="overflow-auto px-2 pb-2">
          {found.map((one, index) => (
            <li
              key={one.type.id}
              id={`palette-${String(index)}`}
              role="option"
              aria-selected={index === at}
              title={one.type.description}
              className={`flex cursor-pointer items-center gap-2 rounded-base px-2 py-1 ${index === at ? 'bg-water-dim' : ''}`}
              onPointerMove={() => {
                setAt(index)
              }}
              onClick={() => {
                choose(one)
              }}
            >
              <svg viewBox="0 0 24 24" width="16" height="16" aria-hidden="true" className="shrink-0 text-mute">
                <path d={iconPath(one.type.icon)} fill="none" stroke="currentColor" strokeWidth="1.8" />
              </svg>
              <span className="min-w-0 flex-1 truncate">{one.type.name}</span>
              <span className="shrink-0 text-small text-faint">{one.type.category}</span>
            </li>
          ))}
          {found.length === 0 && <li className="px-2 py-3 text-mute">No node is called that; try another word.</li>}
        </ul>
      </div>
    </>
  )
}
