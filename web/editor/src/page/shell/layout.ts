// How large the parts of the page are: remembered in this browser, for all flows.
import type { EditorSession } from '../../session/editor-session.ts'
import type { ViewState } from '../../session/view-state.ts'

const kKey = 'weir.editor.layout'
export const kSide = { least: 240, most: 720 }
export const kBottom = { least: 96, most: 1200 }

interface Kept {
  side: ViewState['side']
  bottom: { open: boolean; height: number }
}

export function within(value: number, { least, most }: { least: number; most: number }): number {
  return Math.round(Math.min(Math.max(value, least), most))
}

function isSize(value: unknown): value is { open: boolean } {
  return typeof value === 'object' && value !== null && typeof (value as { open?: unknown }).open === 'boolean'
}

function read(): Kept | undefined {
  try {
    const value = JSON.parse(localStorage.getItem(kKey) ?? 'null') as Partial<Kept> | null
    const { side, bottom } = value ?? {}
    if (!isSize(side) || !isSize(bottom)) return undefined
    if (!Number.isFinite(side.width) || !Number.isFinite(bottom.height)) return undefined
    return {
      side: { open: side.open, width: within(side.width, kSide) },
      bottom: { open: bottom.open, height: within(bottom.height, kBottom) }
    }
  } catch {
    return undefined
  }
}

/** Gives a session the sizes that the person left, and keeps those that they set; the answer ends that. */
export function rememberLayout({ view }: EditorSession): () => void {
  const kept = read()
  if (kept !== undefined) view.setState((now) => ({ side: kept.side, bottom: { ...now.bottom, ...kept.bottom } }))
  return view.subscribe((now, before) => {
    if (now.side === before.side && now.bottom === before.bottom) return
    const { open, height } = now.bottom
    try {
      localStorage.setItem(kKey, JSON.stringify({ side: now.side, bottom: { open, height } }))
    } catch {
      // Where nothing may be kept the sizes last as long as the page.
    }
  })
}
