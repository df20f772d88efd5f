// What can be done with one node: run everything up to it on a sample, and hold rows that come to it.
import { Button } from '@weir/ui/button.tsx'
import { AlertButton } from '../../alerts/alert-button.tsx'
import { useKeyHint } from '../../session/key-hints.ts'
import { usePart } from '../../session/use-session.ts'
import type { EditorSession } from '../../session/editor-session.ts'
import { breakpointsOf } from '../run/breakpoints.ts'
import { runTo, whyNoRun } from '../run/run-to.ts'

export function NodeActions({ session, id }: { session: EditorSession; id: string }) {
  const place = usePart(session.run, (state) => state.place)
  const key = useKeyHint('run.toHere')
  return (
    <div className="flex flex-wrap gap-2">
      {place !== undefined && (
        <Button
          title={whyNoRun(session)}
          onClick={() => {
            void runTo(session, id)
          }}
        >
          Run to here{' '}
          {key !== undefined && (
            <kbd className="text-small text-faint">{key.words.replace('Shift', '⇧').replace('Enter', '⏎')}</kbd>
          )}
        </Button>
      )}
      <BreakpointButton session={session} kind="nodes" id={id} />
      <AlertButton session={session} wish={{ subject: id, of: 'node' }} />
    </div>
  )
}

export function BreakpointButton({
  session,
  kind,
  id
}: {
  session: EditorSession
  kind: 'nodes' | 'edges'
  id: string
}) {
  const breakpoints = breakpointsOf(session)
  const on = usePart(session.view, () => breakpoints.has(kind, id))
  const key = useKeyHint('run.breakpoint')
  return (
    <Button
      aria-pressed={on}
      className={on ? 'border-warn text-warn' : ''}
      onClick={() => {
        breakpoints.toggle(kind, id)
      }}
    >
      {on ? '‖ Breakpoint set' : 'Breakpoint'}{' '}
      {key !== undefined && <kbd className="text-small text-faint">{key.words}</kbd>}
    </Button>
  )
}
