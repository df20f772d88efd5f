// The Problems tab: all that is wrong or doubtful in the document, with what makes it right; a click opens node and field.
import { keysOf, pointerOf, quickFixes } from '@weir/flow-model'
import type { Problem } from '@weir/flow-model'
import { Button } from '@weir/ui/button.tsx'
import type { EditorSession } from '../../session/editor-session.ts'
import { usePart, useSession } from '../../session/use-session.ts'

const kMostShown = 500

interface Place {
  kind: 'nodes' | 'edges'
  id: string
  /** Below the element. */
  path: string
}

/** The element that a problem of this document is about. */
export function placeOf(session: EditorSession, problem: Problem): Place | undefined {
  const [kind = '', index, ...rest] = keysOf(problem.pointer) ?? []
  if ((kind !== 'nodes' && kind !== 'edges') || index === undefined) return undefined
  const id = session.document.tables[kind].list()[Number(index)]?.id
  return id === undefined ? undefined : { kind, id, path: pointerOf(rest) }
}

/** Chooses what a problem is about, opens its form, and gives its field the focus. */
export function openProblem(session: EditorSession, problem: Problem): void {
  const place = placeOf(session, problem)
  session.selection.set(place === undefined ? [] : [{ kind: place.kind, id: place.id }])
  const { side } = session.view.getState()
  const wantedField = place === undefined ? problem.pointer : place.path
  session.view.setState({ side: { ...side, open: true }, wantedField: wantedField === '' ? undefined : wantedField })
}

function titleOf(session: EditorSession, place: Place | undefined): string {
  if (place === undefined) return 'the flow'
  if (place.kind === 'edges') {
    const edge = session.document.edge(place.id)
    return edge === undefined ? place.id : `${edge.source.node} → ${edge.target.node}`
  }
  const name = session.document.node(place.id)?.name ?? ''
  return name === '' ? place.id : name
}

export function ProblemsTab() {
  const session = useSession()
  const { list, revision } = usePart(session.problems.store, (state) => state)
  if (list.length === 0)
    return (
      <p className="grid h-full place-items-center text-mute">
        <span>
          <span className="text-ok" aria-hidden="true">
            ✓
          </span>{' '}
          No problems.
        </span>
      </p>
    )
  const errors = list.filter((problem) => problem.severity === 'error')
  const ordered = [...errors, ...list.filter((problem) => problem.severity !== 'error')]
  return (
    <ul className="h-full overflow-auto" aria-label="Problems">
      {ordered.slice(0, kMostShown).map((problem) => (
        <Line
          key={`${problem.pointer} ${problem.code} ${problem.message}`}
          session={session}
          problem={problem}
          revision={revision}
        />
      ))}
      {ordered.length > kMostShown && <li className="px-4 py-2 text-mute">and {ordered.length - kMostShown} more</li>}
    </ul>
  )
}

function Line({ session, problem, revision }: { session: EditorSession; problem: Problem; revision: number }) {
  const place = placeOf(session, problem)
  // Fixes are of the document as it was looked at.
  const fixes = session.document.revision === revision ? quickFixes(session.document, session.catalogue, problem) : []
  const error = problem.severity === 'error'
  return (
    <li className="flex items-start gap-3 border-b border-line px-4 py-1 text-data hover:bg-raised">
      <button
        type="button"
        className="grid min-w-0 flex-1 grid-cols-[16px_160px_1fr] gap-2 py-1 text-left"
        onClick={() => {
          openProblem(session, problem)
        }}
      >
        <span className={error ? 'text-error' : 'text-warn'} role="img" aria-label={problem.severity}>
          {error ? '✕' : '▲'}
        </span>
        <span className="truncate text-mute">{titleOf(session, place)}</span>
        <span>
          {problem.message}{' '}
          {problem.suggestion !== undefined && <span className="text-mute">{problem.suggestion}</span>}
        </span>
      </button>
      {fixes.slice(0, 3).map((fix) => (
        <Button
          key={fix.label}
          onClick={() => {
            session.do(fix.operations, fix.label)
          }}
        >
          {fix.label}
        </Button>
      ))}
    </li>
  )
}
