// The menu of the canvas, of a node, an edge, a box or a selection: under the pointer, or at what has the focus.
import * as Radix from '@radix-ui/react-dropdown-menu'
import { Fragment } from 'react'
import { canvasOf } from '../../canvas/index.ts'
import { usePart } from '../../session/use-session.ts'
import { kBindings } from '../commands/bindings.ts'
import { labelOf, perform } from '../commands/command.ts'
import type { Command } from '../commands/command.ts'
import { isMac, keyWords } from '../commands/key-text.ts'
import { useTools } from '../tools.ts'
import type { Tools } from '../tools.ts'
import { menuOf } from './menu-lists.ts'

const kItem =
  'flex cursor-pointer items-center gap-6 rounded-base px-2 py-1 outline-none data-[highlighted]:bg-water-dim data-[state=open]:bg-raised'
const kSheet = 'z-50 min-w-[220px] rounded-base border border-edge bg-panel p-1 shadow-base'

/** Nothing while no menu is open. */
export function CanvasMenu() {
  const tools = useTools()
  const menu = usePart(tools.ui, (state) => state.menu)
  if (menu === undefined) return null
  const { x, y } = menu.screen
  const parts = menuOf(menu.kind, tools)
  return (
    <Radix.Root
      key={`${String(x)} ${String(y)}`}
      open
      modal={false}
      onOpenChange={(open) => {
        if (!open) tools.ui.setState({ menu: undefined })
      }}
    >
      <Radix.Trigger asChild>
        <span
          aria-hidden="true"
          tabIndex={-1}
          className="pointer-events-none fixed size-0"
          style={{ left: x, top: y }}
        />
      </Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          align="start"
          sideOffset={2}
          collisionPadding={8}
          aria-label={kNames[menu.kind]}
          className={kSheet}
          onContextMenu={(event) => {
            event.preventDefault()
          }}
          onCloseAutoFocus={(event) => {
            event.preventDefault()
            // Unless a command has taken it: the focus goes back to where the keys count.
            if (document.activeElement === document.body) canvasOf(tools.session)?.root.focus({ preventScroll: true })
          }}
        >
          {parts.map((part, at) => (
            <Fragment key={at}>
              {at > 0 && <Radix.Separator className="my-1 h-px bg-line" />}
              {part.map((line) =>
                'command' in line ? (
                  <Item key={line.command.id} command={line.command} tools={tools} />
                ) : (
                  <More key={line.words} words={line.words} commands={line.commands} tools={tools} />
                )
              )}
            </Fragment>
          ))}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}

const kNames = {
  canvas: 'Menu of the canvas',
  node: 'Menu of the node',
  edge: 'Menu of the edge',
  box: 'Menu of the box',
  selection: 'Menu of what is selected'
} as const

function Item({ command, tools }: { command: Command; tools: Tools }) {
  const [key] = kBindings.keysOf(command)
  return (
    <Radix.Item
      className={`${kItem} ${command.danger === true ? 'text-error' : ''}`}
      onSelect={() => {
        perform(command, tools)
      }}
    >
      {labelOf(command, tools)}
      {key !== undefined && <kbd className="ml-auto text-small text-mute">{keyWords(key, isMac())}</kbd>}
    </Radix.Item>
  )
}

function More({ words, commands, tools }: { words: string; commands: readonly Command[]; tools: Tools }) {
  return (
    <Radix.Sub>
      <Radix.SubTrigger className={kItem}>
        {words}
        <span aria-hidden="true" className="ml-auto text-small text-mute">
          ›
        </span>
      </Radix.SubTrigger>
      <Radix.Portal>
        <Radix.SubContent className={kSheet} sideOffset={4} collisionPadding={8}>
          {commands.map((command) => (
            <Item key={command.id} command={command} tools={tools} />
          ))}
        </Radix.SubContent>
      </Radix.Portal>
    </Radix.Sub>
  )
}
