// The one place that hears keys for the editor: what a key stands for is in the table alone. A key that was taken before is left.
import { usePreferences } from '@weir/ui/preferences.ts'
import { canvasOf } from '../../canvas/index.ts'
import type { Tools } from '../tools.ts'
import { perform } from './command.ts'
import type { Command, Where } from './command.ts'
import { focusOf } from './focus.ts'
import type { Focus } from './focus.ts'
import type { KeyBindings } from './key-bindings.ts'
import { isLetter, isMac, keyText } from './key-text.ts'

const kReach: Readonly<Record<Focus, readonly Where[]>> = {
  canvas: ['canvas', 'page', 'always'],
  page: ['page', 'always'],
  text: ['always'],
  over: []
}

/** The command that a key means where the focus is; undefined: the key is the browser's. */
export function meantBy(bindings: KeyBindings, key: string, focus: Focus, letters: boolean): Command | undefined {
  const command = bindings.commandOf(key)
  if (command === undefined || !kReach[focus].includes(command.where)) return undefined
  return isLetter(key) && (!letters || focus === 'text') ? undefined : command
}

/** Copy, cut and paste come as events of the clipboard; Space is the canvas's hand. */
function comesOtherwise(key: string): boolean {
  return ['Mod+c', 'Mod+x', 'Mod+v', 'Space'].includes(key)
}

/** Hears the keys of the page; gives what ends that. */
export function listenToKeys(tools: Tools, bindings: KeyBindings): () => void {
  const mac = isMac()
  const pressed = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || event.isComposing) return
    const key = keyText(event, mac)
    if (comesOtherwise(key)) return
    const focus = focusOf(event)
    const command = meantBy(bindings, key, focus, usePreferences.getState().letterKeys)
    if (command === undefined) return
    event.preventDefault()
    if (focus === 'canvas') canvasOf(tools.session)?.setFocusVisible(true)
    perform(command, tools)
  }
  document.addEventListener('keydown', pressed)
  return () => {
    document.removeEventListener('keydown', pressed)
  }
}
