// The bar of a dashboard: its name, the run it shows, and what can be done on it.
import { useEffect, useState } from 'react'
import type { ReactNode } from 'react'
import { useStore } from 'zustand'
import { Button } from '@weir/ui/button.tsx'
import { Mark } from '@weir/ui/mark.tsx'
import { Menu } from '@weir/ui/menu.tsx'
import type { MenuItem } from '@weir/ui/menu.tsx'
import { StateBadge } from '@weir/ui/state-badge.tsx'
import type { DraftKeeper } from '../page/drafts/draft-keeper.ts'
import { startRun, stopRun, targetsOf, resumeRun } from '../page/run-actions.ts'
import { RunButton } from '../page/shell/run-button.tsx'
import { RunCount, RunName, RunProgress } from '../page/shell/run-line.tsx'
import { targetsSeen } from '../page/targets-dialog.tsx'
import { usePart, useSession } from '../session/use-session.ts'

interface BarProps {
  name: string
  flow: string
  editing: boolean
  items: readonly MenuItem[]
  mayEdit: boolean
  mayRun: boolean
  /** Of the draft: what a run writes to is named on the canvas first. */
  draft: string
  /** What a run of it is: the published version of a server, or what is drafted here. */
  kind: 'live' | 'test'
  keeper: DraftKeeper | undefined
  add: (() => void) | undefined
  setEditing: (editing: boolean) => void
  leave: () => void
  openFlow: () => void
  account?: ReactNode
}

export function BoardBar(props: BarProps) {
  const { name, flow, editing, items, mayEdit, mayRun, keeper, add, setEditing, leave, openFlow, account } = props
  const session = useSession()
  const shown = usePart(session.run, (state) => state.shown)
  const full = useFullScreen()
  const copy = () => {
    const { href } = window.location
    navigator.clipboard.writeText(href.replace(/\/edit$/, '')).then(
      () => {
        session.tell('The link is copied. Who may see the flow sees the dashboard by it.')
      },
      () => {
        session.tell('This browser does not let the page copy: take the address from its bar.', 'warning')
      }
    )
  }
  return (
    <header className="relative flex min-h-(--bar) shrink-0 flex-wrap items-center gap-x-3 gap-y-1 border-b border-line bg-panel px-4 py-1">
      <button type="button" aria-label="To the dashboards" className="rounded-base" onClick={leave}>
        <Mark />
      </button>
      <h1 className="min-w-0 max-w-[32ch] truncate text-base font-semibold" title={name}>
        {name}
      </h1>
      <Menu label={`More about ${name}`} items={items} />
      <button type="button" className="max-w-[28ch] truncate text-mute hover:text-text" onClick={openFlow}>
        of {flow}
      </button>
      {shown === undefined ? <StateBadge tone="rest">not running now</StateBadge> : <RunName />}
      <div className="ml-auto flex min-w-0 flex-wrap items-center justify-end gap-3">
        <RunCount />
        {keeper !== undefined && editing && <Saved keeper={keeper} />}
        {add !== undefined && <Button onClick={add}>Add a widget…</Button>}
        {mayRun && <BoardRun draft={props.draft} kind={props.kind} />}
        {!editing && (
          <Button look="quiet" onClick={copy} className="max-sm:hidden">
            Copy link
          </Button>
        )}
        {full !== undefined && (
          <Button look="quiet" onClick={full.toggle} aria-pressed={full.is} className="max-sm:hidden">
            Full screen
          </Button>
        )}
        {mayEdit && (
          <Button
            onClick={() => {
              setEditing(!editing)
            }}
          >
            {editing ? 'Done' : 'Edit'}
          </Button>
        )}
        {account}
      </div>
      <RunProgress />
    </header>
  )
}

function BoardRun({ draft, kind }: { draft: string; kind: 'live' | 'test' }) {
  const session = useSession()
  const start = () => {
    const targets = kind === 'live' ? [] : targetsOf(session.document, session.catalogue)
    if (targetsSeen(draft, targets)) {
      void startRun(session, { kind, writes: targets.map((target) => target.node) })
    } else session.tell('This flow writes. Run it on the canvas the first time, where it says to what.', 'warning')
  }
  return (
    <RunButton
      act={(wish) => {
        if (wish === 'run') start()
        else if (wish === 'resume') void resumeRun(session)
        else stopRun(session)
      }}
    />
  )
}

function Saved({ keeper }: { keeper: DraftKeeper }) {
  const { phase, reason } = useStore(keeper.state)
  if (phase === 'saved') return <StateBadge tone="ok">all saved</StateBadge>
  if (phase === 'unsaved' || phase === 'saving') return <StateBadge tone="plain">saving…</StateBadge>
  const words = {
    away: 'server away, working locally',
    conflict: 'changed by two: choose on the canvas',
    refused: 'not saved',
    gone: 'deleted elsewhere'
  }[phase]
  return (
    <span title={reason === '' ? undefined : reason}>
      <StateBadge tone="warn">{words}</StateBadge>
    </span>
  )
}

/** Undefined where the browser has none. */
function useFullScreen(): { is: boolean; toggle: () => void } | undefined {
  const [is, set] = useState(() => document.fullscreenElement !== null)
  useEffect(() => {
    const look = () => {
      set(document.fullscreenElement !== null)
    }
    document.addEventListener('fullscreenchange', look)
    return () => {
      document.removeEventListener('fullscreenchange', look)
    }
  }, [])
  if (!document.fullscreenEnabled) return undefined
  return {
    is,
    toggle: () => {
      const done = is ? document.exitFullscreen() : document.documentElement.requestFullscreen()
      done.catch(() => undefined)
    }
  }
}
