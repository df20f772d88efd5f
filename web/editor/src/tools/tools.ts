// Tools: what stands around the canvas of one session beside its panels: commands, menus, find, paste; and what of it is open.
import type { Point } from '@weir/flow-model'
import { useReducer, useEffect } from 'react'
import { createStore } from 'zustand/vanilla'
import type { StoreApi } from 'zustand/vanilla'
import type { PageActions } from '../page/parts.ts'
import type { EditorSession } from '../session/editor-session.ts'
import { useSession } from '../session/use-session.ts'

/** A menu that is open, at pixels of the page. */
export interface OpenMenu {
  kind: 'canvas' | 'node' | 'edge' | 'box' | 'selection'
  screen: Point
}

/** What a paste has made and what it left out, for a person to read. */
export interface PasteReport {
  made: readonly string[]
  left: readonly string[]
  /** A file that a pasted node reads and that nobody could write. */
  files: readonly { path: string; text: string }[]
}

export interface ToolsState {
  open: 'commands' | 'keys' | 'find' | 'find-everywhere' | 'dashboard' | undefined
  menu: OpenMenu | undefined
  report: PasteReport | undefined
  /** Set by who asks for a new name: the outline. */
  renaming: string | undefined
}

export class Tools {
  readonly ui: StoreApi<ToolsState> = createStore<ToolsState>(() => ({
    open: undefined,
    menu: undefined,
    report: undefined,
    renaming: undefined
  }))
  /** What the page can do; undefined where there is none around the canvas. */
  page: PageActions | undefined

  constructor(readonly session: EditorSession) {}

  show(open: ToolsState['open']): void {
    this.ui.setState({ open, menu: undefined })
  }
}

const kOfSessions = new WeakMap<EditorSession, Tools>()

/** The tools of a session. */
export function toolsOf(session: EditorSession): Tools {
  const known = kOfSessions.get(session)
  if (known !== undefined) return known
  const made = new Tools(session)
  kOfSessions.set(session, made)
  return made
}

/** The tools of the session of the page. */
export function useTools(): Tools {
  return toolsOf(useSession())
}

/** Drawn again with each change of what is chosen. */
export function useSelection(): EditorSession['selection'] {
  const { selection } = useSession()
  const [, again] = useReducer((count: number) => count + 1, 0)
  useEffect(() => selection.subscribe(again), [selection])
  return selection
}
