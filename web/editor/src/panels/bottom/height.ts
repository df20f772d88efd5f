// The height of what stands under the canvas: kept in this browser, and within what the page has room for.
import type { ViewStore } from '../../session/view-state.ts'

const kKey = 'weir.editor.bottom'
export const kLeastHeight = 120
/** What stays of the canvas. */
const kLeastAbove = 96

/** Between the least that can be used and what the place has. */
export function bounded(height: number, room: number): number {
  return Math.round(Math.max(kLeastHeight, Math.min(height, Math.max(kLeastHeight, room - kLeastAbove))))
}

/** The height that was kept, or undefined. Storage may be refused. */
export function keptHeight(): number | undefined {
  try {
    const height = Number(localStorage.getItem(kKey) ?? NaN)
    return Number.isFinite(height) && height >= kLeastHeight ? height : undefined
  } catch {
    return undefined
  }
}

export function keepHeight(height: number): void {
  try {
    localStorage.setItem(kKey, String(height))
  } catch {
    // Then it is as it is by default the next time.
  }
}

export function setHeight(view: ViewStore, height: number): void {
  const { bottom } = view.getState()
  if (bottom.height !== height) view.setState({ bottom: { ...bottom, height } })
}
