// The place of the outline in the rail: opens the tree of the flow that is open, and closes it.
import { useContext } from 'react'
import { Icon } from '@weir/ui/icon.tsx'
import { SessionContext, useView } from '../../session/use-session.ts'

/** Nothing while no flow is open. It looks as the places of the rail do. */
export function OutlineToggle() {
  return useContext(SessionContext) === undefined ? null : <Toggle />
}

function Toggle() {
  const session = useContext(SessionContext)
  const open = useView((view) => view.outlineOpen)
  return (
    <button
      type="button"
      aria-pressed={open}
      className="relative grid w-15 justify-items-center gap-0.5 rounded-base py-1.5 text-small text-mute hover:text-text aria-pressed:bg-water-dim aria-pressed:text-water"
      onClick={() => {
        session?.view.setState({ outlineOpen: !open })
      }}
    >
      <Icon name="outline" />
      Outline
    </button>
  )
}
