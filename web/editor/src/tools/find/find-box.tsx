// The box of Ctrl+F: what is found stands under what is typed, and the canvas shows each as the arrows come to it.
import { useMemo, useState } from 'react'
import type { KeyboardEvent, ReactNode } from 'react'
import { Icon } from '@weir/ui/icon.tsx'
import { canvasOf } from '../../canvas/index.ts'
import { askForRow } from '../../panels/data/row-actions.ts'
import { usePart, useRevision, useSession } from '../../session/use-session.ts'
import { useTools } from '../tools.ts'
import { findInFlow } from './find-in-flow.ts'
import type { Found } from './find-in-flow.ts'
import { FoundText } from './found-text.tsx'
import { goToFound, showFound } from './go-to-found.ts'

/** A line of the list. */
export interface Line {
  key: string
  found: Found
  /** The flow that it is in, where there are several. */
  flow?: string
}

interface ListProps {
  label: string
  placeholder: string
  text: string
  type: (text: string) => void
  lines: readonly Line[]
  /** An arrow has come to it. */
  show: (line: Line) => void
  go: (line: Line) => void
  close: () => void
  /** What is said under the field. */
  said: ReactNode
  /** The dialog around it has a button that closes it. */
  inDialog?: boolean
}

/** A field with what was found under it: arrows go through it, Enter goes there, Escape closes. */
export function FindList(props: ListProps) {
  const { label, lines, show, go, close } = props
  const [at, setAt] = useState(-1)
  const now = Math.min(at, lines.length - 1)
  const move = (to: number): void => {
    const next = Math.max(0, Math.min(to, lines.length - 1))
    const line = lines[next]
    if (line === undefined) return
    setAt(next)
    show(line)
  }
  const press = (event: KeyboardEvent): void => {
    const line = lines[Math.max(0, now)]
    if (event.key === 'ArrowDown') move(now + 1)
    else if (event.key === 'ArrowUp') move(now - 1)
    else if (event.key === 'PageDown') move(now + 10)
    else if (event.key === 'PageUp') move(now - 10)
    else if (event.key === 'Enter' && !event.ctrlKey && !event.metaKey) {
      if (line !== undefined) go(line)
    } else if (event.key === 'Escape') close()
    else return
    event.preventDefault()
    event.stopPropagation()
  }
  return (
    <div className="flex min-h-0 flex-col" onKeyDown={press}>
      <div className="flex items-center gap-2 border-b border-line px-3">
        <Icon name="search" className="text-mute" />
        <input
          autoFocus
          role="combobox"
          aria-label={label}
          aria-expanded={lines.length > 0}
          aria-controls="found-list"
          aria-activedescendant={now < 0 ? undefined : `found-${String(now)}`}
          placeholder={props.placeholder}
          className="h-9 min-w-0 flex-1 bg-transparent outline-none"
          value={props.text}
          onChange={(event) => {
            setAt(-1)
            props.type(event.target.value)
          }}
        />
        {props.inDialog !== true && (
          <button type="button" className="p-1 text-mute hover:text-text" aria-label="Close" onClick={close}>
            <Icon name="close" />
          </button>
        )}
      </div>
      <p role="status" className="px-3 py-1 text-small text-mute">
        {props.said}
      </p>
      <ul
        id="found-list"
        role="listbox"
        aria-label="Found"
        className="min-h-0 overflow-auto px-1 pb-1"
        hidden={lines.length === 0}
      >
        {lines.map((line, index) => (
          <FoundLine
            key={line.key}
            line={line}
            index={index}
            active={index === now}
            choose={() => {
              go(line)
            }}
          />
        ))}
      </ul>
    </div>
  )
}

function FoundLine({
  line,
  index,
  active,
  choose
}: {
  line: Line
  index: number
  active: boolean
  choose: () => void
}) {
  const { found, flow } = line
  return (
    <li
      id={`found-${String(index)}`}
      role="option"
      aria-selected={active}
      ref={(element) => {
        if (active) element?.scrollIntoView({ block: 'nearest' })
      }}
      className={`grid cursor-pointer grid-cols-[minmax(0,11rem)_minmax(0,7rem)_1fr] items-baseline gap-2 rounded-base px-2 py-1 ${active ? 'bg-water-dim' : 'hover:bg-raised'}`}
      onClick={choose}
    >
      <span className="truncate font-semibold">{flow ?? found.of}</span>
      <span className="truncate text-small text-mute">{flow === undefined ? found.what : found.of}</span>
      <FoundText found={found} />
    </li>
  )
}

/** In this flow. Nothing while it is not asked for. */
export function FindBox() {
  const tools = useTools()
  const open = usePart(tools.ui, (state) => state.open === 'find')
  return open ? <OpenBox /> : null
}

const kMost = 200

function OpenBox() {
  const tools = useTools()
  const session = useSession()
  const revision = useRevision()
  const [text, setText] = useState('')
  const lines = useMemo(
    () =>
      findInFlow(session.document, session.catalogue, text, kMost).map((found, index) => ({
        key: `${revision} ${index}`,
        found
      })),
    [session, text, revision]
  )
  const close = (): void => {
    tools.show(undefined)
  }
  return (
    <div
      role="search"
      aria-label="Find in this flow"
      data-find-box=""
      data-canvas-own=""
      data-canvas-scrolls=""
      className="fixed left-1/2 top-[60px] z-30 flex max-h-[46vh] w-[min(600px,calc(100vw-24px))] -translate-x-1/2 flex-col rounded-panel border border-edge bg-panel shadow-base"
    >
      <FindList
        label="Find in this flow"
        placeholder="A name, type, value or note"
        text={text}
        type={setText}
        lines={lines}
        show={({ found }) => {
          showFound(session, found)
        }}
        go={({ found }) => {
          close()
          goToFound(session, found)
        }}
        close={() => {
          close()
          canvasOf(session)?.root.focus({ preventScroll: true })
        }}
        said={
          <>
            {text.trim() === ''
              ? 'Arrows show each on the canvas, Enter goes to its field.'
              : lines.length === 0
                ? 'Nothing of the flow has that in it.'
                : lines.length < kMost
                  ? `${lines.length} found`
                  : `the first ${kMost}`}
            {text.trim() !== '' && (
              <button
                type="button"
                className="ml-2 text-water hover:underline"
                onClick={() => {
                  close()
                  askForRow(session, text)
                }}
              >
                Find the row with it
              </button>
            )}
          </>
        }
      />
    </div>
  )
}
