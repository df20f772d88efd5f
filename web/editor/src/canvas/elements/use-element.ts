// Draws a component again when an element of the document changes.
import { useSyncExternalStore } from 'react'
import type { ElementKind } from '@weir/flow-model'
import { useSession } from '../../session/use-session.ts'

/** The value of an element; undefined once it has gone. */
export function useElement(kind: ElementKind, id: string): unknown {
  const { document } = useSession()
  return useSyncExternalStore(
    (told) => document.watch(kind, id, told),
    () => document.tables[kind].get(id)
  )
}
