// The keys of this browser: one table for all flows of the page.
import { KeyBindings } from './key-bindings.ts'
import { kCommands } from './table.ts'

export const kBindings = new KeyBindings(kCommands)
