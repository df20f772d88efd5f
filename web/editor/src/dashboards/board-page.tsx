// The page of a dashboard whose flow is open: bar, board, dialogs, and what stands there while it is empty.
import { useEffect, useState } from 'react'
import { dashboardOf, removeDashboard, renameDashboard } from '@weir/flow-model'
import { Button } from '@weir/ui/button.tsx'
import { Dialog } from '@weir/ui/dialog.tsx'
import { Field } from '@weir/ui/field.tsx'
import type { MenuItem } from '@weir/ui/menu.tsx'
import { Empty } from '@weir/ui/states.tsx'
import type { DraftKeeper } from '../page/drafts/draft-keeper.ts'
import { draftKey } from '../page/open/open-flow.ts'
import { Notices } from '../page/shell/notices.tsx'
import { useLeaving } from '../page/shell/use-leaving.ts'
import type { EditorSession } from '../session/editor-session.ts'
import { useSession } from '../session/use-session.ts'
import { AddDialog, ChangeDialog, Form } from './add-dialog.tsx'
import { BoardBar } from './board-bar.tsx'
import { Board, useBoard } from './board.tsx'
import type { DashboardPageProps } from './dashboard-page.tsx'
import { useLiveRun } from './use-board-run.ts'

interface BoardPageProps {
  page: DashboardPageProps
  folder: string
  go: (session: EditorSession, go: () => void) => void
  keeper?: DraftKeeper
  /** Why it may not be edited here; empty if it may. */
  readOnly?: string
  /** Edits here what another tab edits. */
  take?: () => void
}

type Open = { kind: 'add' | 'rename' } | { kind: 'change'; widget: string } | undefined

export function BoardPage({ page, folder, go, keeper, readOnly = '', take }: BoardPageProps) {
  const { flow, dashboard, home, frame, liveRun } = page
  const session = useSession()
  const [open, setOpen] = useState<Open>()
  const placed = useBoard(dashboard)
  const name = dashboardOf(session.document, dashboard)?.name || dashboard
  const rights = home.rights(folder)
  const editing = page.editing && readOnly === '' && placed !== undefined
  useLiveRun(session, flow, liveRun)
  useLeaving(keeper)
  useUndoKeys(session, editing)
  useEffect(() => {
    document.title = `${name} · Weir`
  }, [name])
  const leave = (away: () => void) => () => {
    go(session, away)
  }
  const close = () => {
    setOpen(undefined)
  }
  const changed = open?.kind === 'change' ? session.document.widget(open.widget) : undefined
  return (
    <div className="flex h-full min-w-0 flex-col">
      <BoardBar
        name={name}
        flow={flow}
        editing={editing}
        items={itemsOf(session, dashboard, editing, setOpen, leave(frame.openFlow))}
        mayEdit={rights.edit && placed !== undefined && take === undefined}
        mayRun={rights.run}
        draft={draftKey(home, flow)}
        kind={home.kind === 'server' ? 'live' : 'test'}
        keeper={keeper}
        add={
          editing
            ? () => {
                setOpen({ kind: 'add' })
              }
            : undefined
        }
        setEditing={(next) => {
          go(session, () => {
            frame.show(next)
          })
        }}
        leave={frame.leave}
        openFlow={leave(frame.openFlow)}
        account={frame.account}
      />
      {readOnly !== '' && (
        <p role="status" className="flex flex-wrap items-center gap-3 border-b border-edge bg-panel px-4 py-1.5">
          <span>
            <span aria-hidden="true" className="text-rest">
              ‖{' '}
            </span>
            {readOnly}
          </span>
          {take !== undefined && <Button onClick={take}>Edit here</Button>}
        </p>
      )}
      <div className="min-h-0 flex-1 overflow-auto" tabIndex={0} role="region" aria-label={name}>
        {placed === undefined ? (
          <NoSuch flow={flow} dashboard={dashboard} leave={frame.leave} />
        ) : placed.length === 0 ? (
          <NothingOnIt mayEdit={rights.edit && take === undefined} editing={editing} />
        ) : (
          <Board
            dashboard={dashboard}
            editing={editing}
            change={(widget) => {
              setOpen({ kind: 'change', widget })
            }}
          />
        )}
      </div>
      {open?.kind === 'add' && <AddDialog dashboard={dashboard} close={close} />}
      {open?.kind === 'rename' && <RenameDialog dashboard={dashboard} name={name} close={close} />}
      {changed !== undefined && <ChangeDialog widget={changed} close={close} />}
      <Notices />
    </div>
  )
}

