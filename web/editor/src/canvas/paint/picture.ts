// Picture: all that a painter has to know to paint any part of the canvas.
import type { PortRef } from '../../session/view-state.ts'
import type { EditorSession } from '../../session/editor-session.ts'
import type { LiveLook } from '../scene/live-look.ts'
import type { Scene } from '../scene/scene.ts'
import type { TextFitter } from './texts.ts'
import type { CanvasTheme } from './theme.ts'

/** What stands out for as long as something is being done with the pointer. */
export interface Emphasis {
  /** A wire is being dragged: what does not take it is dimmed. */
  fits: ((port: PortRef) => boolean) | undefined
  /** The port under the wire's end. */
  port: PortRef | undefined
  /** The edge that a node would be put on. */
  edge: string | undefined
  /** The edge whose end is in the hand: it is not drawn. */
  lifted: string | undefined
}

export interface Picture {
  session: EditorSession
  scene: Scene
  live: LiveLook
  theme: CanvasTheme
  texts: TextFitter
  /** CSS pixels for one canvas unit. */
  zoom: number
  emphasis: Emphasis
  /** Whether the focus is to be seen: it came by a key. */
  focusVisible: boolean
}

/** From here on a node is 60 px wide, and its name is drawn. */
export const kNameZoom = 60 / 206
/** From here on nodes are drawn with all they have. */
export const kDetailZoom = 0.6
