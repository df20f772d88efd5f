// What commands do with the run that is shown.
import { wishOf } from '../../page/run-actions.ts'
import type { RunWish } from '../../page/run-actions.ts'
import type { Tools } from '../tools.ts'

export function runWish({ session }: Tools): RunWish {
  const { shown } = session.run.getState()
  return wishOf(shown?.facts.getState().status, shown?.kind)
}

/** Why nothing can run; empty if it can. */
export function whyNoPlace({ session, page }: Tools): string {
  const { place } = session.run.getState()
  if (place === undefined || page === undefined) return 'There is no engine here to run it.'
  return place.away.getState().reason
}

/** The row that is held first goes on to the next node, and is held there. */
export function stepHeld({ session }: Tools): void {
  const { shown } = session.run.getState()
  const [row] = shown?.facts.getState().held ?? []
  if (shown === undefined || row === undefined) return
  shown.stepRow(row.held).catch((error: unknown) => {
    session.tell(error instanceof Error ? error.message : String(error), 'error')
  })
}

export function isHeld({ session }: Tools): boolean {
  return (session.run.getState().shown?.facts.getState().held.length ?? 0) > 0
}
