// BottomPanel: what stands under the canvas: Data, Log, Trace, Problems, Set aside and Result; as high as it was left.
import { count } from '@weir/ui/figures/figures.ts'
import { useEffect, useId, useRef, useState } from 'react'
import type { KeyboardEvent, PointerEvent, ReactNode } from 'react'
import type { ShownRun } from '../../run/shown-run.ts'
import { usePart, useSession, useView } from '../../session/use-session.ts'
import type { BottomTab } from '../../session/view-state.ts'
import { DataTab } from '../data/data-tab.tsx'
import { AsideTab } from './aside-tab.tsx'
import { bounded, keepHeight, keptHeight, kLeastHeight, setHeight } from './height.ts'
import { LogTab } from './log-tab.tsx'
import { ProblemsTab } from './problems-tab.tsx'
import { TraceTab } from '../trace/trace-tab.tsx'
import { ResultTab } from './result-tab.tsx'

const kTabs: readonly (readonly [BottomTab, string])[] = [
  ['data', 'Data'],
  ['log', 'Log'],
  ['trace', 'Trace'],
  ['problems', 'Problems'],
  ['aside', 'Set aside'],
  ['result', 'Result']
]

/** Nothing while it is closed. */
export function BottomPanel() {
  const session = useSession()
  const { tab, open, height } = useView((state) => state.bottom)
  const panel = useRef<HTMLElement>(null)
  const id = useId()
  const shown = usePart(session.run, (state) => state.shown)
  const [before, setBefore] = useState<number | undefined>(undefined)
  useEffect(() => {
    const kept = keptHeight()
    if (kept !== undefined) setHeight(session.view, kept)
  }, [session])
  const room = (): number => panel.current?.parentElement?.clientHeight ?? window.innerHeight
  const resize = (next: number, keep: boolean): void => {
    const made = bounded(next, room())
    setBefore(undefined)
    setHeight(session.view, made)
    if (keep) keepHeight(made)
  }
  const toFull = (): void => {
    setHeight(session.view, before ?? bounded(Infinity, room()))
    setBefore(before === undefined ? height : undefined)
  }
  const choose = (next: BottomTab): void => {
    session.view.setState({ bottom: { ...session.view.getState().bottom, tab: next } })
  }
  if (!open) return null
  return (
    <section
      ref={panel}
      aria-label="Data and messages"
      className="flex max-h-full shrink-0 flex-col border-t border-line bg-panel"
      style={{ height }}
    >
      <Handle height={height} resize={resize} toFull={toFull} />
      <div
        className="flex h-9 shrink-0 items-center gap-4 border-b border-line px-4"
        onDoubleClick={(event) => {
          if (event.target === event.currentTarget) toFull()
        }}
      >
        <Tabs id={id} tab={tab} choose={choose} />
      </div>
      <div role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${tab}`} className="min-h-0 flex-1">
        <Body tab={tab} shown={shown} />
      </div>
    </section>
  )
}

function Body({ tab, shown }: { tab: BottomTab; shown: ShownRun | undefined }): ReactNode {
  if (tab === 'data') return <DataTab />
  if (tab === 'problems') return <ProblemsTab />
  if (tab === 'trace') return <TraceTab />
  if (shown === undefined) return <p className="grid h-full place-items-center text-mute">Nothing has run yet.</p>
  if (tab === 'log') return <LogTab key={shown.id} run={shown} />
  if (tab === 'aside') return <AsideTab key={shown.id} run={shown} />
  return <ResultTab key={shown.id} run={shown} />
}

function Tabs({ id, tab, choose }: { id: string; tab: BottomTab; choose: (tab: BottomTab) => void }) {
  const list = useRef<HTMLDivElement>(null)
  const known = kTabs.some(([name]) => name === tab) ? tab : 'data'
  const press = (event: KeyboardEvent): void => {
    const at = kTabs.findIndex(([name]) => name === known)
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: kTabs.length - 1 }[event.key]
    const next = to === undefined ? undefined : kTabs[(to + kTabs.length) % kTabs.length]
    if (next === undefined) return
    event.preventDefault()
    choose(next[0])
    list.current?.querySelector<HTMLElement>(`[data-tab="${next[0]}"]`)?.focus()
  }
  return (
    <div ref={list} role="tablist" aria-label="Under the canvas" className="flex h-full gap-4" onKeyDown={press}>
      {kTabs.map(([name, words]) => (
        <button
          key={name}
          type="button"
          role="tab"
          id={`${id}-${name}`}
          data-tab={name}
          aria-selected={name === known}
          aria-controls={name === known ? `${id}-panel` : undefined}
          tabIndex={name === known ? 0 : -1}
          className={`flex items-center gap-1.5 border-b-2 px-0.5 ${name === known ? 'border-water text-text' : 'border-transparent text-mute hover:text-text'}`}
          onClick={() => {
            choose(name)
          }}
        >
          {words}
          {name === 'problems' && <ProblemCount />}
          {name === 'aside' && <AsideCount />}
        </button>
      ))}
    </div>
  )
}

function ProblemCount() {
  const session = useSession()
  const all = usePart(session.problems.store, (state) => state.list.length)
  const errors = usePart(
    session.problems.store,
    (state) => state.list.filter((problem) => problem.severity === 'error').length
  )
  return all === 0 ? null : (
    <span className={`font-semibold ${errors > 0 ? 'text-error' : 'text-warn'}`}>{count(all)}</span>
  )
}

function AsideCount() {
  const session = useSession()
  const shown = usePart(session.run, (state) => state.shown)
  return shown === undefined ? null : <AsideOf run={shown} />
}

function AsideOf({ run }: { run: ShownRun }) {
  const aside = usePart(run.facts, (facts) => facts.aside)
  return aside === 0 ? null : <span className="font-semibold text-error">{count(aside)}</span>
}

interface HandleProps {
  height: number
  resize: (height: number, keep: boolean) => void
  toFull: () => void
}

/** Dragged, or moved with arrows; a double-click goes to full height and back. */
function Handle({ height, resize, toFull }: HandleProps) {
  const from = useRef<{ y: number; height: number }>(undefined)
  const drag = (event: PointerEvent, end: boolean): void => {
    if (from.current === undefined) return
    // A click moves nothing: two of them are a double-click.
    if (Math.abs(event.clientY - from.current.y) > 2) resize(from.current.height + from.current.y - event.clientY, end)
    if (end) from.current = undefined
  }
  return (
    <div
      role="separator"
      aria-orientation="horizontal"
      aria-label="Height of the panel"
      aria-valuenow={height}
      aria-valuemin={kLeastHeight}
      tabIndex={0}
      className="-mt-1 h-1.5 shrink-0 cursor-row-resize touch-none hover:bg-water-dim focus-visible:bg-water-dim"
      onPointerDown={(event) => {
        from.current = { y: event.clientY, height }
        event.currentTarget.setPointerCapture(event.pointerId)
      }}
      onPointerMove={(event) => {
        drag(event, false)
      }}
      onPointerUp={(event) => {
        drag(event, true)
      }}
      onDoubleClick={toFull}
      onKeyDown={(event) => {
        const step = { ArrowUp: 24, ArrowDown: -24 }[event.key]
        if (step === undefined && event.key !== 'Enter') return
        event.preventDefault()
        event.stopPropagation()
        if (step === undefined) toFull()
        else resize(height + step, true)
      }}
    />
  )
}
