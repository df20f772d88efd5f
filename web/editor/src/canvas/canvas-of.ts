// Which canvas shows a session, for those who want something of it: to reveal a thing, to know what is under the pointer.
import type { EditorSession } from '../session/editor-session.ts'
import type { CanvasView } from './canvas-view.ts'

const kViews = new WeakMap<EditorSession, CanvasView>()

/** The canvas of a session, while one is on the page. */
export function canvasOf(session: EditorSession): CanvasView | undefined {
  return kViews.get(session)
}

/** For the canvas itself. Gives what ends that. */
export function enterCanvas(view: CanvasView): () => void {
  kViews.set(view.session, view)
  return () => {
    if (kViews.get(view.session) === view) kViews.delete(view.session)
  }
}
