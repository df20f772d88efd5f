// Keys: which one does what, and whether it counts where the focus is.
import { PLACES } from './places.ts'

export interface KeyAction {
  keys: string
  does: string
}

/** All keys, as `?` lists them. */
export const KEYS: readonly KeyAction[] = [
  { keys: 'Ctrl K', does: 'Commands' },
  { keys: '?', does: 'This list' },
  { keys: '/', does: 'Search on this page' },
  { keys: 'Esc', does: 'Close what is open' },
  ...PLACES.map((place) => ({ keys: place.keys, does: `Go to ${place.name}` }))
]

/** Whether letters go into what has the focus. */
export function writesInto(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  return target.isContentEditable || target.matches('input, textarea, select, [role="menu"] *, [role="dialog"] *')
}

type Pressed = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>

/** Cmd stands for Ctrl on macOS. */
export function isCommand(event: Pressed): boolean {
  return (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === 'k'
}

/** Reads letters one after the other; the second has a second to come. */
export function letterReader(now: () => number = Date.now): (key: string) => string {
  let first = ''
  let at = 0
  return (key) => {
    const pair = first !== '' && now() - at < 1000 ? `${first} ${key}` : ''
    first = key === 'g' && pair === '' ? 'g' : ''
    at = now()
    return pair === '' ? key : pair
  }
}
