// Where the focus is, as far as keys care.

/** `text`: something is being written. `over`: in a dialog or menu, whose keys are its own. */
export type Focus = 'canvas' | 'page' | 'text' | 'over'

const kButtons = new Set(['button', 'checkbox', 'radio', 'range', 'color', 'file', 'image', 'reset', 'submit'])

function takesText(target: HTMLElement): boolean {
  if (target instanceof HTMLInputElement) return !kButtons.has(target.type)
  return target.isContentEditable || target.matches('textarea, select, iframe')
}

/** Of an event; formulas have their text in a shadow of the page. */
export function focusOf(event: Event): Focus {
  const [target] = event.composedPath()
  if (!(target instanceof HTMLElement)) return 'page'
  if (target.closest('[role="dialog"], [role="alertdialog"], [role="menu"]') !== null) return 'over'
  if (takesText(target)) return 'text'
  if (target.closest('[data-canvas-keys]') !== null) return 'canvas'
  return target.closest('[data-canvas]') !== null && target.closest('[data-canvas-own]') === null ? 'canvas' : 'page'
}
