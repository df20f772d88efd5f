// The dialog of Ctrl+K: everything that can be done now, found by a part of its name.
import { Command as List } from 'cmdk'
import { Dialog } from '@weir/ui/dialog.tsx'
import { usePart } from '../../session/use-session.ts'
import { useTools } from '../tools.ts'
import { kBindings } from './bindings.ts'
import { labelOf, perform, whyNot } from './command.ts'
import type { Command } from './command.ts'
import { isMac, keyWords } from './key-text.ts'
import { kCommands } from './table.ts'

const kItem =
  'flex cursor-pointer items-center gap-3 rounded-base px-2 py-1.5 data-[selected=true]:bg-water-dim data-[disabled=true]:cursor-default data-[disabled=true]:text-mute'

/** Nothing while it is not asked for. */
export function CommandDialog() {
  const tools = useTools()
  const open = usePart(tools.ui, (state) => state.open === 'commands')
  const close = (): void => {
    tools.show(undefined)
  }
  return (
    <Dialog open={open} close={close} title="Commands">
      {open && <CommandList />}
    </Dialog>
  )
}

function CommandList() {
  const tools = useTools()
  const listed = kCommands.filter((command) => command.keysOnly !== true)
  const groups = [...new Set(listed.map((command) => command.group))]
  const choose = (command: Command): void => {
    tools.show(undefined)
    // After the dialog has given the focus back: some commands take it.
    setTimeout(() => {
      perform(command, tools)
    })
  }
  return (
    <List label="Commands" loop className="grid gap-2">
      <List.Input className="field" placeholder="What to do" autoFocus />
      <List.List className="max-h-[46vh] overflow-auto">
        <List.Empty className="p-3 text-mute">Nothing has that in its name.</List.Empty>
        {groups.map((group) => (
          <List.Group
            key={group}
            heading={group}
            className="text-base **:[[cmdk-group-heading]]:px-2 **:[[cmdk-group-heading]]:pt-2 **:[[cmdk-group-heading]]:text-small **:[[cmdk-group-heading]]:text-mute"
          >
            {listed
              .filter((command) => command.group === group)
              .map((command) => (
                <CommandItem key={command.id} command={command} choose={choose} />
              ))}
          </List.Group>
        ))}
      </List.List>
    </List>
  )
}

/** What does not apply now stays in its place, and says why. */
function CommandItem({ command, choose }: { command: Command; choose: (command: Command) => void }) {
  const tools = useTools()
  const reason = whyNot(command, tools)
  const [key] = kBindings.keysOf(command)
  const label = labelOf(command, tools)
  return (
    <List.Item
      value={command.id}
      keywords={[command.label, label, command.group]}
      disabled={reason !== ''}
      className={kItem}
      onSelect={() => {
        choose(command)
      }}
    >
      <span className="truncate">{label}</span>
      {reason === '' ? (
        key !== undefined && <kbd className="ml-auto shrink-0 text-data text-mute">{keyWords(key, isMac())}</kbd>
      ) : (
        <span className="ml-auto truncate text-small">{reason}</span>
      )}
    </List.Item>
  )
}
