// Which menu is meant by what is chosen, and where it stands when it is asked for by key.
import { canvasOf } from '../../canvas/index.ts'
import { screenOf } from '../actions/insert.ts'
import type { OpenMenu, Tools } from '../tools.ts'

/** By what is chosen. */
export function menuKind({ session: { selection } }: Tools): OpenMenu['kind'] {
  const { size } = selection
  if (size === 0) return 'canvas'
  if (size > 1) return 'selection'
  if (selection.ids('nodes').size === 1) return 'node'
  if (selection.ids('edges').size === 1) return 'edge'
  return selection.ids('groups').size === 1 ? 'box' : 'selection'
}

/** By key: at what has the focus, else in the middle of the canvas. */
export function openMenuHere(tools: Tools): void {
  const { session } = tools
  const { focus } = session.selection
  const thing =
    focus?.kind === 'nodes' || focus?.kind === 'groups' ? screenOf(session, focus.kind, focus.id) : undefined
  const rect = canvasOf(session)?.root.getBoundingClientRect()
  const middle = { x: (rect?.left ?? 0) + (rect?.width ?? 0) / 2, y: (rect?.top ?? 0) + (rect?.height ?? 0) / 3 }
  tools.ui.setState({ menu: { kind: menuKind(tools), screen: thing ?? middle } })
}
