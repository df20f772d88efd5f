// The frame around every page of somebody who has signed in.
import { Suspense, useMemo, useState } from 'react'
import { Navigate, Outlet, useLocation, useNavigate } from 'react-router'
import { forgetSession, server } from '../api/server.ts'
import { useSession, useSigned } from '../api/session.ts'
import { useChange } from '../api/use-change.ts'
import { Icon } from '@weir/ui/icon.tsx'
import { LimitLines } from '@weir/ui/limits.tsx'
import { Mark } from '@weir/ui/mark.tsx'
import { Menu } from '@weir/ui/menu.tsx'
import { Failed, Loading } from '@weir/ui/states.tsx'
import { causesOf } from '../pages/alerts/causes.ts'
import { Commands } from './commands.tsx'
import { KeysDialog } from './keys-dialog.tsx'
import { PasswordDialog } from './password-dialog.tsx'
import { Rail } from './rail.tsx'
import { AwayNotice, StatusBar } from './status-bar.tsx'
import { useAlertNews } from './use-alert-news.ts'
import { useKeys } from './use-keys.ts'
import { useReconnect } from './use-reconnect.ts'
import { useRunNews } from './use-run-news.ts'

/** Lets in who has signed in; sends others to do so, and back to where they wanted. */
export function Gate() {
  const session = useSession()
  const location = useLocation()
  if (session.data === undefined) {
    if (session.error !== null) return <Failed error={session.error} again={() => void session.refetch()} />
    return <Loading what="the session" />
  }
  if (session.data === null) {
    const wanted = location.pathname + location.search
    return <Navigate to={`/sign-in?return=${encodeURIComponent(wanted)}`} replace />
  }
  return <Outlet />
}

/** The frame itself, for who is let in. */
export function Shell() {
  const [open, setOpen] = useState<'commands' | 'keys' | null>(null)
  const opens = useMemo(
    () => ({
      commands: () => {
        setOpen('commands')
      },
      keys: () => {
        setOpen('keys')
      }
    }),
    []
  )
  const close = () => {
    setOpen(null)
  }
  useKeys(opens)
  useReconnect()
  const alerts = useAlertNews()
  useRunNews()
  return (
    <div className="flex h-full flex-col">
      <a
        href="#main"
        className="sr-only focus:not-sr-only"
        onClick={(event) => {
          event.preventDefault()
          document.getElementById('main')?.focus()
        }}
      >
        To the page
      </a>
      <Top commands={opens.commands} />
      <LimitLines />
      <AwayNotice />
      <div className="flex min-h-0 flex-1 flex-col sm:flex-row">
        <Rail alerts={causesOf(alerts).length} />
        <main id="main" tabIndex={-1} className="min-h-0 min-w-0 flex-1 outline-none">
          <Suspense fallback={<Loading what="the page" />}>
            <Outlet />
          </Suspense>
        </main>
      </div>
      <StatusBar keys={opens.keys} />
      <Commands open={open === 'commands'} close={close} keys={opens.keys} />
      <KeysDialog open={open === 'keys'} close={close} />
      <PasswordDialog />
    </div>
  )
}

function Top({ commands }: { commands: () => void }) {
  const { me } = useSigned()
  const navigate = useNavigate()
  const leave = useChange({
    work: () => server.ask('delete', '/api/v1/session'),
    changes: [],
    after: () => {
      forgetSession()
    }
  })
  return (
    <header className="flex h-(--bar) shrink-0 items-center gap-3 border-b border-line bg-panel px-4">
      <Mark />
      <span className="text-figure font-semibold">Weir</span>
      <button
        type="button"
        onClick={commands}
        className="ml-auto flex min-h-[30px] items-center gap-2 rounded-base border border-edge px-3 text-mute hover:text-text"
      >
        <Icon name="search" />
        <span className="hidden sm:inline">Search or do</span>
        <kbd className="text-small">Ctrl K</kbd>
      </button>
      <span className="hidden items-center gap-2 sm:flex">
        <Icon name="person" className="text-mute" />
        <span className="max-w-[24ch] truncate">{me.user.name}</span>
      </span>
      <Menu
        label="Your account"
        items={[
          { words: 'Settings', act: () => void navigate('/settings') },
          {
            words: 'Sign out',
            act: () => {
              leave.mutate(undefined)
            }
          }
        ]}
      />
    </header>
  )
}
