// Runs that go from one page of a flow to another: to a dashboard, and back to the canvas.
import type { EditorSession } from '../session/editor-session.ts'
import type { ShownRun } from './shown-run.ts'

/** Who goes elsewhere does not come: then the run ends as it would have. */
const kWaitMs = 10_000

const kCarried = new Map<string, { run: ShownRun; timer: ReturnType<typeof setTimeout> }>()

/** Takes the run out of a session that is about to close, for the next one of the same flow. A sample is made anew instead. */
export function carryRun(key: string, session: EditorSession, waitMs = kWaitMs): void {
  const { shown } = session.run.getState()
  if (shown === undefined || shown.kind === 'sample') return
  session.run.setState({ shown: undefined })
  takeCarried(key)?.dispose()
  const timer = setTimeout(() => {
    takeCarried(key)?.dispose()
  }, waitMs)
  kCarried.set(key, { run: shown, timer })
}

/** The run that was carried here; whoever takes it disposes of it. */
export function takeCarried(key: string): ShownRun | undefined {
  const found = kCarried.get(key)
  if (found === undefined) return undefined
  clearTimeout(found.timer)
  kCarried.delete(key)
  return found.run
}
