// The keys of the canvas: what each does, by name, so that they can be listed and given other keys.
import type { Arrow } from '@weir/flow-model'
import type { EditorSession } from '../session/editor-session.ts'
import {
  nudgeSelected,
  removeAndReconnectSelected,
  removeSelected,
  toggleBreakpoint,
  toggleBypass,
  walkFocus
} from './actions.ts'
import { canvasOf } from './canvas-of.ts'
import { connectByKey } from './gestures/connect-by-key.ts'

export interface CanvasCommand {
  id: string
  /** As a command is called. */
  label: string
  /** The keys that it has unless others were given: `Mod` is Ctrl, Cmd on macOS. */
  keys: readonly string[]
  run(session: EditorSession): void
}

const kArrows: readonly Arrow[] = ['left', 'right', 'up', 'down']
const kArrowWords = { left: 'to the left', right: 'to the right', up: 'up', down: 'down' } as const

function arrowKey(arrow: Arrow): string {
  return `Arrow${arrow.charAt(0).toUpperCase()}${arrow.slice(1)}`
}

/** Everything that a key does while the focus is on the canvas; Space is apart: held it pans, tapped it opens the palette. */
export const kCanvasCommands: readonly CanvasCommand[] = [
  { id: 'canvas.fit', label: 'Show all', keys: ['1'], run: (session) => canvasOf(session)?.fit() },
  {
    id: 'canvas.fitSelection',
    label: 'Show what is selected',
    keys: ['2'],
    run: (session) => {
      const { selection } = session
      const things = (['nodes', 'edges', 'groups', 'notes', 'widgets'] as const).flatMap((kind) =>
        [...selection.ids(kind)].map((id) => ({ kind, id }))
      )
      canvasOf(session)?.fit(things.length > 0 ? things : undefined)
    }
  },
  { id: 'canvas.delete', label: 'Delete', keys: ['Delete', 'Backspace'], run: removeSelected },
  {
    id: 'canvas.removeAndReconnect',
    label: 'Remove and reconnect',
    keys: ['Mod+Delete', 'Mod+Backspace'],
    run: removeAndReconnectSelected
  },
  { id: 'canvas.connect', label: 'Connect', keys: ['c'], run: connectByKey },
  { id: 'canvas.bypass', label: 'Bypass', keys: ['b'], run: toggleBypass },
  { id: 'canvas.breakpoint', label: 'Breakpoint', keys: ['F9'], run: toggleBreakpoint },
  ...kArrows.flatMap((arrow): CanvasCommand[] => [
    {
      id: `canvas.walk.${arrow}`,
      label: `Go ${kArrowWords[arrow]}`,
      keys: [arrowKey(arrow)],
      run: (session) => {
        walkFocus(session, arrow)
      }
    },
    {
      id: `canvas.nudge.${arrow}`,
      label: `Move ${kArrowWords[arrow]}`,
      keys: [`Shift+${arrowKey(arrow)}`],
      run: (session) => {
        nudgeSelected(session, arrow, false)
      }
    },
    {
      id: `canvas.nudgeFar.${arrow}`,
      label: `Move far ${kArrowWords[arrow]}`,
      keys: [`Mod+Shift+${arrowKey(arrow)}`],
      run: (session) => {
        nudgeSelected(session, arrow, true)
      }
    }
  ])
]

/** A key event as a command's key says it: `Mod+Shift+ArrowLeft`, `b`. */
export function keyText(event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'shiftKey' | 'altKey'>): string {
  const mods = [event.ctrlKey || event.metaKey ? 'Mod' : '', event.altKey ? 'Alt' : '', event.shiftKey ? 'Shift' : '']
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key
  return [...mods.filter((mod) => mod !== ''), key].join('+')
}

const kByKey = new Map(kCanvasCommands.flatMap((command) => command.keys.map((key) => [key, command] as const)))

/** The command that a key stands for. */
export function commandOf(event: Parameters<typeof keyText>[0]): CanvasCommand | undefined {
  return kByKey.get(keyText(event))
}
