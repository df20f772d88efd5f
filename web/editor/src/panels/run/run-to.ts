// Run to here: everything that leads to a node runs on a sample, and nothing outside is touched.
import type { EditorSession } from '../../session/editor-session.ts'
import { breakpointsOf } from './breakpoints.ts'

/** Rows that each source gives. */
const kSampleRows = 3000

/** Why it cannot be done now; empty if it can. */
export function whyNoRun(session: EditorSession): string {
  const { place } = session.run.getState()
  if (place === undefined) return 'There is no engine to run it.'
  return place.away.getState().reason
}

/** Shows the run; told in words if it does not start. */
export async function runTo(session: EditorSession, node: string): Promise<void> {
  const { place, shown } = session.run.getState()
  const reason = whyNoRun(session)
  if (place === undefined || reason !== '') {
    session.tell(reason, 'warning')
    return
  }
  try {
    const breakpoints = breakpointsOf(session)
    const run = await place.start(session.document.text(), {
      kind: 'sample',
      upTo: node,
      preview: true,
      sampleRows: kSampleRows,
      breakpoints: breakpoints.options
    })
    breakpoints.gave(run)
    if (session.run.getState().shown !== shown) {
      run.cancel()
      run.dispose()
      return
    }
    session.run.setState({ shown: run })
    shown?.dispose()
  } catch (cause) {
    session.tell(cause instanceof Error ? cause.message : 'The run did not start.', 'error')
  }
}
