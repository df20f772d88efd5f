// What a page and a widget in a sandboxed frame say to each other; all that comes from a frame is checked.
import type { Batch } from '@weir/engine-client'
import type { Theme } from '../view/theme.ts'

/** Version of the messages. */
export const VERSION = 1

/** The first message, to the frame's window, with the port for all others. */
export interface Hello {
  weir: 'widget'
  v: typeof VERSION
  title: string
  settings: Readonly<Record<string, unknown>>
  theme: Theme
}

export type ToFrame =
  { type: 'batch'; batch: Batch } | { type: 'end'; failure?: string } | { type: 'theme'; theme: Theme }

/** `taken`: so many batches more have been taken; until then the page holds further ones back. */
export type FromFrame = { type: 'ready' } | { type: 'taken'; batches: number } | { type: 'failed'; why: string }

const MOST_TEXT = 500

/** undefined: not a message of a widget. */
export function fromFrame(data: unknown): FromFrame | undefined {
  if (typeof data !== 'object' || data === null) return undefined
  const { type, batches, why } = data as Record<string, unknown>
  switch (type) {
    case 'ready':
      return { type }
    case 'taken':
      return typeof batches === 'number' && Number.isInteger(batches) && batches > 0 ? { type, batches } : undefined
    case 'failed':
      return typeof why === 'string' ? { type, why: why.slice(0, MOST_TEXT) } : undefined
    default:
      return undefined
  }
}

/** undefined: not the first message of a page with widgets. */
export function helloOf(data: unknown): Hello | undefined {
  if (typeof data !== 'object' || data === null) return undefined
  const { weir, v } = data as Record<string, unknown>
  return weir === 'widget' && v === VERSION ? (data as Hello) : undefined
}
