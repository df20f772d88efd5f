// The keys of this browser: one table for all flows of the page.
import { kKeyHints } from '../../session/key-hints.ts'
import type { KeyHint } from '../../session/key-hints.ts'
import { KeyBindings } from './key-bindings.ts'
import { ariaKeys, isMac, keyWords } from './key-text.ts'
import { kCommands } from './table.ts'

export const kBindings = new KeyBindings(kCommands)

/** Parts of the page show the keys that count now. */
function tellHints(): void {
  const mac = isMac()
  const hints: Record<string, KeyHint> = {}
  for (const command of kCommands) {
    const [key] = kBindings.keysOf(command)
    if (key !== undefined) hints[command.id] = { words: keyWords(key, mac), aria: ariaKeys(key, mac) }
  }
  kKeyHints.setState(hints, true)
}

tellHints()
kBindings.store.subscribe(tellHints)
