// Runs the flow again with some of the files of a reader alone: to see what they give, with nothing written.
import { startRun } from '../../page/run-actions.ts'
import type { EditorSession } from '../../session/editor-session.ts'

export async function runAgainFor(session: EditorSession, reader: string, files: readonly string[]): Promise<void> {
  await startRun(session, { kind: 'test', preview: true, files: { [reader]: files } })
}
