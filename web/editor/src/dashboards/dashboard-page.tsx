// DashboardPage: a dashboard of a flow, to be looked at or edited.
import { useCallback } from 'react'
import type { ReactNode } from 'react'
import type { NodeType } from '@weir/engine-client'
import { Failed, Loading } from '@weir/ui/states.tsx'
import { Button } from '@weir/ui/button.tsx'
import type { DraftShelf } from '../page/drafts/draft-shelf.ts'
import type { HoldFlow } from '../page/drafts/tab-hold.ts'
import { FlowGone } from '../page/home/flow-home.ts'
import type { FlowHome } from '../page/home/flow-home.ts'
import { draftKey } from '../page/open/open-flow.ts'
import { useOpening } from '../page/open/use-opening.ts'
import type { EditorParts } from '../page/parts.ts'
import { carryRun } from '../run/carried-runs.ts'
import type { EditorSession } from '../session/editor-session.ts'
import { SessionContext } from '../session/use-session.ts'
import { BoardPage } from './board-page.tsx'
import type { LiveRun } from './use-board-run.ts'
import { useLooking } from './use-looking.ts'

/** What stands around a dashboard: it belongs to the application. */
export interface BoardFrame {
  rail?: ReactNode
  account?: ReactNode
  /** Goes to all dashboards. */
  leave: () => void
  /** Goes to the same dashboard, to be looked at or edited. */
  show: (editing: boolean) => void
  /** Goes to the flow on its canvas. */
  openFlow: () => void
  /** Opens another flow. */
  open: (flow: string) => void
}

export interface DashboardPageProps {
  flow: string
  dashboard: string
  editing: boolean
  home: FlowHome
  shelf: DraftShelf
  hold: HoldFlow
  parts: EditorParts
  author: string
  frame: BoardFrame
  nodes?: () => Promise<readonly NodeType[]>
  /** Finds the run that goes on, where runs go on by themselves. The same function at each drawing. */
  liveRun?: LiveRun
}

/** All that it opens is freed when it is left. */
export function DashboardPage(props: DashboardPageProps) {
  const { frame, editing, flow } = props
  const key = draftKey(props.home, flow)
  // The run that is shown goes along.
  const gone = useCallback(
    (session: EditorSession, go: () => void) => {
      carryRun(key, session)
      go()
    },
    [key]
  )
  return (
    <div className="flex h-full flex-col sm:flex-row">
      {frame.rail}
      <main id="main" tabIndex={-1} className="relative min-h-0 min-w-0 flex-1 outline-none">
        {editing ? <EditPage {...props} go={gone} /> : <LookPage {...props} go={gone} />}
      </main>
    </div>
  )
}

type PartProps = DashboardPageProps & { go: (session: EditorSession, go: () => void) => void }

function LookPage(props: PartProps) {
  const { flow, home, shelf, parts, author, nodes } = props
  const [state, again] = useLooking({ flow, home, shelf, parts, author, nodes })
  if (state.state === 'opening') return <Loading what={flow} />
  if (state.state === 'failed') return <Refused error={state.error} again={again} />
  const { looking } = state
  if (looking.state === 'broken') return <Broken {...props} problem={looking.problems[0]?.message ?? ''} />
  return (
    <SessionContext value={looking.session}>
      <BoardPage key={flow} page={props} folder={looking.folder} go={props.go} />
    </SessionContext>
  )
}

function EditPage(props: PartProps) {
  const { flow, home, shelf, hold, parts, author, nodes, frame } = props
  const [opening, again] = useOpening({ flow, home, shelf, hold, parts, author, nodes, open: frame.open })
  if (opening.state === 'opening') return <Loading what={flow} />
  if (opening.state === 'failed') return <Refused error={opening.error} again={again} />
  const { opened } = opening
  if (opened.state === 'broken') return <Broken {...props} problem={opened.problems[0]?.message ?? ''} />
  const { session, keeper, kept, readOnly, elsewhere, hold: held } = opened
  const take = () => {
    held.takeOver().then(
      () => {
        again(held)
      },
      (error: unknown) => {
        session.tell(error instanceof Error ? error.message : String(error), 'warning')
      }
    )
  }
  return (
    <SessionContext value={session}>
      <BoardPage
        key={flow}
        page={props}
        folder={kept?.folder ?? keeper?.state.getState().folder ?? ''}
        go={props.go}
        {...(keeper === undefined ? {} : { keeper })}
        readOnly={readOnly}
        {...(elsewhere ? { take } : {})}
      />
    </SessionContext>
  )
}

function Refused({ error, again }: { error: Error; again: () => void }) {
  return <Failed error={error} {...(error instanceof FlowGone ? {} : { again })} />
}

function Broken({ flow, frame, problem }: DashboardPageProps & { problem: string }) {
  return (
    <div className="grid justify-items-center gap-3 px-4 py-12 text-center">
      <p className="text-head font-semibold text-error">
        <span aria-hidden="true">✕</span> The flow {flow} cannot be read
      </p>
      <p className="max-w-[60ch] text-mute">{problem}</p>
      <Button onClick={frame.openFlow}>Mend it</Button>
    </div>
  )
}
