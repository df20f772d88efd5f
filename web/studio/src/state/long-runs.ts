// Runs that somebody at this page has started: when a long one ends they are told, in the page and by the browser.
import { create } from 'zustand'
import { count, duration } from '@weir/ui/figures/figures.ts'
import { browserNotice } from './browser-notice.ts'
import { useNews } from './news.ts'

/** From here on a run is long: people look at something else meanwhile. */
export const LONG_MS = 10_000

export interface GoingRun {
  /** The id of the run. */
  key: string
  /** Of its flow. */
  name: string
  /** Epoch milliseconds. */
  startedAt: number
  /** An address of the studio where it is seen. */
  to: string
  /** Whether it goes on until it is stopped; absent: nobody knows. */
  endless?: boolean | undefined
}

export interface EndedRun extends GoingRun {
  endedAt: number
  state: 'done' | 'failed' | 'stopped'
  /** Null: not counted. */
  rows: number | null
  setAside: number
  /** Why it failed; empty else. */
  why: string
}

interface LongRuns {
  going: ReadonlyMap<string, GoingRun>
  begin: (run: GoingRun) => void
  /** It ended, and is told of if it was long, or if it failed where nobody looks at it. Each run is told of once. */
  end: (run: EndedRun, looking?: boolean) => void
  /** It is followed no more, and nobody is told. */
  leave: (key: string) => void
}

const MOST_TOLD = 200
const told = new Set<string>()

/** What is said of a run that has ended: what it came to, and after how long. */
export function endText(run: EndedRun): { text: string; advice: string } {
  const { name, state, rows, setAside, why } = run
  const took = duration(Math.max(0, run.endedAt - run.startedAt))
  const how = state === 'done' ? 'is done' : state === 'failed' ? 'has failed' : 'was stopped'
  const figures = [
    ...(rows === null ? [] : [`${count(rows)} rows`]),
    ...(setAside === 0 ? [] : [`${count(setAside)} set aside`]),
    ...(why === '' ? [] : [why])
  ]
  return { text: `${name} ${how} after ${took}`, advice: figures.join(' · ') }
}

function without(going: ReadonlyMap<string, GoingRun>, key: string): ReadonlyMap<string, GoingRun> {
  return new Map([...going].filter(([one]) => one !== key))
}

export const useLongRuns = create<LongRuns>((set, get) => ({
  going: new Map(),
  begin: (run) => {
    const known = get().going.get(run.key)
    // Who looks at it in the editor knows more of it than a list does.
    const tellsMore = known !== undefined && known.endless === undefined && run.endless !== undefined
    if ((known !== undefined && !tellsMore) || told.has(run.key)) return
    set(({ going }) => ({ going: new Map([...going, [run.key, run]]) }))
  },
  end: (run, looking = false) => {
    if (get().going.has(run.key)) set(({ going }) => ({ going: without(going, run.key) }))
    if (told.has(run.key)) return
    told.add(run.key)
    for (const oldest of told) {
      if (told.size <= MOST_TOLD) break
      told.delete(oldest)
    }
    const long = run.endedAt - run.startedAt >= LONG_MS
    if (run.state === 'stopped' || !(long || (run.state === 'failed' && !looking))) return
    const { text, advice } = endText(run)
    const kind = run.state === 'failed' ? 'refused' : 'done'
    useNews.getState().tell(kind, text, advice, { key: `run-${run.key}`, to: run.to })
    if (long) browserNotice(text, advice, `run-${run.key}`)
  },
  leave: (key) => {
    set(({ going }) => ({ going: without(going, key) }))
  }
}))
