// The bar at the bottom: where the work is kept and whether all of it is there, problems, nodes, zoom, keys.
import { useEffect, useState } from 'react'
import { useStore } from 'zustand'
import { count } from '@weir/ui/figures/figures.ts'
import { StateBadge } from '@weir/ui/state-badge.tsx'
import type { Tone } from '@weir/ui/state-badge.tsx'
import { usePart, useRevision, useSession, useView } from '../../session/use-session.ts'
import type { DraftPhase, DraftStore } from '../drafts/draft-state.ts'
import { makeDraftStore } from '../drafts/draft-state.ts'
import type { FlowHome } from '../home/flow-home.ts'

const kPhases: Record<DraftPhase, readonly [Tone, string]> = {
  saved: ['ok', 'all saved'],
  unsaved: ['plain', 'not saved yet'],
  saving: ['plain', 'saving…'],
  away: ['warn', 'server away, working locally'],
  conflict: ['warn', 'changed by two: choose'],
  refused: ['error', 'not saved'],
  gone: ['error', 'deleted elsewhere']
}

/** The words and the tone of where the work is; `away`: its server does not answer. */
export function keptWords(
  home: Pick<FlowHome, 'kind' | 'name'>,
  folder: string,
  away = false
): readonly [Tone, string] {
  if (folder !== '') return ['ok', `in folder ${folder}`]
  if (away) return ['warn', `in this browser, for server ${home.name}`]
  return home.kind === 'browser' ? ['warn', 'in this browser only'] : ['ok', `on server ${home.name}`]
}

/** Whether the files of the page are kept in this browser, so that it opens without a network. */
function useOfflineReady(): boolean {
  const [ready, setReady] = useState(() => 'serviceWorker' in navigator && navigator.serviceWorker.controller !== null)
  useEffect(() => {
    if (!('serviceWorker' in navigator)) return
    const { serviceWorker } = navigator
    const look = () => {
      setReady(serviceWorker.controller !== null)
    }
    serviceWorker.addEventListener('controllerchange', look)
    return () => {
      serviceWorker.removeEventListener('controllerchange', look)
    }
  }, [])
  return ready
}

function useOnline(): boolean {
  const [online, setOnline] = useState(() => navigator.onLine)
  useEffect(() => {
    const look = () => {
      setOnline(navigator.onLine)
    }
    window.addEventListener('online', look)
    window.addEventListener('offline', look)
    return () => {
      window.removeEventListener('online', look)
      window.removeEventListener('offline', look)
    }
  }, [])
  return online
}

interface StatusBarProps {
  home: FlowHome
  draft: DraftStore | undefined
  readOnly: string
  /** The linked folder; empty: none. */
  folder: string
  /** Opens what can be done about where it is kept. */
  openKept: () => void
  openConflict: () => void
  showKeys?: () => void
}

const kLink = 'whitespace-nowrap hover:text-text'
const kNoDraft = makeDraftStore({})

/** One line; on a phone only what is wrong and where it is kept. */
export function StatusBar(props: StatusBarProps) {
  const { home, draft, readOnly, folder, openKept, openConflict, showKeys } = props
  const online = useOnline()
  const offlineReady = useOfflineReady()
  const { phase, reason } = useStore(draft ?? kNoDraft)
  const [keptTone, kept] = keptWords(home, folder, phase === 'away')
  const [tone, words] = kPhases[phase]
  return (
    <footer className="flex min-h-(--status) shrink-0 items-center gap-4 overflow-x-auto border-t border-line bg-panel px-4 text-small text-mute">
      {!online && <StateBadge tone="warn">Offline</StateBadge>}
      {online && offlineReady && <StateBadge tone="ok">Offline ready</StateBadge>}
      <button type="button" className={kLink} onClick={openKept}>
        <StateBadge tone={keptTone}>{kept}</StateBadge>
      </button>
      {readOnly !== '' ? (
        <StateBadge tone="rest">read only</StateBadge>
      ) : phase === 'conflict' ? (
        <button type="button" className={kLink} onClick={openConflict}>
          <StateBadge tone={tone}>{words}</StateBadge>
        </button>
      ) : (
        <span title={reason === '' ? undefined : reason}>
          <StateBadge tone={tone}>{words}</StateBadge>
        </span>
      )}
      <span className="ml-auto" />
      <Counts />
      {showKeys !== undefined && (
        <button type="button" className={`${kLink} max-sm:hidden`} onClick={showKeys}>
          ? keys
        </button>
      )}
    </footer>
  )
}

function Counts() {
  const { problems, document, view } = useSession()
  useRevision()
  const found = usePart(problems.store, (state) => state.list.length)
  const zoom = useView((state) => Math.round(state.camera.zoom * 100))
  const nodes = document.tables.nodes.size
  return (
    <>
      {found > 0 && (
        <button
          type="button"
          className="whitespace-nowrap text-warn hover:underline"
          onClick={() => {
            view.setState((now) => ({ bottom: { ...now.bottom, tab: 'problems', open: true } }))
          }}
        >
          <span aria-hidden="true">▲ </span>
          {found} {found === 1 ? 'problem' : 'problems'}
        </button>
      )}
      <span className="whitespace-nowrap max-sm:hidden">
        {count(nodes)} {nodes === 1 ? 'node' : 'nodes'}
      </span>
      <span className="whitespace-nowrap max-sm:hidden">{zoom} %</span>
    </>
  )
}
