// One run: how it stands, its timeline, figures, log, and the rows that were set aside.
import * as Tabs from '@radix-ui/react-tabs'
import { Link, useParams } from 'react-router'
import { useSigned } from '../../api/session.ts'
import { useGet } from '../../api/use-get.ts'
import type { Run } from '../../api/routes.ts'
import { count, rate } from '@weir/ui/figures/figures.ts'
import { useNow } from '@weir/ui/figures/use-now.ts'
import { Page } from '@weir/ui/page.tsx'
import { StateBadge } from '@weir/ui/state-badge.tsx'
import { Shown } from '@weir/ui/states.tsx'
import { TimeText } from '@weir/ui/time-text.tsx'
import { useFilters } from '../../shell/use-filters.ts'
import { factsOf, startedByText, versionText } from '../runs/run-facts.ts'
import { goesOn, RunState } from '../runs/run-state.tsx'
import { useNames } from '../runs/use-names.ts'
import { FiguresTab } from './figures-tab.tsx'
import { LettersTab } from './letters-tab.tsx'
import { LogTab } from './log-tab.tsx'
import { figuresOf, rowsRead, slowestNode } from './metrics.ts'
import { RunActions } from './run-actions.tsx'
import { TimelineTab } from './timeline-tab.tsx'
import { useRunLive } from './use-run-live.ts'

const TAB =
  'h-9 border-b-2 border-transparent px-1 text-mute hover:text-text data-[state=active]:border-water data-[state=active]:text-text'

/** The page at /runs/RUN. */
export function RunPage() {
  const { run: id = '' } = useParams()
  const run = useGet('/api/v1/runs/{run}', { path: { run: id } }, { everyMs: 1000 })
  return (
    <Shown of={run} what="the run">
      {(read) => <OneRun key={id} run={read} />}
    </Shown>
  )
}

function OneRun({ run }: { run: Run }) {
  const { mayIn } = useSigned()
  const filters = useFilters()
  const readsData = mayIn('data.read', run.folder ?? '')
  const live = useRunLive(run.id, readsData)
  const kept = figuresOf(run.metrics)
  const figures = goesOn(run) ? (live.figures ?? kept) : (kept ?? live.figures)
  const facts = factsOf(run, useNow())
  const setAside = Math.max(facts.setAside, figures?.deadLetters ?? 0)
  const slowest = figures === null || !goesOn(run) ? null : slowestNode(figures)
  const speed = live.moments.at(-1)?.rowsPerSecond ?? 0
  const tab = filters.get('tab') || 'timeline'
  return (
    <Page
      title={run.flow}
      facts={
        <>
          <RunState run={run} pill />
          {slowest !== null && (
            <StateBadge tone="warn" pill>
              {`held up by ${slowest.node}`}
            </StateBadge>
          )}
          {setAside > 0 && (
            <StateBadge tone="error" pill>
              {`${count(setAside)} set aside`}
            </StateBadge>
          )}
          {figures !== null && (
            <span className="font-mono text-figure font-semibold">
              {count(rowsRead(figures))}
              <span className="text-data font-normal text-mute">
                {' '}
                rows · {facts.time}
                {goesOn(run) ? ` · ${rate(speed)}` : ''}
              </span>
            </span>
          )}
        </>
      }
      actions={<RunActions run={run} />}
    >
      <Head run={run} why={facts.why} />
      <Tabs.Root
        value={tab}
        onValueChange={(next) => {
          filters.set({ tab: next === 'timeline' ? '' : next })
        }}
      >
        <Tabs.List aria-label="About this run" className="flex gap-4 border-b border-line px-4">
          <Tabs.Trigger value="timeline" className={TAB}>
            Timeline
          </Tabs.Trigger>
          <Tabs.Trigger value="figures" className={TAB}>
            Figures
          </Tabs.Trigger>
          {readsData && (
            <Tabs.Trigger value="log" className={TAB}>
              Log
            </Tabs.Trigger>
          )}
          <Tabs.Trigger value="aside" className={TAB}>
            Set aside {setAside > 0 && <b className="text-error">{count(setAside)}</b>}
          </Tabs.Trigger>
        </Tabs.List>
        <Tabs.Content value="timeline">
          <TimelineTab run={run} events={live.events} />
        </Tabs.Content>
        <Tabs.Content value="figures">
          <FiguresTab figures={figures} moments={live.moments} />
        </Tabs.Content>
        {readsData && (
          <Tabs.Content value="log">
            <LogTab run={run} lines={live.lines} />
          </Tabs.Content>
        )}
        <Tabs.Content value="aside">
          <LettersTab run={run} />
        </Tabs.Content>
      </Tabs.Root>
    </Page>
  )
}

function Head({ run, why }: { run: Run; why: string }) {
  const names = useNames()
  const facts: (readonly [string, React.ReactNode])[] = [
    ['Version', versionText(run.version)],
    ['Started', run.startedAt === undefined ? 'not yet' : <TimeText key="started" ms={run.startedAt} />],
    ['By', startedByText(run.startedBy, names)],
    ...(run.folder === undefined || run.folder === '' ? [] : [['Folder', run.folder] as const]),
    ...(run.environment === undefined || run.environment === '' ? [] : [['Environment', run.environment] as const]),
    ...((run.restarts ?? 0) > 0 ? [['Restarts', count(run.restarts ?? 0)] as const] : [])
  ]
  return (
    <>
      <dl className="flex flex-wrap gap-x-6 gap-y-1 px-4 py-2">
        {facts.map(([what, value]) => (
          <div key={what} className="flex gap-2">
            <dt className="text-mute">{what}</dt>
            <dd>{value}</dd>
          </div>
        ))}
        <div className="flex gap-2">
          <dt className="text-mute">More</dt>
          <dd>
            <Link to={`/runs?flow=${encodeURIComponent(run.flow)}`}>all runs of this flow</Link>
          </dd>
        </div>
      </dl>
      {why !== '' && (
        <p
          role="alert"
          className={`mx-4 mb-2 whitespace-pre-wrap rounded-base border px-3 py-2 font-mono text-data ${run.state === 'failed' ? 'border-error text-error' : 'border-warn text-warn'}`}
        >
          {run.state === 'failed' ? '✕' : '▲'} {why}
          {run.error?.code !== undefined && <span className="text-mute"> {run.error.code}</span>}
        </p>
      )}
    </>
  )
}
