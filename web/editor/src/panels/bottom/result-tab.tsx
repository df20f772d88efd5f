// The Result tab: each output of the run that is shown as a table, what was set aside, and ways to take it away.
import { Button } from '@weir/ui/button.tsx'
import { count, duration } from '@weir/ui/figures/figures.ts'
import { saveText } from '@weir/ui/save-text.ts'
import { StateBadge } from '@weir/ui/state-badge.tsx'
import { useMemo, useState } from 'react'
import type { RunFacts, ShownRun } from '../../run/shown-run.ts'
import type { EditorSession } from '../../session/editor-session.ts'
import { usePart, useSession } from '../../session/use-session.ts'
import { csvOf, tabbedOf } from '../data/copy-table.ts'
import { Rows } from '../data/data-tab.tsx'
import type { RowTable } from '../data/row-table.ts'
import { useEdgeRows } from '../data/use-edge-rows.ts'
import { useChanges } from '../form/use-changes.ts'
import { WrittenFiles } from './written-files.tsx'

interface Output {
  key: string
  title: string
  node: string
  port: string
  edge: string | undefined
}

/** What comes to nodes that nothing leaves, and what leaves nodes that are last. */
export function outputsOf(session: EditorSession): Output[] {
  const { document, catalogue } = session
  return document.nodes().flatMap((node): Output[] => {
    if (document.edgesOutOf(node.id).some((edge) => edge.source.port !== 'error')) return []
    const title = node.name === '' ? (catalogue.typeOf(node)?.name ?? node.id) : node.name
    const port = catalogue.portsOf(document, node).outputs.find((each) => each.name !== 'error')
    if (port !== undefined) return [{ key: node.id, title, node: node.id, port: port.name, edge: undefined }]
    return document.edgesInto(node.id).map((edge) => ({ key: edge.id, title, ...edge.source, edge: edge.id }))
  })
}

export function ResultTab({ run }: { run: ShownRun }) {
  const session = useSession()
  useChanges(
    session,
    ({ kinds }) =>
      kinds.edges.added.size +
        kinds.edges.removed.size +
        kinds.nodes.added.size +
        kinds.nodes.removed.size +
        kinds.nodes.changed.size >
      0
  )
  const facts = usePart(run.facts, (state) => state)
  const outputs = outputsOf(session)
  const [chosen, setChosen] = useState('')
  const output = outputs.find((each) => each.key === chosen) ?? outputs[0]
  return (
    <div className="flex h-full min-h-0 flex-col">
      <div className="flex min-h-10 flex-wrap items-center gap-3 border-b border-line px-4 py-1 text-data">
        <Outcome facts={facts} />
        <span className="flex flex-wrap gap-1" role="group" aria-label="Outputs">
          {outputs.map((each) => (
            <Button
              key={each.key}
              look="quiet"
              aria-pressed={each === output}
              className={each === output ? 'bg-water-dim text-text' : ''}
              onClick={() => {
                setChosen(each.key)
              }}
            >
              {each.title}
            </Button>
          ))}
        </span>
      </div>
      <Causes session={session} run={run} facts={facts} />
      <WrittenFiles session={session} run={run} />
      {output === undefined ? (
        <p className="grid flex-1 place-items-center text-mute">The flow has no nodes yet.</p>
      ) : (
        <OutputRows key={output.key} session={session} output={output} />
      )}
    </div>
  )
}

function Outcome({ facts }: { facts: RunFacts }) {
  const { status, aside, dropped, startedAt, endedAt, result, rows } = facts
  if (endedAt === undefined) return <StateBadge tone="flow">so far</StateBadge>
  const failed = status === 'failed' || (result !== undefined && result.outcome !== 'done')
  const lost = aside + dropped > 0
  return (
    <span className="flex flex-wrap items-center gap-x-3">
      <StateBadge tone={failed ? 'error' : lost ? 'warn' : 'ok'}>
        {failed ? (status === 'cancelled' ? 'cancelled' : 'failed') : lost ? 'done' : 'done, nothing lost'}
      </StateBadge>
      {aside > 0 && <span className="text-error">✕ {count(aside)} set aside</span>}
      {dropped > 0 && <span className="text-warn">▲ {count(dropped)} dropped by rule</span>}
      <span className="text-mute">
        {count(rows)} rows in {duration(endedAt - startedAt)}
      </span>
      {result?.error !== undefined && (
        <span className="text-error">
          {result.node === undefined ? '' : `${result.node}: `}
          {result.error.message}
        </span>
      )}
    </span>
  )
}

const kMostCauses = 3

/** Why rows were set aside, the most frequent causes; all of them are in the tab beside. */
function Causes({ session, run, facts }: { session: EditorSession; run: ShownRun; facts: RunFacts }) {
  const { aside, failures, endedAt } = facts
  if (run.kind === 'sample' || endedAt === undefined || aside === 0 || failures.length === 0) return null
  const causes = [...failures].sort((a, b) => b.count - a.count).slice(0, kMostCauses)
  return (
    <ul aria-label="Why rows were set aside" className="border-b border-line px-4 py-1 text-data">
      {causes.map(({ key, node, message, count: times }) => (
        <li key={key} className="flex gap-3">
          <span className="font-mono text-error">✕ {count(times)}</span>
          <span className="min-w-0 truncate">{message.split('\n', 1)[0]}</span>
          <span className="text-faint">{session.document.node(node)?.name || node}</span>
        </li>
      ))}
      <li>
        <Button
          look="quiet"
          onClick={() => {
            session.view.setState((view) => ({ bottom: { ...view.bottom, tab: 'aside' } }))
          }}
        >
          Show all that was set aside
        </Button>
      </li>
    </ul>
  )
}

function OutputRows({ session, output }: { session: EditorSession; output: Output }) {
  const { node, port, edge } = output
  const state = useEdgeRows(session, { node, port, edge, where: '', most: 2000, everyMs: 500 })
  const { table, source } = state
  return (
    <div className="min-h-0 flex-1">
      <Rows label={output.title} behind={edge ?? { node, port }} state={state}>
        {table.length > 0 && (
          <div className="flex min-h-10 items-center gap-2 border-b border-line px-4 py-1 text-data">
            <span className="text-mute">
              {source === 'tap' ? `the newest ${count(table.length)} rows, so far` : `${count(table.length)} rows kept`}
            </span>
            <span className="ml-auto flex gap-2">
              <TakeAway session={session} table={table} title={output.title} />
            </span>
          </div>
        )}
      </Rows>
    </div>
  )
}

/** The rows that are shown: more are in the files that the run wrote. */
function TakeAway({ session, table, title }: { session: EditorSession; table: RowTable; title: string }) {
  const name = useMemo(
    () => `${title.replaceAll(/[^\p{L}\p{N}]+/gu, '-').replaceAll(/^-|-$/g, '') || 'rows'}.csv`,
    [title]
  )
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(tabbedOf(table))
      session.tell(`Copied ${count(table.length)} rows, times in UTC.`)
    } catch {
      session.tell('The browser did not let it be copied.', 'warning')
    }
  }
  return (
    <>
      <Button
        onClick={() => {
          saveText(name, csvOf(table), 'text/csv')
        }}
      >
        Download CSV
      </Button>
      <Button
        onClick={() => {
          void copy()
        }}
      >
        Copy as table
      </Button>
    </>
  )
}
