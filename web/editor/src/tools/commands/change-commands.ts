// Commands that change what is chosen: clipboard, boxes, deleting, undo, and arranging.
import type { Alignment } from '@weir/flow-model'
import { askForNode, toggleChosenBoxes } from '../../boxes/index.ts'
import { removeAndReconnectSelected, removeSelected, toggleBypass } from '../../canvas/index.ts'
import { alignChosen, canAlign, distributeChosen, tidy } from '../actions/arrange.ts'
import { boxChosen, canBox, unboxChosen } from '../actions/boxes.ts'
import { canCopy, duplicateChosen, writeClipboard } from '../actions/clipboard.ts'
import { pasteClipboard } from '../paste/paste-here.ts'
import type { Tools } from '../tools.ts'
import type { Command } from './command.ts'

const kNothing = 'Choose something first.'

function chosen({ session }: Tools): string {
  return session.selection.size > 0 ? '' : kNothing
}
function copyable({ session }: Tools): string {
  return canCopy(session) ? '' : kNothing
}
function nodes({ session }: Tools): string {
  return session.selection.ids('nodes').size > 0 ? '' : 'Choose a node first.'
}

function boxable({ session }: Tools): string {
  return canBox(session) ? '' : kNothing
}

/** A command on what is chosen. */
function change(command: Omit<Command, 'group' | 'changes'>): Command {
  return { ...command, group: 'Change', changes: true }
}

export const kChangeCommands: readonly Command[] = [
  change({
    id: 'change.undo',
    label: 'Undo',
    labelNow: ({ session }) => `Undo: ${session.history.undoLabel ?? ''}`.replace(/: $/, ''),
    keys: ['Mod+z'],
    where: 'page',
    why: ({ session }) => (session.history.undoLabel === undefined ? 'There is nothing to undo.' : ''),
    run: ({ session }) => {
      session.undo()
    }
  }),
  change({
    id: 'change.redo',
    label: 'Redo',
    labelNow: ({ session }) => `Redo: ${session.history.redoLabel ?? ''}`.replace(/: $/, ''),
    keys: ['Mod+Shift+z', 'Mod+y'],
    where: 'page',
    why: ({ session }) => (session.history.redoLabel === undefined ? 'There is nothing to do again.' : ''),
    run: ({ session }) => {
      session.redo()
    }
  }),
  {
    id: 'change.copy',
    label: 'Copy as text',
    group: 'Change',
    keys: ['Mod+c'],
    where: 'canvas',
    fixed: true,
    why: copyable,
    run: ({ session }) => {
      void writeClipboard(session, false)
    }
  },
  change({
    id: 'change.cut',
    label: 'Cut',
    keys: ['Mod+x'],
    where: 'canvas',
    fixed: true,
    why: copyable,
    run: ({ session }) => {
      void writeClipboard(session, true)
    }
  }),
  change({
    id: 'change.paste',
    label: 'Paste',
    keys: ['Mod+v'],
    where: 'canvas',
    fixed: true,
    run: (tools) => {
      void pasteClipboard(tools)
    }
  }),
  change({
    id: 'change.duplicate',
    label: 'Duplicate',
    keys: ['Mod+d'],
    where: 'page',
    why: copyable,
    run: ({ session }) => {
      duplicateChosen(session)
    }
  }),
  change({
    id: 'change.bypass',
    label: 'Bypass',
    labelNow: ({ session }) => {
      const ids = [...session.selection.ids('nodes')]
      return ids.length > 0 && ids.every((id) => session.document.node(id)?.bypass === true) ? 'Use again' : 'Bypass'
    },
    keys: ['b'],
    where: 'canvas',
    why: nodes,
    run: ({ session }) => {
      toggleBypass(session)
    }
  }),
  change({
    id: 'change.collapse',
    label: 'Collapse or open the box',
    keys: ['e'],
    where: 'canvas',
    run: ({ session }) => {
      toggleChosenBoxes(session)
    }
  }),
  change({
    id: 'change.makeNode',
    label: 'Make a node of this…',
    keys: ['m'],
    where: 'canvas',
    why: boxable,
    run: ({ session }) => {
      askForNode(session)
    }
  }),
  change({
    id: 'change.box',
    label: 'Put into a box',
    keys: ['Mod+g'],
    where: 'page',
    why: boxable,
    run: ({ session }) => {
      boxChosen(session)
    }
  }),
  change({
    id: 'change.unbox',
    label: 'Take the box away',
    keys: ['Mod+Shift+g'],
    where: 'page',
    why: ({ session }) => (session.selection.ids('groups').size > 0 ? '' : 'Choose a box first.'),
    run: ({ session }) => {
      unboxChosen(session)
    }
  }),
  change({
    id: 'change.rename',
    label: 'Rename',
    keys: ['F2'],
    where: 'canvas',
    why: ({ session: { selection } }) =>
      selection.ids('nodes').size + selection.ids('groups').size === 1 ? '' : 'Choose one node or box first.',
    run: (tools) => {
      const { selection, view } = tools.session
      const [node] = selection.ids('nodes')
      const [group] = selection.ids('groups')
      view.setState({ outlineOpen: true })
      tools.ui.setState({ renaming: node === undefined ? `groups/${group ?? ''}` : `nodes/${node}` })
    }
  }),
  change({
    id: 'change.delete',
    label: 'Delete',
    keys: ['Delete', 'Backspace'],
    where: 'canvas',
    danger: true,
    why: chosen,
    run: ({ session }) => {
      removeSelected(session)
    }
  }),
  change({
    id: 'change.removeAndReconnect',
    label: 'Remove and reconnect',
    keys: ['Mod+Delete', 'Mod+Backspace'],
    where: 'canvas',
    danger: true,
    why: nodes,
    run: ({ session }) => {
      removeAndReconnectSelected(session)
    }
  })
]

const kAlignments: readonly (readonly [Alignment, string])[] = [
  ['left', 'Align left edges'],
  ['centre', 'Align centres'],
  ['right', 'Align right edges'],
  ['top', 'Align top edges'],
  ['middle', 'Align middles'],
  ['bottom', 'Align bottom edges']
]

function several({ session }: Tools): string {
  return canAlign(session) ? '' : 'Choose at least two things first.'
}

function arrange(command: Pick<Command, 'id' | 'label' | 'keys' | 'run' | 'why'>): Command {
  return { ...command, group: 'Arrange', changes: true, where: 'canvas' }
}

export const kArrangeCommands: readonly Command[] = [
  arrange({
    id: 'arrange.tidy',
    label: 'Tidy up',
    keys: ['t'],
    why: ({ session }) => (session.document.tables.nodes.size > 1 ? '' : 'There is nothing to tidy.'),
    run: ({ session }) => {
      void tidy(session).catch((error: unknown) => {
        session.tell(error instanceof Error ? error.message : String(error), 'error')
      })
    }
  }),
  ...kAlignments.map(([how, label]) =>
    arrange({
      id: `arrange.${how}`,
      label,
      keys: [],
      why: several,
      run: ({ session }) => {
        alignChosen(session, how)
      }
    })
  ),
  ...(['x', 'y'] as const).map((along) =>
    arrange({
      id: `arrange.space.${along}`,
      label: along === 'x' ? 'Space evenly across' : 'Space evenly down',
      keys: [],
      why: several,
      run: ({ session }) => {
        distributeChosen(session, along)
      }
    })
  )
]
