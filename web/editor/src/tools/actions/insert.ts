// Putting things onto the canvas from a command: notes, and the palette that replaces a node.
import { addNote, FreshIds, snap } from '@weir/flow-model'
import type { Point } from '@weir/flow-model'
import { canvasOf } from '../../canvas/index.ts'
import type { EditorSession } from '../../session/editor-session.ts'
import type { Tools } from '../tools.ts'

/** Pixels of the page where a thing's lower left corner is; undefined without a canvas. */
export function screenOf(session: EditorSession, kind: 'nodes' | 'groups', id: string): Point | undefined {
  const view = canvasOf(session)
  const box = session.index.box(kind, id)
  if (view === undefined || box === undefined) return undefined
  const { left, top } = view.root.getBoundingClientRect()
  const { x, y, zoom } = view.camera
  return { x: left + (box.x - x) * zoom, y: top + (box.y + box.height - y) * zoom + 4 }
}

/** The place that is meant, in canvas units: where the menu was opened, where the pointer is, else the middle of the view. */
export function placeMeant({ session, ui }: Tools): Point {
  const view = canvasOf(session)
  if (view === undefined) return { x: 0, y: 0 }
  const screen = ui.getState().menu?.screen ?? view.pointer
  if (screen !== undefined) return view.toCanvas(screen.x, screen.y)
  const { x, y, width, height } = view.area()
  return { x: x + width / 2, y: y + height / 3 }
}

/** A note whose text is being written at once. */
export function addNoteHere(tools: Tools): void {
  const { session } = tools
  const at = placeMeant(tools)
  const id = new FreshIds(session.document).id('notes', 'note')
  const box = { x: snap(at.x - 103), y: snap(at.y - 24), width: 206, height: 100 }
  const { gesture } = session.do([addNote({ id, text: '' }, box)], 'Add a note')
  if (gesture === undefined) return
  session.selection.set([{ kind: 'notes', id }])
  canvasOf(session)?.editNote?.(id)
}

/** The palette, at the node whose place the chosen type takes. */
export function openReplace({ session }: Tools): void {
  const [replace] = session.selection.ids('nodes')
  const box = replace === undefined ? undefined : session.index.box('nodes', replace)
  if (replace === undefined || box === undefined) return
  const screen = screenOf(session, 'nodes', replace) ?? { x: 200, y: 120 }
  session.view.setState({ palette: { at: { x: box.x, y: box.y }, screen, replace } })
}
