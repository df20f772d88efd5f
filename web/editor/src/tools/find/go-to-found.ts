// Going to what was found, also in a flow that is opened for it.
import type { Chosen } from '@weir/flow-model'
import { canvasOf } from '../../canvas/index.ts'
import type { EditorSession } from '../../session/editor-session.ts'
import { goTo, openField } from '../actions/go.ts'
import type { Found } from './find-in-flow.ts'

const kGap = 24

/** Chooses it and has it in view; the focus stays where it is. */
export function showFound(session: EditorSession, found: Found): void {
  const { kind, id } = found
  if (kind === 'flow') session.selection.clear()
  else {
    goTo(session, { kind, id })
    clearOfBox(session, { kind, id })
  }
}

/** Moves the canvas if the box of what was found lies over the thing. */
function clearOfBox(session: EditorSession, { kind, id }: Chosen): void {
  const view = canvasOf(session)
  const thing = session.index.box(kind, id)
  const over = view?.root.ownerDocument.querySelector('[data-find-box]')?.getBoundingClientRect()
  if (view === undefined || thing === undefined || over === undefined) return
  const { camera } = view
  const { left, top } = view.root.getBoundingClientRect()
  const [x, y] = [left + (thing.x - camera.x) * camera.zoom, top + (thing.y - camera.y) * camera.zoom]
  const beside = x > over.right || x + thing.width * camera.zoom < over.left
  if (beside || y > over.bottom || y + thing.height * camera.zoom < over.top) return
  view.setCamera({ ...camera, y: camera.y - (over.bottom + kGap - y) / camera.zoom })
}

/** The field that it is in gets the focus; without one the canvas does. */
export function goToFound(session: EditorSession, found: Found): void {
  showFound(session, found)
  const { kind, path } = found
  const hasForm = kind === 'nodes' || kind === 'edges' || kind === 'flow'
  if (hasForm && path !== '') openField(session, path)
  else canvasOf(session)?.root.focus({ preventScroll: true })
}

let wanted: { flow: string; found: Found } | undefined

/** Remembers where to go when that flow has been opened. */
export function goWhenOpened(flow: string, found: Found): void {
  wanted = { flow, found }
}

/** Goes there, if this is the flow that it was meant for and the thing is still in it. */
export function goWhereWanted(session: EditorSession): void {
  const place = wanted
  if (place?.flow !== session.document.id) return
  wanted = undefined
  const { kind, id } = place.found
  if (kind === 'flow' || session.document.tables[kind].has(id)) goToFound(session, place.found)
}
