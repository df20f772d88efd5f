// What stands in which menu, by the ids of the table; what does not apply now is left out.
import { whyNot } from '../commands/command.ts'
import type { Command } from '../commands/command.ts'
import { commandById, kCommands } from '../commands/table.ts'
import type { OpenMenu, Tools } from '../tools.ts'

/** A line; several below one another under a word of their own. */
export type MenuLine = { command: Command } | { words: string; commands: readonly Command[] }

const kArrange = kCommands.filter((command) => command.group === 'Arrange').map((command) => command.id)

/** Parts of a menu, a line between each and the next. `arrange` stands for all that arranges. */
const kMenus: Readonly<Record<OpenMenu['kind'], readonly (readonly string[])[]>> = {
  canvas: [
    ['draw.insert', 'draw.note', 'change.paste'],
    ['change.undo', 'change.redo'],
    ['go.all', 'arrange.tidy', 'look.all'],
    ['run.alert'],
    ['find.flow', 'look.row', 'look.outline', 'look.keys']
  ],
  node: [
    ['go.open', 'change.rename', 'draw.replace', 'draw.connect'],
    ['run.toHere', 'run.breakpoint', 'run.alert', 'change.bypass', 'flow.putOnDashboard'],
    ['change.cut', 'change.copy', 'change.duplicate', 'change.box'],
    ['change.removeAndReconnect', 'change.delete']
  ],
  edge: [
    ['draw.insert', 'go.open', 'look.rows', 'look.row'],
    ['run.breakpoint', 'run.alert', 'flow.putOnDashboard'],
    ['change.delete']
  ],
  box: [
    ['go.open', 'change.rename', 'change.collapse', 'change.makeNode'],
    ['change.cut', 'change.copy', 'change.duplicate', 'change.box', 'arrange.tidy'],
    ['change.unbox', 'change.delete']
  ],
  selection: [
    ['go.open', 'run.breakpoint', 'change.bypass', 'look.selection', 'flow.putOnDashboard'],
    ['change.cut', 'change.copy', 'change.duplicate', 'change.box', 'change.makeNode', 'arrange'],
    ['change.removeAndReconnect', 'change.delete']
  ]
}

/** The menu as it is now; parts with nothing in them are left out. */
export function menuOf(kind: OpenMenu['kind'], tools: Tools): MenuLine[][] {
  const applies = (command: Command): boolean => whyNot(command, tools) === ''
  return kMenus[kind]
    .map((part) =>
      part.flatMap((id): MenuLine[] => {
        if (id !== 'arrange') {
          const command = commandById(id)
          return applies(command) ? [{ command }] : []
        }
        const commands = kArrange.map(commandById).filter(applies)
        return commands.length < 2 ? commands.map((command) => ({ command })) : [{ words: 'Arrange', commands }]
      })
    )
    .filter((part) => part.length > 0)
}