/** What is behind the three dots. */
function itemsOf(
  session: EditorSession,
  dashboard: string,
  editing: boolean,
  setOpen: (open: Open) => void,
  openFlow: () => void
): MenuItem[] {
  const items: MenuItem[] = [{ words: 'Open the flow', act: openFlow }]
  if (!editing) return items
  const { undoLabel, redoLabel } = session.history
  if (undoLabel !== undefined)
    items.push({
      words: `Undo: ${undoLabel}`,
      act: () => {
        session.undo()
      }
    })
  if (redoLabel !== undefined)
    items.push({
      words: `Redo: ${redoLabel}`,
      act: () => {
        session.redo()
      }
    })
  items.push(
    {
      words: 'Rename…',
      act: () => {
        setOpen({ kind: 'rename' })
      }
    },
    {
      words: 'Remove the dashboard',
      danger: true,
      act: () => {
        session.do([removeDashboard(dashboard)], 'Remove a dashboard')
        session.tell('The dashboard is removed; its widgets are still on the canvas. Ctrl+Z brings it back.')
      }
    }
  )
  return items
}

function RenameDialog({ dashboard, name, close }: { dashboard: string; name: string; close: () => void }) {
  const session = useSession()
  const [text, setText] = useState(name)
  const keep = () => {
    const operations = renameDashboard(session.document, dashboard, text.trim())
    if (operations.length > 0) session.do(operations, 'Rename a dashboard')
    close()
  }
  return (
    <Dialog open close={close} title="Rename the dashboard" about="Links to it stay as they are.">
      <Form submit={keep} problem="" yes="Rename" close={close}>
        <Field
          label="Name"
          value={text}
          autoFocus
          onChange={(event) => {
            setText(event.target.value)
          }}
        />
      </Form>
    </Dialog>
  )
}

function NoSuch({ flow, dashboard, leave }: { flow: string; dashboard: string; leave: () => void }) {
  return (
    <Empty title={`The flow ${flow} has no dashboard ‘${dashboard}’`}>
      <p>It was removed, or the link is of another flow.</p>
      <Button className="mt-3" onClick={leave}>
        To the dashboards
      </Button>
    </Empty>
  )
}

function NothingOnIt({ mayEdit, editing }: { mayEdit: boolean; editing: boolean }) {
  return (
    <Empty title="Nothing is on this dashboard yet">
      {editing ? (
        <p>Add a widget: what a node gives, as a chart, a table or words.</p>
      ) : mayEdit ? (
        <p>Edit it to add widgets; or choose a node on the canvas, and there Put on a dashboard…</p>
      ) : (
        <p>Who may edit the flow puts widgets on it.</p>
      )}
    </Empty>
  )
}

/** Ctrl+Z and Ctrl+Shift+Z, unless something is being written. */
function useUndoKeys(session: EditorSession, editing: boolean): void {
  useEffect(() => {
    if (!editing) return undefined
    const key = (event: KeyboardEvent): void => {
      const { target } = event
      const writes = target instanceof Element && target.closest('input, textarea, select, [contenteditable]') !== null
      if (writes || !(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== 'z') return
      event.preventDefault()
      if (event.shiftKey) session.redo()
      else session.undo()
    }
    document.addEventListener('keydown', key)
    return () => {
      document.removeEventListener('keydown', key)
    }
  }, [session, editing])
}
