// Enter and Esc on the canvas: opening what is chosen, and going up again.
import type { Chosen } from '@weir/flow-model'
import type { EditorSession } from '../session/editor-session.ts'
import { goInto, goUp } from './inside.ts'
import { flowOfType, ownNodesOf } from './own-nodes.ts'

/** A box is gone into, a flow that is used as a node is opened; of any other node the form is. */
export function openThing(session: EditorSession, { kind, id }: Chosen): void {
  if (kind === 'groups') {
    goInto(session, id)
    return
  }
  const flow = kind === 'nodes' ? flowOfType(session.document.node(id)?.typeId ?? '') : undefined
  const own = ownNodesOf(session)
  if (flow !== undefined && own !== undefined) {
    own.open(flow)
    return
  }
  const { side } = session.view.getState()
  if (!side.open) session.view.setState({ side: { ...side, open: true } })
}

/** What is chosen, if it is one thing. */
export function openSelected(session: EditorSession): void {
  const { selection } = session
  const chosen = (['groups', 'nodes', 'edges'] as const).flatMap((kind) =>
    [...selection.ids(kind)].map((id) => ({ kind, id }))
  )
  const [only, ...others] = chosen
  if (only !== undefined && others.length === 0) openThing(session, only)
}

/** One box up; at the top into the flow that this one was opened from. False: there is nothing above. */
export function goOut(session: EditorSession): boolean {
  return goUp(session) || ownNodesOf(session)?.up() === true
}
