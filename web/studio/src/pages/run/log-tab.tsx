// The log of a run: the newest lines first, older ones as far back as they are kept, found by words, level and node.
import { useInfiniteQuery } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { server } from '../../api/server.ts'
import type { Run } from '../../api/routes.ts'
import { count } from '@weir/ui/figures/figures.ts'
import { Button } from '@weir/ui/button.tsx'
import { Choice } from '@weir/ui/choice.tsx'
import { FilterText } from '@weir/ui/filter-text.tsx'
import { Empty, Failed, Loading } from '@weir/ui/states.tsx'
import { TimeText } from '@weir/ui/time-text.tsx'
import { useFilters } from '../../shell/use-filters.ts'
import { ZoneHead } from '@weir/ui/zone-head.tsx'
import { goesOn } from '../runs/run-state.tsx'
import { lineOf, type LogLine } from './use-run-live.ts'

const PAGE = 500
const LEVELS = ['debug', 'info', 'warning', 'error'] as const
const COLOURS: Record<string, string> = { error: 'text-error', warning: 'text-warn', debug: 'text-faint' }

/** Lines that have the words, are of the node and at least of the level. */
export function linesLike(lines: readonly LogLine[], words: string, level: string, node: string): LogLine[] {
  const wanted = words.toLowerCase()
  const least = LEVELS.findIndex((each) => each === level)
  return lines.filter(
    (line) =>
      (wanted === '' || line.message.toLowerCase().includes(wanted)) &&
      (node === '' || line.node === node) &&
      (least <= 0 || LEVELS.findIndex((each) => each === line.level) >= least)
  )
}

/**
 * Live lines behind the kept ones, the oldest first. Those that came after the kept ones were read are in both for a while: what is
 * older than the first live line is kept, the rest is live.
 */
export function joinLines(kept: readonly LogLine[], live: readonly LogLine[]): LogLine[] {
  const [first] = live
  if (first === undefined) return [...kept]
  return [...kept.filter((line) => line.at < first.at), ...live]
}

interface Wanted {
  words: string
  level: string
  node: string
}

/** Lines that are kept, a page after the other, each older than the one before. */
function useKeptLog(run: string, { words, level, node }: Wanted, enabled: boolean) {
  return useInfiniteQuery({
    queryKey: ['/api/v1/runs/{run}/logs', run, words, level, node],
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) => {
      const least = LEVELS.find((each) => each === level)
      const query = {
        limit: PAGE,
        ...(pageParam === '' ? {} : { cursor: pageParam }),
        ...(words === '' ? {} : { search: words }),
        ...(least === undefined ? {} : { level: least }),
        ...(node === '' ? {} : { node })
      }
      return server.ask('get', '/api/v1/runs/{run}/logs', { path: { run }, query, signal })
    },
    getNextPageParam: ({ next }) => next,
    enabled
  })
}

/** The tab: the live lines while the run goes on, and all that were kept before them. */
export function LogTab({ run, lines }: { run: Run; lines: readonly LogLine[] }) {
  const filters = useFilters()
  const wanted = { words: filters.get('words'), level: filters.get('level'), node: filters.get('node') }
  const isLive = goesOn(run) && lines.length > 0
  const kept = useKeptLog(run.id, wanted, true)
  if (kept.data === undefined && !isLive) {
    return kept.error === null ? (
      <Loading what="the log" />
    ) : (
      <Failed error={kept.error} again={() => void kept.refetch()} />
    )
  }
  const pages = kept.data?.pages ?? []
  const old = pages.toReversed().flatMap((page) => page.logs.map(lineOf))
  const own = isLive ? linesLike(lines, wanted.words, wanted.level, wanted.node) : []
  const all = joinLines(old, own)
  const isAll = wanted.words === '' && wanted.level === '' && wanted.node === ''
  if (all.length === 0 && isAll && !kept.hasNextPage)
    return <Empty title="Nothing was logged">Nodes such as debug/log write lines here.</Empty>
  return (
    <Lines
      lines={all}
      wanted={wanted}
      nodes={[...new Set([...lines, ...old].map((line) => line.node))].filter((node) => node !== '').sort()}
      more={kept.hasNextPage ? { busy: kept.isFetchingNextPage, load: () => void kept.fetchNextPage() } : undefined}
      problem={kept.error?.message ?? ''}
    />
  )
}

interface LinesProps {
  /** The oldest first. */
  lines: readonly LogLine[]
  wanted: Wanted
  nodes: readonly string[]
  /** There may be older ones. */
  more: { busy: boolean; load: () => void } | undefined
  problem: string
}

function Lines({ lines, wanted, nodes, more, problem }: LinesProps) {
  const filters = useFilters()
  const set = (name: keyof Wanted) => (value: string) => {
    filters.set({ [name]: value })
  }
  const names = wanted.node === '' || nodes.includes(wanted.node) ? nodes : [wanted.node, ...nodes]
  return (
    <>
      <div className="flex flex-wrap items-center gap-2 px-4 py-2">
        <FilterText label="Words in the log" value={wanted.words} set={set('words')} />
        <Choice
          bare
          label="Level"
          value={wanted.level}
          options={[['', 'All levels'], ...LEVELS.slice(1).map((level) => [level, `${level} and worse`] as const)]}
          choose={set('level')}
        />
        <Choice
          bare
          label="Node"
          value={wanted.node}
          options={[['', 'All nodes'], ...names.map((node) => [node, node] as const)]}
          choose={set('node')}
        />
        <span className="text-mute">
          {more === undefined ? `${count(lines.length)} lines` : `the newest ${count(lines.length)} lines`}
        </span>
      </div>
      <table className="data-table">
        <thead>
          <tr>
            <th scope="col">
              <ZoneHead>Time</ZoneHead>
            </th>
            <th scope="col">Level</th>
            <th scope="col">Node</th>
            <th scope="col">Message</th>
          </tr>
        </thead>
        <tbody>
          {lines.toReversed().map((line, index) => (
            <tr key={`${line.at}-${lines.length - index}`}>
              <td className="w-0 whitespace-nowrap">
                <TimeText ms={line.at} />
              </td>
              <td className={`w-0 ${COLOURS[line.level] ?? 'text-mute'}`}>{line.level}</td>
              <td className="w-0 text-mute">{line.node}</td>
              <td className="break-all">{line.message}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {lines.length === 0 && <p className="px-4 py-3 text-mute">No line that was looked through is like that.</p>}
      {problem !== '' && (
        <p role="alert" className="px-4 py-2 text-error">
          ✕ {problem}
        </p>
      )}
      {more !== undefined && <Earlier {...more} />}
    </>
  )
}

/** Under the oldest line: loads older ones when it comes into view, or when it is pressed. */
function Earlier({ busy, load }: { busy: boolean; load: () => void }) {
  const place = useRef<HTMLDivElement>(null)
  const latest = useRef({ busy, load })
  latest.current = { busy, load }
  useEffect(() => {
    const element = place.current
    if (element === null) return undefined
    const observer = new IntersectionObserver(([entry]) => {
      if (entry?.isIntersecting === true && !latest.current.busy) latest.current.load()
    })
    observer.observe(element)
    return () => {
      observer.disconnect()
    }
  }, [])
  return (
    <div ref={place} className="flex justify-center py-3">
      <Button disabled={busy} onClick={load}>
        {busy ? 'Reading earlier lines…' : 'Earlier lines'}
      </Button>
    </div>
  )
}
