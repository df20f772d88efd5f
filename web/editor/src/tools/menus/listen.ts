// The right button, a long press, the Menu key and Shift+F10: each opens our menu on the canvas.
import type { Tools } from '../tools.ts'
import { menuKind, openMenuHere } from './open-menu.ts'

/** Hears who asks for a menu of the canvas; gives what ends that. The canvas has chosen what is under the pointer before. */
export function listenToMenus(tools: Tools): () => void {
  let byKey = false
  const onCanvas = (event: Event): boolean =>
    event.target instanceof Element &&
    event.target.closest('[data-canvas], [data-canvas-keys]') !== null &&
    event.target.closest('[data-canvas-own]') === null
  const key = (event: KeyboardEvent): void => {
    byKey = event.key === 'ContextMenu' || (event.key === 'F10' && event.shiftKey)
  }
  const pointer = (): void => {
    byKey = false
  }
  // Before the canvas hears of it: by key nothing is under the pointer.
  const first = (event: MouseEvent): void => {
    if (!byKey || !onCanvas(event)) return
    event.preventDefault()
    event.stopImmediatePropagation()
    if (tools.ui.getState().menu === undefined) openMenuHere(tools)
  }
  const asked = (event: MouseEvent): void => {
    if (event.defaultPrevented || !onCanvas(event)) return
    event.preventDefault()
    tools.ui.setState({ menu: { kind: menuKind(tools), screen: { x: event.clientX, y: event.clientY } } })
  }
  document.addEventListener('keydown', key, true)
  document.addEventListener('pointerdown', pointer, true)
  document.addEventListener('contextmenu', first, true)
  document.addEventListener('contextmenu', asked)
  return () => {
    document.removeEventListener('keydown', key, true)
    document.removeEventListener('pointerdown', pointer, true)
    document.removeEventListener('contextmenu', first, true)
    document.removeEventListener('contextmenu', asked)
  }
}
