// A component that follows some elements of the document, and nothing else of it: a drag draws no form anew.
import type { Changes, ElementKind } from '@weir/flow-model'
import { useCallback, useRef, useSyncExternalStore } from 'react'
import type { EditorSession } from '../../session/editor-session.ts'

/** Draws anew when `matters` says so of a change. */
export function useChanges(session: EditorSession, matters: (changes: Changes) => boolean): number {
  const version = useRef(0)
  const latest = useRef(matters)
  latest.current = matters
  const subscribe = useCallback(
    (told: () => void) =>
      session.document.subscribe((changes) => {
        if (!latest.current(changes)) return
        ++version.current
        told()
      }),
    [session]
  )
  return useSyncExternalStore(subscribe, () => version.current)
}

/** Whether one of these elements is another than before, or has come or gone. */
export function touches(changes: Changes, kind: ElementKind, ids: readonly string[]): boolean {
  const { added, removed, changed } = changes.kinds[kind]
  return ids.some((id) => changed.has(id) || added.has(id) || removed.has(id))
}

/** Ids of what is chosen, by kind; the same array while it is the same choice. */
export function useChosen(session: EditorSession, kind: ElementKind): readonly string[] {
  const known = useRef<readonly string[]>([])
  const subscribe = useCallback((told: () => void) => session.selection.subscribe(told), [session])
  return useSyncExternalStore(subscribe, () => {
    const ids = [...session.selection.ids(kind)]
    if (ids.length !== known.current.length || ids.some((id, at) => id !== known.current[at])) known.current = ids
    return known.current
  })
}
