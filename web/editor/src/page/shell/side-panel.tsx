// What stands at the right: the panel of what is chosen.
import { useEffect, useReducer } from 'react'
import { usePart, useSession } from '../../session/use-session.ts'
import type { EditorParts } from '../parts.ts'
import { kSide, within } from './layout.ts'
import { Splitter } from './splitter.tsx'

type Shown = 'nodes' | 'edge' | 'whole' | 'none'

/** On a phone: over the lower part of the page. */
const kOver =
  'max-sm:absolute max-sm:inset-x-0 max-sm:bottom-0 max-sm:z-20 max-sm:max-h-[60%] max-sm:w-full! max-sm:border-t'

function useShown(parts: EditorParts): Shown {
  const { selection } = useSession()
  const [, again] = useReducer((count: number) => count + 1, 0)
  useEffect(() => selection.subscribe(again), [selection])
  if (parts.SidePanel !== undefined) return 'whole'
  if (parts.NodePanel !== undefined && selection.ids('nodes').size > 0) return 'nodes'
  return parts.EdgePanel !== undefined && selection.ids('edges').size === 1 ? 'edge' : 'none'
}

/** Absent while nothing is chosen that has a panel; on a phone it lies over the lower half of the page. */
export function SidePanel({ parts }: { parts: EditorParts }) {
  const { view, selection } = useSession()
  const side = usePart(view, (state) => state.side)
  const shown = useShown(parts)
  const chosen = selection.size > 0
  const { SidePanel: Whole, NodePanel, EdgePanel } = parts
  if (shown === 'none' || !side.open) return null
  const set = (width: number) => {
    view.setState({ side: { open: true, width: within(width, kSide) } })
  }
  return (
    <>
      <Splitter
        label="Width of the panel"
        way="column"
        value={side.width}
        {...kSide}
        set={set}
        toggle={() => {
          set(side.width > 400 ? 330 : 520)
        }}
      />
      {Whole !== undefined ? (
        <div className={`flex min-h-0 shrink-0 max-sm:*:w-full! ${kOver} ${chosen ? '' : 'max-sm:hidden'}`}>
          <Whole />
        </div>
      ) : (
        <aside
          aria-label={shown === 'nodes' ? 'The chosen node' : 'The chosen edge'}
          className={`min-h-0 shrink-0 overflow-auto border-line bg-panel ${kOver}`}
          style={{ width: side.width }}
        >
          {shown === 'nodes' && NodePanel !== undefined && <NodePanel />}
          {shown === 'edge' && EdgePanel !== undefined && <EdgePanel />}
        </aside>
      )}
    </>
  )
}
