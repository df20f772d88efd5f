// For which flow a rule about its runs is wanted; undefined: none is.
import type { EditorSession, RunAlert } from '@weir/editor'
import { create } from 'zustand'

export const useRuleWish = create<{ wish: { flow: string; what: RunAlert } | undefined }>(() => ({ wish: undefined }))

/** Opens the dialog for the flow of a session. */
export function askForRunAlert(session: EditorSession, what: RunAlert): void {
  useRuleWish.setState({ wish: { flow: session.document.id, what } })
}
