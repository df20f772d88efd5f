// Commands that put things onto the canvas, and those that go about it.
import type { Arrow } from '@weir/flow-model'
import { canvasOf, connectByKey, nudgeSelected, openPalette, walkFocus } from '../../canvas/index.ts'
import { addNoteHere, openReplace } from '../actions/insert.ts'
import { chooseAll, goUp, meantThing, openChosen } from '../actions/go.ts'
import { openMenuHere } from '../menus/open-menu.ts'
import type { Tools } from '../tools.ts'
import type { Command } from './command.ts'

/** On the edge that is chosen, else where the menu was opened or in the middle. */
function insert({ session, ui }: Tools): void {
  const view = canvasOf(session)
  const [edge, more] = session.selection.ids('edges')
  const at = ui.getState().menu?.screen
  if (view !== undefined) openPalette(view, at?.x, at?.y, more === undefined ? edge : undefined)
}

export const kDrawCommands: readonly Command[] = [
  {
    id: 'draw.insert',
    label: 'Add a node',
    labelNow: ({ session }) => (session.selection.ids('edges').size === 1 ? 'Insert a node here' : 'Add a node'),
    group: 'Draw',
    keys: ['Space'],
    where: 'canvas',
    fixed: true,
    changes: true,
    run: insert
  },
  {
    id: 'draw.replace',
    label: 'Replace with…',
    group: 'Draw',
    keys: ['r'],
    where: 'canvas',
    changes: true,
    why: ({ session }) => (session.selection.ids('nodes').size === 1 ? '' : 'Choose the one node to replace.'),
    run: openReplace
  },
  {
    id: 'draw.connect',
    label: 'Connect from here, to here',
    group: 'Draw',
    keys: ['c'],
    where: 'canvas',
    changes: true,
    why: ({ session }) => (session.selection.focus?.kind === 'nodes' ? '' : 'Go to a node first.'),
    run: ({ session }) => {
      connectByKey(session)
    }
  },
  {
    id: 'draw.note',
    label: 'Add a note',
    group: 'Draw',
    keys: ['n'],
    where: 'canvas',
    changes: true,
    run: addNoteHere
  }
]

const kArrows: readonly Arrow[] = ['left', 'right', 'up', 'down']
const kArrowWords = { left: 'to the left', right: 'to the right', up: 'up', down: 'down' } as const

function arrowKey(arrow: Arrow): string {
  return `Arrow${arrow.charAt(0).toUpperCase()}${arrow.slice(1)}`
}

function ofArrow(arrow: Arrow): Command[] {
  const common = { group: 'Go', where: 'canvas', keysOnly: true } as const
  return [
    {
      ...common,
      id: `go.walk.${arrow}`,
      label: `Go ${kArrowWords[arrow]}`,
      keys: [arrowKey(arrow)],
      run: ({ session }) => {
        walkFocus(session, arrow)
      }
    },
    {
      ...common,
      id: `go.nudge.${arrow}`,
      label: `Move ${kArrowWords[arrow]}`,
      keys: [`Shift+${arrowKey(arrow)}`],
      changes: true,
      run: ({ session }) => {
        nudgeSelected(session, arrow, false)
      }
    },
    {
      ...common,
      id: `go.nudgeFar.${arrow}`,
      label: `Move far ${kArrowWords[arrow]}`,
      keys: [`Mod+Shift+${arrowKey(arrow)}`],
      changes: true,
      run: ({ session }) => {
        nudgeSelected(session, arrow, true)
      }
    }
  ]
}

export const kGoCommands: readonly Command[] = [
  {
    id: 'go.open',
    label: 'Open',
    labelNow: ({ session }) => {
      const thing = meantThing(session)
      if (thing?.kind !== 'groups') return thing?.kind === 'notes' ? 'Write' : 'Open its settings'
      return session.document.group(thing.id)?.collapsed === true ? 'Open the box' : 'Collapse the box'
    },
    group: 'Go',
    keys: ['Enter'],
    where: 'canvas',
    why: ({ session }) => (meantThing(session) === undefined ? 'Choose one thing first.' : ''),
    run: ({ session }) => {
      openChosen(session)
    }
  },
  {
    id: 'go.up',
    label: 'Up, or give up what is in the hand',
    group: 'Go',
    keys: ['Escape'],
    where: 'canvas',
    fixed: true,
    keysOnly: true,
    run: ({ session }) => {
      goUp(session)
    }
  },
  {
    id: 'go.all',
    label: 'Choose all',
    group: 'Go',
    keys: ['Mod+a'],
    where: 'canvas',
    run: ({ session }) => {
      chooseAll(session)
    }
  },
  {
    id: 'go.menu',
    label: 'Menu of what is chosen',
    group: 'Go',
    keys: ['ContextMenu', 'Shift+F10'],
    where: 'canvas',
    fixed: true,
    keysOnly: true,
    run: openMenuHere
  },
  ...kArrows.flatMap(ofArrow)
]
