// A page that goes away writes what was done; one that cannot in time says that something is not saved.
import { useEffect } from 'react'
import type { DraftKeeper } from '../drafts/draft-keeper.ts'

/** Follows the page while it is open. */
export function useLeaving(keeper: DraftKeeper | undefined): void {
  useEffect(() => {
    if (keeper === undefined) return
    const hide = () => {
      if (document.visibilityState === 'hidden') void keeper.saveNow()
    }
    const leave = (event: BeforeUnloadEvent) => {
      void keeper.flush().catch(() => undefined)
      // In this browser it is all kept; only a refusal is a reason to ask.
      if (keeper.state.getState().phase === 'refused') event.preventDefault()
    }
    document.addEventListener('visibilitychange', hide)
    window.addEventListener('beforeunload', leave)
    return () => {
      document.removeEventListener('visibilitychange', hide)
      window.removeEventListener('beforeunload', leave)
    }
  }, [keeper])
}
