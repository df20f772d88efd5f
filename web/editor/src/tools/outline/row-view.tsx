// A row of the outline: how deep it is, what state it is in, its name, and where its rows go; renamed in its place.
import { setValue, unsetValue } from '@weir/flow-model'
import { useEffect, useRef } from 'react'
import { useSession } from '../../session/use-session.ts'
import type { OutlineRow, RowWords } from './outline-rows.ts'
import { kMarkClasses, kMarkShapes } from './row-states.ts'
import type { RowState } from './row-states.ts'

interface RowProps {
  row: OutlineRow
  words: RowWords
  state: RowState
  /** Pixels from the top of the tree. */
  top: number
  chosen: boolean
  /** The keys of the tree are at it. */
  active: boolean
  renaming: boolean
  /** `more`: beside what is chosen. */
  choose: (more: boolean) => void
  toggle: () => void
  rename: () => void
  endRenaming: () => void
}

export function RowView(props: RowProps) {
  const { row, words, state, top, chosen, active, renaming } = props
  const { name, targets } = words
  const shape = kMarkShapes[state.mark]
  const said = [name === words.type ? '' : words.type, state.words].filter((part) => part !== '').join(', ')
  return (
    <div
      id={`outline-${row.key}`}
      role="treeitem"
      aria-level={row.level}
      aria-setsize={row.size}
      aria-posinset={row.position}
      aria-selected={chosen}
      aria-expanded={row.open}
      title={words.type}
      className={`absolute inset-x-0 flex h-[26px] cursor-pointer items-center gap-1.5 whitespace-nowrap pr-2 ${
        chosen ? 'bg-water-dim' : 'hover:bg-raised'
      } ${active ? 'shadow-[inset_2px_0_0_var(--color-water)]' : ''}`}
      style={{ top, paddingLeft: 8 + (row.level - 1) * 14 }}
      onClick={(event) => {
        if (!renaming) props.choose(event.ctrlKey || event.metaKey || event.shiftKey)
      }}
      onDoubleClick={props.rename}
    >
      <span
        aria-hidden="true"
        className="w-3 shrink-0 text-center text-small text-mute"
        onClick={(event) => {
          if (row.open === undefined) return
          event.stopPropagation()
          props.toggle()
        }}
      >
        {row.open === undefined ? '' : row.open ? '▾' : '▸'}
      </span>
      <span aria-hidden="true" className={`w-3 shrink-0 text-center text-small ${kMarkClasses[state.mark]}`}>
        {shape}
      </span>
      {renaming ? (
        <NameInput row={row} name={name} end={props.endRenaming} />
      ) : (
        <span
          className={
            row.kind === 'edges'
              ? 'truncate text-data text-mute'
              : `shrink-0 truncate max-w-full ${row.kind === 'groups' ? 'font-semibold' : ''}`
          }
        >
          {name}
        </span>
      )}
      {/* What is seen as a shape or on pointing is read out in words. */}
      {said !== '' && <span className="sr-only">, {said}</span>}
      {!renaming && row.open !== true && targets.length > 0 && (
        <span className="min-w-0 truncate text-small text-mute">
          <span aria-hidden="true">→ </span>
          <span className="sr-only">, to </span>
          {targets.join(', ')}
        </span>
      )}
    </div>
  )
}

/** Enter keeps the name, Escape leaves it; an empty one takes it away. */
function NameInput({ row, name, end }: { row: OutlineRow; name: string; end: () => void }) {
  const session = useSession()
  const input = useRef<HTMLInputElement>(null)
  const done = useRef(false)
  useEffect(() => {
    input.current?.focus()
    input.current?.select()
  }, [])
  const finish = (keep: boolean): void => {
    if (done.current || row.kind === 'edges') return
    done.current = true
    const written = input.current?.value.trim() ?? name
    if (keep && written !== name) {
      const { kind, id } = row
      const change = written === '' ? unsetValue(kind, id, '/name') : setValue(kind, id, '/name', written)
      session.do([change], `Rename ${name}`)
    }
    end()
  }
  return (
    <input
      ref={input}
      aria-label={`Name of ${name}`}
      className="h-[22px] min-w-0 flex-1 rounded-base border border-water bg-bg px-1"
      defaultValue={name}
      maxLength={200}
      onBlur={() => {
        finish(true)
      }}
      onKeyDown={(event) => {
        event.stopPropagation()
        if (event.key === 'Enter') finish(true)
        else if (event.key === 'Escape') finish(false)
      }}
    />
  )
}
