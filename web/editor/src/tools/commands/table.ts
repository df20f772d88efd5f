// The table of commands: what keys, the dialog of commands, menus and the list of keys are made of.
import { kArrangeCommands, kChangeCommands } from './change-commands.ts'
import type { Command } from './command.ts'
import { kDrawCommands, kGoCommands } from './draw-commands.ts'
import { kFlowCommands } from './flow-commands.ts'
import { kLookCommands, kRunCommands } from './run-commands.ts'

/** All of them, in the order in which they are listed. */
export const kCommands: readonly Command[] = [
  ...kRunCommands,
  ...kDrawCommands,
  ...kChangeCommands,
  ...kArrangeCommands,
  ...kLookCommands,
  ...kGoCommands,
  ...kFlowCommands
]

const kById = new Map(kCommands.map((command) => [command.id, command]))

/** @throws if there is none: ids are written in this package alone */
export function commandById(id: string): Command {
  const found = kById.get(id)
  if (found === undefined) throw new Error(`there is no command '${id}'`)
  return found
}
