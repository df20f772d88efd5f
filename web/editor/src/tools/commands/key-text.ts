// Keys as text: `Mod+Shift+ArrowLeft`, `b`, `?`. `Mod` is Ctrl, and Cmd on macOS.

export type Pressed = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'shiftKey' | 'altKey'>

/** Whether Cmd stands for Ctrl here. */
export function isMac(): boolean {
  return /^(Mac|iP)/.test(navigator.platform)
}

/** One character. */
function isOne(text: string): boolean {
  return /^.$/su.test(text)
}

/** Whether a key writes a character by itself, with or without Shift. */
export function isLetter(key: string): boolean {
  const [only, more] = key.replace(/^Shift\+(?=.)/, '').split(/(?<=.)\+/)
  return more === undefined && only !== undefined && isOne(only)
}

/** A key event as the table writes it; empty if only a modifier is pressed, or one that stands for nothing here. */
export function keyText(event: Pressed, mac = false): string {
  if (['Control', 'Shift', 'Alt', 'Meta', 'AltGraph', 'Dead', 'Unidentified', 'Process'].includes(event.key)) return ''
  // On macOS Ctrl moves in texts, elsewhere the other key is the system's.
  if (mac ? event.ctrlKey : event.metaKey) return ''
  const mod = mac ? event.metaKey : event.ctrlKey
  const one = isOne(event.key)
  const key = event.key === ' ' ? 'Space' : one ? event.key.toLowerCase() : event.key
  // Shift is part of what a character is, unless it is a letter.
  const shift = event.shiftKey && !(one && key !== 'Space' && key.toLowerCase() === key.toUpperCase())
  const mods = [mod ? 'Mod' : '', event.altKey ? 'Alt' : '', shift ? 'Shift' : '']
  return [...mods.filter((each) => each !== ''), key].join('+')
}

const kWords: Readonly<Record<string, string>> = {
  ArrowLeft: '←',
  ArrowRight: '→',
  ArrowUp: '↑',
  ArrowDown: '↓',
  Escape: 'Esc',
  ContextMenu: 'Menu'
}

/** As a person reads it: `Ctrl Shift Z`, `⌘ ⇧ Z`. */
export function keyWords(key: string, mac = false): string {
  const parts = key === '+' ? ['+'] : key.split(/(?<=.)\+/)
  const mods: Readonly<Record<string, string>> = mac
    ? { Mod: '⌘', Shift: '⇧', Alt: '⌥' }
    : { Mod: 'Ctrl', Shift: 'Shift', Alt: 'Alt' }
  return parts.map((part) => mods[part] ?? kWords[part] ?? (isOne(part) ? part.toUpperCase() : part)).join(' ')
}

/** As `aria-keyshortcuts` has it: `Control+Shift+Z`. */
export function ariaKeys(key: string, mac = false): string {
  return key.replace(/^Mod\b/, mac ? 'Meta' : 'Control')
}

const kBrowsers: ReadonlySet<string> = new Set([
  'F5',
  'Mod+F5',
  'Shift+F5',
  'Mod+r',
  'Mod+Shift+r',
  'Alt+ArrowLeft',
  'Alt+ArrowRight',
  'Tab',
  'Shift+Tab',
  'Mod+Tab',
  'Mod+Shift+Tab',
  'Mod+w',
  'Mod+Shift+w',
  'Mod+t',
  'Mod+Shift+t',
  'Mod+n',
  'Mod+Shift+n',
  'Mod+l',
  'Mod+q',
  'F11',
  'F12'
])

/** Why nothing is ever bound to a key; empty if it may be. */
export function whyNoKey(key: string): string {
  if (kBrowsers.has(key)) return `${keyWords(key)} keeps what it means in the browser.`
  if (key === 'Escape' || key === 'Space') return `${keyWords(key)} is the canvas’s own.`
  if (['Mod+c', 'Mod+x', 'Mod+v'].includes(key)) return `${keyWords(key)} is the clipboard’s.`
  return ''
}
