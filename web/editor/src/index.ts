// What the package offers.
export { EditorSession } from './session/editor-session.ts'
export type { Notice, RunState, SessionOptions } from './session/editor-session.ts'
export type { BottomTab, Breakpoint, OpenPalette, PortRef, ViewState, ViewStore } from './session/view-state.ts'
export { SessionContext, usePart, useRevision, useSession, useView } from './session/use-session.ts'
export { FigureStore, kEdgeFigures, kNodeFigures, kSparkPoints } from './run/figure-store.ts'
export type { EdgeFigure, FigureChanges, NodeFigure } from './run/figure-store.ts'
export type * from './run/shown-run.ts'
export * from './page/index.ts'
