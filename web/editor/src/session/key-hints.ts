// The keys that commands have, for parts of the page that show one beside what it does. Told by the table of commands when it has been
// loaded and whenever a person gives other keys; before that no key counts and none is shown.
import { useStore } from 'zustand'
import { createStore } from 'zustand/vanilla'

export interface KeyHint {
  /** As a person reads it: `Ctrl Shift Z`. */
  words: string
  /** As `aria-keyshortcuts` has it. */
  aria: string
}

/** By the id of the command; one without a key is not there. */
export const kKeyHints = createStore<Readonly<Record<string, KeyHint>>>(() => ({}))

/** The first key of a command; undefined if it has none. */
export function useKeyHint(command: string): KeyHint | undefined {
  return useStore(kKeyHints, (hints) => hints[command])
}

/** `Ctrl Z brings them back.`; empty if the command has no key. */
export function withKey(command: string, words: string): string {
  const hint = kKeyHints.getState()[command]
  return hint === undefined ? '' : `${hint.words} ${words}`
}
