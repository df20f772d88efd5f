// Command: something that a person can do, by key, menu or name. All of them stand in one table.
import type { Tools } from '../tools.ts'

/**
 * Where its keys count. `canvas`: with the focus on the canvas or in the outline. `page`: anywhere, unless something is being
 * written. `always`: while something is being written, too; for keys that no text field has a meaning for.
 */
export type Where = 'canvas' | 'page' | 'always'

export type CommandGroup = 'Run' | 'Draw' | 'Change' | 'Arrange' | 'Find and look' | 'Go' | 'Flow'

export interface Command {
  /** Stable: rebound keys are kept under it. */
  id: string
  /** In the person's words. */
  label: string
  /** As it is called now, where that depends: *Bypass*, *Use again*. */
  labelNow?: (tools: Tools) => string
  group: CommandGroup
  /** The keys that it has unless others were given: `Mod` is Ctrl, Cmd on macOS. */
  keys: readonly string[]
  where: Where
  /** These keys belong to the system or the canvas: they are listed, and not changed. */
  fixed?: true
  /** Of keys alone: walking by name would make no sense. */
  keysOnly?: true
  /** It changes the document, which may only be looked at sometimes. */
  changes?: true
  danger?: true
  /** Why it does not apply now, for a person; empty if it does. */
  why?: (tools: Tools) => string
  run: (tools: Tools) => void
}

/** Why a command does not apply now; empty if it does. */
export function whyNot(command: Command, tools: Tools): string {
  const { readOnly = '' } = tools.session.options
  if (command.changes === true && readOnly !== '') return readOnly
  return command.why?.(tools) ?? ''
}

/** What a command is called now. */
export function labelOf(command: Command, tools: Tools): string {
  return command.labelNow?.(tools) ?? command.label
}

/** Does it, or says why not. */
export function perform(command: Command, tools: Tools): void {
  const reason = whyNot(command, tools)
  if (reason === '') command.run(tools)
  else tools.session.tell(reason, 'warning')
}
