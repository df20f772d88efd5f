// The parts of the page that come from elsewhere. What is not there is absent: no place is kept for it.
import type { ComponentType, ReactNode } from 'react'
import type { Dropped } from '@weir/engine-client/browser'
import type { RunAlert } from '../alerts/alert-dialog.tsx'
import type { GivenFolders } from './files/given-folders.ts'
import type { RunPlace } from '../run/shown-run.ts'
import type { EditorSession } from '../session/editor-session.ts'
import type { KeptHead } from './home/flow-home.ts'

export interface EditorParts {
  /** The canvas; without it the flow stands there as a list. */
  Canvas?: ComponentType
  /** Stands above the canvas while `view.palette` is set. */
  Palette?: ComponentType
  /** The tree of the flow, at the left of the canvas while `view.outlineOpen` is set. */
  Outline?: ComponentType
  /** All that stands at the right, with a width of its own (`view.side`); instead of the two panels that follow. */
  SidePanel?: ComponentType
  /** At the right when exactly one node is chosen, when several are, and when one edge is. */
  NodePanel?: ComponentType
  EdgePanel?: ComponentType
  /** Under the canvas, as `view.bottom` says. */
  BottomPanel?: ComponentType
  /** Dialogs, menus and the like that stand above the page when they are open. */
  overlays?: readonly ComponentType[]
  /** Begins what works on a session as long as it is open, such as keys; what it gives ends that. */
  begin?: (session: EditorSession, page: PageActions) => () => void
  /** Where flows can run here; made once for the whole page. */
  places?: () => Promise<readonly RunPlace[]>
  /** Opens the list of keys. */
  showKeys?: (session: EditorSession) => void
  /**
   * Gives dropped files to the engine of this browser, for the runs of a flow; the path before theirs in its nodes, such as
   * `orders:`. Without it files cannot be dropped.
   */
  takeFiles?: (flow: string, given: Dropped) => Promise<string>
  /** Asks to be told when a run of the flow fails or is missed: by the server that watches runs. Absent: none does. */
  runAlert?: (session: EditorSession, what: RunAlert) => void
  /** The folders of this browser, for who has to allow them again after a reload. */
  folders?: GivenFolders
}

/** What of the page can be asked for by a command or a key. */
export interface PageActions {
  /** Starts a test of the draft, or goes on as the state of the run has it. */
  run: () => void
  /** Up to the node that is chosen. */
  runToHere: () => void
  stop: () => void
  saveVersion: () => void
  history: () => void
  save: () => void
  download: () => void
  /** The flows of the same home. */
  flows?: OtherFlows
  /** Goes to a dashboard of this flow, or to all of them; absent: the application has no such pages. */
  dashboard?: (dashboard?: string) => void
  /** As `EditorParts` has it. */
  takeFiles?: EditorParts['takeFiles']
  /** Asks to be told when a run of this flow fails or is missed. */
  runAlert?: (what: RunAlert) => void
}

/** The flows of a home, for who looks for something in all of them. */
export interface OtherFlows {
  list: () => Promise<readonly Pick<KeptHead, 'id' | 'name' | 'revision'>[]>
  /** The document: as this browser has drafted it, else as the home keeps it. */
  text: (flow: string) => Promise<string>
  open: (flow: string) => void
}

/** What stands around the editor: it belongs to the application. */
export interface PageFrame {
  /** The places of the application, at the left. */
  rail?: ReactNode
  /** At the right end of the top bar: who has signed in. */
  account?: ReactNode
  /** Goes to the page that flows are chosen on. */
  leave: () => void
  /** Goes to a dashboard of a flow, or to all dashboards. */
  dashboard?: (flow: string, dashboard?: string) => void
  /** Opens another flow of the same home. */
  open: (flow: string) => void
}
