// The table of commands and its keys: one for all, rebound without two having the same, and silent where something is written.
import { describe, expect, it } from 'vitest'
import { whyNot } from '../../src/tools/commands/command.ts'
import { KeyBindings } from '../../src/tools/commands/key-bindings.ts'
import { ariaKeys, isLetter, keyText, keyWords, whyNoKey } from '../../src/tools/commands/key-text.ts'
import { meantBy } from '../../src/tools/commands/listen.ts'
import { commandById, kCommands } from '../../src/tools/commands/table.ts'
import { menuOf } from '../../src/tools/menus/menu-lists.ts'
import { Tools } from '../../src/tools/tools.ts'
import { ordersSession } from '../panels/orders-flow.ts'
import { schemasOfNodes } from '../panels/schemas.ts'

const kPlain = { ctrlKey: false, metaKey: false, shiftKey: false, altKey: false }

function memory(text: string | null = null) {
  const kept = { text }
  return {
    kept,
    store: {
      getItem: () => kept.text,
      setItem: (_key: string, value: string) => {
        kept.text = value
      }
    }
  }
}

describe('a key as text', () => {
  it('says what is held, Shift only where it does not make the character', () => {
    expect(keyText({ ...kPlain, key: 'Z', ctrlKey: true, shiftKey: true })).toBe('Mod+Shift+z')
    expect(keyText({ ...kPlain, key: '?', shiftKey: true })).toBe('?')
    expect(keyText({ ...kPlain, key: '.', ctrlKey: true })).toBe('Mod+.')
    expect(keyText({ ...kPlain, key: ' ' })).toBe('Space')
    expect(keyText({ ...kPlain, key: 'ArrowLeft', shiftKey: true })).toBe('Shift+ArrowLeft')
    expect(keyText({ ...kPlain, key: 'Shift', shiftKey: true })).toBe('')
    expect(keyText({ ...kPlain, key: 'Dead' })).toBe('')
  })
  it('takes Cmd for Ctrl on macOS, and Ctrl for nothing there', () => {
    expect(keyText({ ...kPlain, key: 'k', metaKey: true }, true)).toBe('Mod+k')
    expect(keyText({ ...kPlain, key: 'k', ctrlKey: true }, true)).toBe('')
    expect(keyText({ ...kPlain, key: 'k', metaKey: true }, false)).toBe('')
    expect(keyWords('Mod+Shift+ArrowLeft', true)).toBe('⌘ ⇧ ←')
    expect(keyWords('Mod+Shift+z')).toBe('Ctrl Shift Z')
    expect(ariaKeys('Mod+Enter')).toBe('Control+Enter')
  })
  it('is a letter if it writes one', () => {
    expect(['b', '1', '?', '+', 'Shift+b'].map(isLetter)).toEqual([true, true, true, true, true])
    expect(['Mod+b', 'F9', 'Delete', 'Mod+.', 'Alt+b'].map(isLetter)).toEqual([false, false, false, false, false])
  })
})

describe('the table', () => {
  it('has each id and each key once', () => {
    expect(new Set(kCommands.map(({ id }) => id)).size).toBe(kCommands.length)
    const keys = kCommands.flatMap((command) => command.keys)
    expect(keys.filter((key, at) => keys.indexOf(key) !== at)).toEqual([])
  })
  it('has the keys of the design', () => {
    const keys = new Set(kCommands.flatMap((command) => command.keys))
    const wanted =
      'Mod+Enter Mod+Shift+Enter Mod+. Mod+k Mod+f Mod+Shift+f Mod+z Mod+Shift+z Mod+d Mod+g Mod+c Mod+x Mod+v Enter Escape ArrowUp Shift+ArrowUp Space b F9 F10 1 2 Mod+Delete ? ContextMenu Shift+F10'
    expect(wanted.split(' ').filter((key) => !keys.has(key))).toEqual([])
  })
  it('leaves the browser its keys', () => {
    const kept = ['F5', 'Mod+r', 'Alt+ArrowLeft', 'Alt+ArrowRight', 'Tab', 'Shift+Tab']
    expect(kCommands.filter((command) => command.keys.some((key) => kept.includes(key)))).toEqual([])
    expect(kept.every((key) => whyNoKey(key) !== '')).toBe(true)
  })
  it('lets single characters count on the canvas alone, but for the list of keys', () => {
    const letters = kCommands.filter((command) => command.where !== 'canvas' && command.keys.some(isLetter))
    expect(letters.map(({ id }) => id)).toEqual(['look.keys'])
  })
})

