// Whether the server can be reached, as all of the page sees it.
import { create } from 'zustand'

interface Connection {
  reachable: boolean
  /** When it was lost, in milliseconds since 1970; null while it is there. */
  lostAt: number | null
  tell: (reachable: boolean) => void
}

export const useConnection = create<Connection>((set, get) => ({
  reachable: true,
  lostAt: null,
  tell: (reachable) => {
    if (reachable === get().reachable) return
    set({ reachable, lostAt: reachable ? null : Date.now() })
  }
}))
