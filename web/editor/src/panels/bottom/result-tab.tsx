// The Result tab: each output of the run that is shown as a table, what was set aside, and ways to take it away.
import { Button } from '@weir/ui/button.tsx'
import { count, duration } from '@weir/ui/figures/figures.ts'
import { shownZone, usePreferences } from '@weir/ui/preferences.ts'
import { saveBlob, saveText } from '@weir/ui/save-text.ts'
import { StateBadge } from '@weir/ui/state-badge.tsx'
import { useEffect, useMemo, useState } from 'react'
import { LastResults } from '../../run/last-results.ts'
import type { LastResult } from '../../run/last-results.ts'
import type { RunFacts, ShownRun } from '../../run/shown-run.ts'
import type { EditorSession } from '../../session/editor-session.ts'
import { usePart, useSession } from '../../session/use-session.ts'
import { csvOf, tabbedOf } from '../data/copy-table.ts'
import { Rows } from '../data/data-tab.tsx'
import type { RowTable } from '../data/row-table.ts'
import { useEdgeRows } from '../data/use-edge-rows.ts'
import { useChanges } from '../form/use-changes.ts'
import { SealLine } from './seal-line.tsx'
import { ResultChanges } from './result-changes.tsx'
import { ResultChart } from './result-chart.tsx'
import { WrittenFiles } from './written-files.tsx'
import { toClipboard } from '@weir/ui/copy-text.ts'
import { xlsxOf } from './xlsx.ts'

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

/** `alone`: without the canvas and the tabs beside it, as in a form. */
export function ResultTab({ run, alone = false }: { run: ShownRun; alone?: boolean }) {
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
  useKept(session, run, outputs)
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
      <Causes session={session} run={run} facts={facts} alone={alone} />
      <WrittenFiles session={session} run={run} />
      <SealLine session={session} run={run} />
      {output === undefined ? (
        <p className="grid flex-1 place-items-center text-mute">The flow has no nodes yet.</p>
      ) : (
        <OutputRows key={output.key} session={session} run={run} output={output} />
      )}
    </div>
  )
}

/** All of its outputs are remembered when it ends, for the run after it. */
function useKept(session: EditorSession, run: ShownRun, outputs: readonly Output[]): void {
  const endedAt = usePart(run.facts, (facts) => facts.endedAt)
  const ports = JSON.stringify(outputs.map(({ node, port }) => [node, port]))
  useEffect(() => {
    if (endedAt === undefined) return
    for (const [node, port] of JSON.parse(ports) as [string, string][])
      void LastResults.of(session).keep(run, node, port)
  }, [session, run, endedAt, ports])
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

interface CausesProps {
  session: EditorSession
  run: ShownRun
  facts: RunFacts
  alone: boolean
}

/** Why rows were set aside, the most frequent causes; all of them are in the tab beside. */
function Causes({ session, run, facts, alone }: CausesProps) {
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
      <li hidden={alone}>
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

type View = 'table' | 'chart' | 'changes'

/** Rows that are shown, and that are compared: as many as a run keeps of a port. */
const kMostRows = 10_000

function OutputRows({ session, run, output }: { session: EditorSession; run: ShownRun; output: Output }) {
  const { node, port, edge } = output
  const state = useEdgeRows(session, { node, port, edge, where: '', most: kMostRows, everyMs: 500 })
  const { table, source } = state
  // Who may change nothing is offered no nodes.
  const behind = (session.options.readOnly ?? '') === '' ? (edge ?? { node, port }) : undefined
  const zone = shownZone(usePreferences((preferences) => preferences.timeZone))
  const last = useLast(session, run, output)
  const [wanted, setView] = useState<View>('table')
  const view = wanted === 'changes' && last === undefined ? 'table' : wanted
  const bar = table.length > 0 && (
    <div className="flex min-h-10 flex-wrap items-center gap-2 border-b border-line px-4 py-1 text-data">
      <span className="text-mute">
        {source === 'tap' ? `the newest ${count(table.length)} rows, so far` : `${count(table.length)} rows kept`}
      </span>
      <Views view={view} choose={setView} mayCompare={last !== undefined} />
      <span className="ml-auto flex flex-wrap gap-2">
        <TakeAway session={session} table={table} title={output.title} />
      </span>
    </div>
  )
  if (view === 'table' || table.length === 0)
    return (
      <div className="min-h-0 flex-1">
        <Rows label={output.title} behind={behind} state={state} all={{ node, port, where: '' }}>
          {bar}
        </Rows>
      </div>
    )
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      {bar}
      <div className="min-h-0 flex-1">
        {view === 'chart' || last === undefined ? (
          <ResultChart table={table} title={output.title} zone={zone} />
        ) : (
          <ResultChanges table={table} last={last} title={output.title} />
        )}
      </div>
    </div>
  )
}

function Views({ view, choose, mayCompare }: { view: View; choose: (view: View) => void; mayCompare: boolean }) {
  const all = [
    ['table', 'Table'],
    ['chart', 'Chart'],
    ['changes', 'Compare with the last run']
  ] as const
  return (
    <span role="group" aria-label="Shown as" className="flex gap-1">
      {all
        .filter(([name]) => name !== 'changes' || mayCompare)
        .map(([name, words]) => (
          <Button
            key={name}
            look="quiet"
            aria-pressed={view === name}
            className={view === name ? 'bg-water-dim text-text' : ''}
            onClick={() => {
              choose(name)
            }}
          >
            {words}
          </Button>
        ))}
    </span>
  )
}

/** What this output was in the run before; undefined while there is none. */
function useLast(session: EditorSession, run: ShownRun, { node, port }: Output): LastResult | undefined {
  const endedAt = usePart(run.facts, (facts) => facts.endedAt)
  const [last, setLast] = useState<LastResult | undefined>(undefined)
  useEffect(() => {
    let gone = false
    setLast(undefined)
    if (endedAt === undefined || run.kind === 'sample' || run.isPart === true) return undefined
    const results = LastResults.of(session)
    void results.keep(run, node, port).then(() => {
      if (!gone) setLast(results.before(run.id, node, port))
    })
    return () => {
      gone = true
    }
  }, [session, run, endedAt, node, port])
  return last
}

/** The rows that are shown: more are in the files that the run wrote. */
function TakeAway({ session, table, title }: { session: EditorSession; table: RowTable; title: string }) {
  const name = useMemo(() => title.replaceAll(/[^\p{L}\p{N}]+/gu, '-').replaceAll(/^-|-$/g, '') || 'rows', [title])
  const [writing, setWriting] = useState(false)
  const workbook = async (): Promise<void> => {
    setWriting(true)
    try {
      saveBlob(`${name}.xlsx`, await xlsxOf(table, title))
    } catch (reason) {
      session.tell(reason instanceof Error ? reason.message : 'The workbook could not be written.', 'error')
    }
    setWriting(false)
  }
  const copy = async (): Promise<void> => {
    try {
      await toClipboard(tabbedOf(table))
      session.tell(`Copied ${count(table.length)} rows, times in UTC.`)
    } catch {
      session.tell('The browser did not let it be copied.', 'warning')
    }
  }
  return (
    <>
      <Button
        onClick={() => {
          saveText(`${name}.csv`, csvOf(table), 'text/csv')
        }}
      >
        Download CSV
      </Button>
      <Button
        disabled={writing}
        onClick={() => {
          void workbook()
        }}
      >
        Download XLSX
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