describe('a key that is pressed', () => {
  const bindings = new KeyBindings(kCommands, undefined)
  it('means what the focus lets it mean', () => {
    const id = (key: string, focus: Parameters<typeof meantBy>[2]): string | undefined =>
      meantBy(bindings, key, focus, true)?.id
    expect(id('b', 'canvas')).toBe('change.bypass')
    expect(id('b', 'page')).toBeUndefined()
    expect(id('Delete', 'page')).toBeUndefined()
    expect(id('Mod+z', 'page')).toBe('change.undo')
    expect(id('Mod+z', 'text')).toBeUndefined()
    expect(id('?', 'text')).toBeUndefined()
    expect(id('Mod+k', 'text')).toBe('look.commands')
    expect(id('Mod+k', 'over')).toBeUndefined()
    expect(id('F5', 'canvas')).toBeUndefined()
  })
  it('in a field: nothing that writes, edits or moves there', () => {
    const fire = kCommands
      .flatMap((command) => command.keys)
      .filter((key) => meantBy(bindings, key, 'text', true) !== undefined)
    expect(fire.every((key) => key.startsWith('Mod+'))).toBe(true)
    expect(fire.some((key) => /\+(a|c|x|v|z|y|d|b|Arrow.*|Delete|Backspace)$/.test(key))).toBe(false)
  })
  it('is silent as a letter where the person wants no letters', () => {
    expect(meantBy(bindings, 'b', 'canvas', false)).toBeUndefined()
    expect(meantBy(bindings, 'F9', 'canvas', false)?.id).toBe('run.breakpoint')
  })
})

describe('keys of one’s own', () => {
  const duplicate = commandById('change.duplicate')
  const box = commandById('change.box')
  it('are kept, told apart and taken back', () => {
    const { store, kept } = memory()
    const bindings = new KeyBindings(kCommands, store)
    expect(bindings.conflict(duplicate, 'Mod+u')).toBeUndefined()
    bindings.set(duplicate, 'Mod+u')
    expect(new KeyBindings(kCommands, store).commandOf('Mod+u')).toBe(duplicate)
    expect(bindings.commandOf('Mod+d')).toBeUndefined()
    bindings.reset(duplicate)
    expect(bindings.keysOf(duplicate)).toEqual(['Mod+d'])
    expect(kept.text).toBe('{}')
  })
  it('say who has a key, and take it from there when it is given away', () => {
    const bindings = new KeyBindings(kCommands, undefined)
    expect(bindings.conflict(duplicate, 'Mod+g')).toEqual({ reason: 'This is the key of Put into a box.', other: box })
    bindings.set(duplicate, 'Mod+g')
    expect(bindings.commandOf('Mod+g')).toBe(duplicate)
    expect(bindings.keysOf(box)).toEqual([])
    bindings.reset(box)
    expect([bindings.keysOf(box), bindings.keysOf(duplicate)]).toEqual([['Mod+g'], []])
    bindings.resetAll()
    expect(bindings.keysOf(duplicate)).toEqual(['Mod+d'])
  })
  it('are refused where the browser, the clipboard or the canvas has them', () => {
    const bindings = new KeyBindings(kCommands, undefined)
    for (const key of ['F5', 'Tab', 'Alt+ArrowLeft', 'Mod+c', 'Escape', 'Space', 'Shift+F10', 'q']) {
      expect(bindings.conflict(duplicate, key)?.reason, key).toBeTruthy()
      bindings.set(duplicate, key)
      expect(bindings.keysOf(duplicate), key).toEqual(['Mod+d'])
    }
  })
  it.each(['no json', '[1]', '{"change.duplicate":5}', '{"change.duplicate":["F5"]}', 'null'])(
    'survive a store with %s',
    (text) => {
      expect(new KeyBindings(kCommands, memory(text).store).keysOf(duplicate)).toEqual(['Mod+d'])
    }
  )
  it('last as long as the page where nothing can be kept', () => {
    const bindings = new KeyBindings(kCommands, {
      getItem: () => null,
      setItem: () => {
        throw new Error('full')
      }
    })
    bindings.set(duplicate, 'Mod+u')
    expect(bindings.keysOf(duplicate)).toEqual(['Mod+u'])
  })
})

describe('menus', () => {
  const tools = (): Tools => new Tools(ordersSession(schemasOfNodes()))
  const words = (kind: Parameters<typeof menuOf>[0], of: Tools): string[] =>
    menuOf(kind, of).flatMap((part) =>
      part.map((line) => ('command' in line ? line.command.id : `${line.words} (${line.commands.length})`))
    )
  it('have what applies to what is chosen, and nothing else', () => {
    const one = tools()
    expect(words('canvas', one)).toContain('change.paste')
    expect(words('canvas', one)).not.toContain('change.undo')
    one.session.selection.set([{ kind: 'nodes', id: 'paid' }])
    expect(words('node', one)).toEqual([
      ...['go.open', 'change.rename', 'draw.replace', 'draw.connect', 'run.breakpoint', 'run.alert', 'change.bypass'],
      'flow.putOnDashboard',
      ...['change.cut', 'change.copy', 'change.duplicate', 'change.box', 'change.removeAndReconnect', 'change.delete']
    ])
    one.session.selection.set([{ kind: 'edges', id: 'e1' }])
    const ofEdge = ['draw.insert', 'go.open', 'look.rows', 'look.row', 'run.breakpoint', 'run.alert']
    expect(words('edge', one)).toEqual([...ofEdge, 'flow.putOnDashboard', 'change.delete'])
    one.session.selection.set(['read', 'paid'].map((id) => ({ kind: 'nodes' as const, id })))
    expect(words('selection', one)).toContain('Arrange (9)')
  })
  it('say why something does not apply', () => {
    const one = tools()
    expect(whyNot(commandById('run.toHere'), one)).toBe('Choose the one node to run to.')
    expect(whyNot(commandById('run.stop'), one)).toBe('Nothing runs.')
    expect(whyNot(commandById('find.everywhere'), one)).toBe('There are no other flows here.')
  })
})
