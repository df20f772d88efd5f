// Gesture: what a pointer does from press to release. Moves are applied once a frame.
import type { StoreApi } from 'zustand/vanilla'
import type { ConnectRefusal } from '../actions.ts'
import type { CanvasView } from '../canvas-view.ts'
import type { Overlay } from './overlay.ts'

/** Pixels of the page, and the keys that are held. */
export interface PointerAt {
  x: number
  y: number
  shift: boolean
  alt: boolean
  mod: boolean
}

export interface Gesture {
  /** The shape of the pointer meanwhile. */
  readonly cursor: string
  move(at: PointerAt): void
  /** Released there. */
  end(at: PointerAt): void
  /** Escape, or the pointer was taken away: everything is as before. */
  cancel(): void
}

/** What the canvas shows of its own beside what it draws. */
export interface CanvasUi {
  refusal: (ConnectRefusal & { x: number; y: number }) | undefined
  /** The note whose text is being written. */
  editing: string | undefined
  /** Where the pointer is over an edge, in pixels of the page. */
  pointer: { x: number; y: number }
}

/** What gestures work on. */
export interface Surface {
  view: CanvasView
  overlay: Overlay
  ui: StoreApi<CanvasUi>
}
