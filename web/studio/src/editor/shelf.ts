// What of the editor is made once for the whole page: the shelf of drafts, and what this browser keeps.
import { BrowserDraftShelf, LocalStore, SteadyDraftShelf } from '@weir/editor'
import { tellLimit } from '@weir/ui/limits.tsx'

export const SHELF = new SteadyDraftShelf(new BrowserDraftShelf(), () => {
  tellLimit('storage')
})

let local: LocalStore | undefined

/** Flows of this browser; opened when it is first asked for. */
export function localStore(): LocalStore {
  local ??= new LocalStore()
  return local
}
