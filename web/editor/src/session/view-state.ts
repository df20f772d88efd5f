// What of the editor is neither the document nor a run: the camera, what is open, where a palette stands.
import type { Camera, Point } from '@weir/flow-model'
import { createStore } from 'zustand/vanilla'
import type { StoreApi } from 'zustand/vanilla'
import type { AlertWish } from '../alerts/alert-draft.ts'

/** A port of a node in the document. */
export interface PortRef {
  node: string
  side: 'inputs' | 'outputs'
  port: string
}

/** The palette of nodes, open at a place of the canvas; `from` is the port that a wire was dragged from, `edge` the one to insert on. */
export interface OpenPalette {
  /** Canvas units: where the node will be. */
  at: Point
  /** Pixels of the page: where the palette stands. */
  screen: Point
  from?: PortRef
  edge?: string
  /** The node whose type is to be replaced. */
  replace?: string
}

/** Where rows are to be held: at a node or an edge. Personal: never in the document. */
export interface Breakpoint {
  node?: string
  edge?: string
  /** A formula over the row; without it every row is held. */
  where?: string
  /** The so-manieth row that fits is the first to be held; 1. */
  after?: number
}

/** Where a row came along. */
export interface LitWay {
  nodes: ReadonlySet<string>
  edges: ReadonlySet<string>
  /** The nodes and edges that stopped it. */
  stops?: ReadonlySet<string>
}

/** A row that is asked after; taken by the Trace tab. */
export interface WantedRow {
  /** Where it is looked for; undefined: among all that the flow reads. */
  edge: string | undefined
  /** A value, or a formula over rows; empty: it is still to be typed. */
  text: string
}

/** Rows that a total was made of; taken by the Data tab. */
export interface RowsBehind {
  edge: string
  where: string
  /** *region is north*: what they have in common. */
  words: string
}

export type BottomTab = 'data' | 'log' | 'trace' | 'problems' | 'aside' | 'result'

export interface ViewState {
  /** Of the canvas; changed by the canvas alone. */
  camera: Camera
  /** Of the canvas, in pixels. */
  size: { width: number; height: number }
  palette: OpenPalette | undefined
  /** The box that is gone into and those around it, the outermost first; empty at the top. */
  inside: readonly string[]
  /** A path below the chosen element whose field wants the focus: told by who shows a problem, taken by the form. */
  wantedField: string | undefined
  bottom: { tab: BottomTab; open: boolean; height: number }
  side: { open: boolean; width: number }
  outlineOpen: boolean
  /** The edge whose rows the table shows. */
  tapped: string | undefined
  /** The edge under the pointer, whose figures are shown. */
  hovered: string | undefined
  /** Of the person at this page, for the shown run and the next ones. */
  breakpoints: readonly Breakpoint[]
  /** The dialog that makes a node of what is chosen is open. */
  nodeOfThis: boolean
  /** What nodes are coloured by: how long they worked, rows, or rows that failed. */
  heat: 'none' | 'time' | 'rows' | 'errors'
  /** The way of a row that is followed: what is on it stands out. */
  lit: LitWay | undefined
  /** What the dialog of *Alert me when* is open for. */
  alertWish: AlertWish | undefined
  wantedRow: WantedRow | undefined
  /** The rows that the Data tab shows instead of what is tapped. */
  behind: RowsBehind | undefined
}

export type ViewStore = StoreApi<ViewState>

export function makeViewStore(): ViewStore {
  return createStore<ViewState>(() => ({
    camera: { x: 0, y: 0, zoom: 1 },
    size: { width: 0, height: 0 },
    palette: undefined,
    inside: [],
    wantedField: undefined,
    bottom: { tab: 'data', open: true, height: 300 },
    side: { open: true, width: 330 },
    outlineOpen: false,
    tapped: undefined,
    hovered: undefined,
    breakpoints: [],
    nodeOfThis: false,
    heat: 'none',
    lit: undefined,
    alertWish: undefined,
    wantedRow: undefined,
    behind: undefined
  }))
}
