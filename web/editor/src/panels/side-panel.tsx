// SidePanel: what stands right of the canvas: the form of what is chosen, else of the flow; above it rows that are held.
import { useEffect } from 'react'
import { usePart, useSession, useView } from '../session/use-session.ts'
import { BoxPanel } from './box/box-panel.tsx'
import { EdgePanel } from './edge/edge-panel.tsx'
import { FlowPanel } from './flow/flow-panel.tsx'
import { useChosen } from './form/use-changes.ts'
import { NodePanel } from './node/node-panel.tsx'
import { breakpointsOf } from './run/breakpoints.ts'
import { HeldRows } from './run/held-rows.tsx'

/** Nothing while it is closed. */
export function SidePanel() {
  const session = useSession()
  const { open, width } = useView((state) => state.side)
  const nodes = useChosen(session, 'nodes')
  const edges = useChosen(session, 'edges')
  const boxes = useChosen(session, 'groups')
  const shown = usePart(session.run, (state) => state.shown)
  // Breakpoints go into runs also while no button of theirs is shown.
  useEffect(() => {
    breakpointsOf(session)
  }, [session])
  if (!open) return null
  return (
    <aside
      aria-label="Settings"
      className="h-full shrink-0 overflow-y-auto border-l border-line bg-panel"
      style={{ width }}
    >
      {shown !== undefined && <HeldRows key={shown.id} run={shown} />}
      {nodes.length > 0 ? (
        <NodePanel />
      ) : edges.length > 0 ? (
        <EdgePanel />
      ) : boxes.length > 0 ? (
        <BoxPanel />
      ) : (
        <FlowPanel />
      )}
    </aside>
  )
}
