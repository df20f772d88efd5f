// Notices: what the person should know or decide, above everything else; each is there once.
import { byId, make } from './elements.ts'

/** The same `id` replaces it. */
export function tellNotice(id: string, words: Node | string, ...actions: HTMLElement[]): void {
  const made = make('div', { class: 'notice', id, role: 'status' }, make('p', {}, words), ...actions)
  const old = document.getElementById(id)
  if (old) old.replaceWith(made)
  else byId('notices').append(made)
}

export function dropNotice(id: string): void {
  document.getElementById(id)?.remove()
}
