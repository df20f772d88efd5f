// Alerts of a flow: the dialog that makes them, the list of them, and when they would have been raised.
export { AlertButton, alertMe, FigureAlert } from './alert-button.tsx'
export { AlertDialog } from './alert-dialog.tsx'
export type { RunAlert } from './alert-dialog.tsx'
export type { AlertWish } from './alert-draft.ts'
export { AlertList } from './alert-list.tsx'
export { keptFigures } from './figure-history.ts'
