// The session of the page, for components; and how they follow stores that are not React's.
import { createContext, useContext, useSyncExternalStore } from 'react'
import { useStore } from 'zustand'
import type { StoreApi } from 'zustand/vanilla'
import type { EditorSession } from './editor-session.ts'
import type { ViewState } from './view-state.ts'

export const SessionContext = createContext<EditorSession | undefined>(undefined)

/** @throws outside of an editor */
export function useSession(): EditorSession {
  const session = useContext(SessionContext)
  if (session === undefined) throw new Error('there is no editor around this')
  return session
}

/** A part of a store; drawn again when it is another. */
export function usePart<State, Part>(store: StoreApi<State>, part: (state: State) => Part): Part {
  return useStore(store, part)
}

export function useView<Part>(part: (state: ViewState) => Part): Part {
  return useStore(useSession().view, part)
}

/** The revision of the document; drawn again with each change. For what shows little: lists read by id instead. */
export function useRevision(): number {
  const { document } = useSession()
  return useSyncExternalStore(
    (told) => document.subscribe(told),
    () => document.revision
  )
}
