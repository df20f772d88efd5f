// The dialogs of the page; one is open at a time.
import type { FolderState } from '@weir/engine-client/storage'
import { Confirm } from '@weir/ui/confirm.tsx'
import { useState } from 'react'
import { useStore } from 'zustand'
import { useSession } from '../session/use-session.ts'
import { DescribeDialog } from './describe-dialog.tsx'
import { ConflictDialog } from './drafts/conflict-dialog.tsx'
import type { DraftKeeper } from './drafts/draft-keeper.ts'
import { makeDraftStore } from './drafts/draft-state.ts'
import type { EditorPageProps } from './editor-page.tsx'
import { KeptDialog } from './home/kept-dialog.tsx'
import { MoveDialog } from './move/move-dialog.tsx'
import { draftKey } from './open/open-flow.ts'
import { startRun } from './run-actions.ts'
import { rememberTargets, TargetsDialog } from './targets-dialog.tsx'
import type { PageWork } from './use-page-actions.ts'
import { ShareDialog } from '../share/share-dialog.tsx'
import { HistoryDialog } from './versions/history-dialog.tsx'
import { KeepVersionDialog } from './versions/keep-version-dialog.tsx'

interface DialogsProps {
  page: EditorPageProps
  work: PageWork
  keeper: DraftKeeper | undefined
  readOnly: string
  folder: FolderState | undefined
  setFolder: (state: FolderState) => void
}

const kNoDraft = makeDraftStore({})

export function PageDialogs({ page, work, keeper, readOnly, folder, setFolder }: DialogsProps) {
  const session = useSession()
  const { conflict } = useStore(keeper?.state ?? kNoDraft)
  const { home, shelf, flow } = page
  const { dialog, show } = work
  const key = draftKey(home, flow)
  const close = () => {
    show(undefined)
  }
  if (dialog === undefined) return null
  switch (dialog.kind) {
    case 'version':
    case 'publish':
      return keeper === undefined ? null : (
        <KeepVersionDialog home={home} keeper={keeper} publish={dialog.kind === 'publish'} close={close} />
      )
    case 'history':
      return <HistoryDialog home={home} shelf={shelf} draftKey={key} readOnly={readOnly} close={close} />
    case 'kept':
      return (
        <KeptDialog
          home={home}
          local={page.local}
          state={folder}
          changed={setFolder}
          download={work.actions.download}
          close={close}
        />
      )
    case 'conflict':
      return keeper === undefined || conflict === undefined ? null : (
        <ConflictDialog keeper={keeper} conflict={conflict} close={close} />
      )
    case 'describe':
      return <DescribeDialog close={close} />
    case 'delete':
      return <DeleteFlow page={page} keeper={keeper} close={close} />
    case 'share':
      return page.formAddress === undefined ? null : (
        <ShareDialog address={page.formAddress} server={home.kind === 'server'} close={close} />
      )
    case 'move':
      return page.move === undefined ? null : <MoveDialog move={page.move} given={page.parts.folders} close={close} />
    case 'targets': {
      const { targets, options } = dialog
      const start = (preview: boolean) => () => {
        if (!preview) rememberTargets(key, targets)
        const writes = preview ? [] : targets.map((target) => target.node)
        void startRun(session, { ...options, writes, ...(preview ? { preview } : {}) })
        close()
      }
      return <TargetsDialog targets={targets} run={start(false)} preview={start(true)} close={close} />
    }
  }
}

interface DeleteProps {
  page: EditorPageProps
  keeper: DraftKeeper | undefined
  close: () => void
}

/** It goes into the bin, whose size is named. */
function DeleteFlow({ page, keeper, close }: DeleteProps) {
  const session = useSession()
  const [busy, setBusy] = useState(false)
  const { home, flow, shelf } = page
  const { tables } = session.document
  const versions = keeper?.state.getState().latestVersion ?? 0
  const counted = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`
  const parts = [
    counted(tables.nodes.size, 'node'),
    counted(tables.edges.size, 'edge'),
    counted(versions, 'version')
  ].join(', ')
  const remove = async () => {
    setBusy(true)
    try {
      await keeper?.saveNow()
      const { revision } = await home.read(flow)
      await home.bin(flow, revision)
      await shelf.forget(draftKey(home, flow))
      page.frame.leave()
    } catch (error) {
      session.tell(error instanceof Error ? error.message : String(error), 'error')
      setBusy(false)
      close()
    }
  }
  return (
    <Confirm
      open
      close={close}
      title={`Delete ${flow}?`}
      about={`The flow with ${parts} goes into the bin and can be restored for 30 days. Runs that go on are not stopped.`}
      yes="Delete"
      act={() => void remove()}
      busy={busy}
    />
  )
}
