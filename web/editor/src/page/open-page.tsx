// OpenPage: the page of a flow that is open: bars, canvas, panels, notices, dialogs.
import { useEffect, useState } from 'react'
import { useStore } from 'zustand'
import type { FolderChange } from '@weir/engine-client/storage'
import { Button } from '@weir/ui/button.tsx'
import { LimitLines } from '@weir/ui/limits.tsx'
import type { MenuItem } from '@weir/ui/menu.tsx'
import { SessionContext, useRevision, useSession, useView } from '../session/use-session.ts'
import { makeDraftStore } from './drafts/draft-state.ts'
import type { EditorPageProps } from './editor-page.tsx'
import { AllowAgain } from './files/allow-again.tsx'
import { DropFiles } from './files/drop-files.tsx'
import { KeepOffer } from './home/keep-offer.tsx'
import { FolderConflict, useFolder } from './home/kept-dialog.tsx'
import { draftKey } from './open/open-flow.ts'
import type { OpenedFlow } from './open/open-flow.ts'
import { useBegin } from './open/use-opening.ts'
import type { Again } from './open/use-opening.ts'
import { PageDialogs } from './page-dialogs.tsx'
import type { EditorParts } from './parts.ts'
import { BottomArea } from './shell/bottom-area.tsx'
import { FlowList } from './shell/flow-list.tsx'
import { Notices } from './shell/notices.tsx'
import { SidePanel } from './shell/side-panel.tsx'
import { StatusBar } from './shell/status-bar.tsx'
import { TopBar } from './shell/top-bar.tsx'
import { useLeaving } from './shell/use-leaving.ts'
import { usePageActions } from './use-page-actions.ts'
import type { PageWork } from './use-page-actions.ts'

type Open = Extract<OpenedFlow, { state: 'open' }>

interface OpenPageProps {
  page: EditorPageProps
  opened: Open
  again: Again
}

const kNoDraft = makeDraftStore({})

export function OpenPage(props: OpenPageProps) {
  return (
    <SessionContext value={props.opened.session}>
      <WorkPage {...props} />
    </SessionContext>
  )
}

/** What keeps a version here: nothing where one may not. */
function keepingOf(page: EditorPageProps, { keeper, kept }: Open): 'version' | 'publish' | undefined {
  const rights = page.home.rights(kept?.folder ?? keeper?.state.getState().folder ?? '')
  if (keeper === undefined || !rights.publish) return undefined
  return page.home.kind === 'server' ? 'publish' : 'version'
}

function WorkPage({ page, opened, again }: OpenPageProps) {
  const { home, flow, parts, frame, local } = page
  const { session, keeper, readOnly } = opened
  const keeping = keepingOf(page, opened)
  const work = usePageActions({ session, keeper, draft: draftKey(home, flow), publishes: keeping === 'publish', page })
  const [folder, setFolder] = useFolder(home.kind === 'browser' ? local : undefined)
  const [change, closeChange] = useFolderChange(page, opened)
  useBegin(opened, parts.begin, work.actions)
  useLeaving(keeper)
  useEffect(() => {
    document.title = `${flow} · Weir`
  }, [flow])
  const show = (kind: 'version' | 'publish' | 'kept' | 'conflict') => () => {
    work.show({ kind })
  }
  return (
    <div className="flex h-full flex-col">
      <TopBar
        name={flow}
        items={useMenu(page, opened, work)}
        leave={frame.leave}
        act={work.act}
        {...(keeping === undefined
          ? {}
          : { keep: { words: keeping === 'publish' ? 'Publish…' : 'Save version…', act: show(keeping) } })}
        account={frame.account}
      />
      <LimitLines />
      <Banner opened={opened} again={again} openConflict={show('conflict')} />
      <KeepOffer
        local={home.kind === 'browser' ? local : undefined}
        keeper={keeper}
        folder={folder}
        setFolder={setFolder}
        download={work.actions.download}
      />
      {parts.folders !== undefined && <AllowAgain folders={parts.folders} />}
      <div className="flex min-h-0 flex-1 flex-col sm:flex-row">
        {frame.rail}
        <main id="main" tabIndex={-1} className="relative flex min-h-0 min-w-0 flex-1 outline-none">
          <div className="flex min-h-0 min-w-0 flex-1 flex-col">
            <Stage parts={parts} mayDrop={readOnly === ''} />
            {parts.BottomPanel !== undefined && <BottomArea Panel={parts.BottomPanel} />}
          </div>
          <SidePanel parts={parts} />
          <Notices />
        </main>
      </div>
      <StatusBar
        home={home}
        draft={keeper?.state}
        readOnly={readOnly}
        folder={folder?.state === 'ready' ? folder.name : ''}
        openKept={show('kept')}
        openConflict={show('conflict')}
        {...(parts.showKeys === undefined ? {} : { showKeys: () => parts.showKeys?.(session) })}
      />
      <PageDialogs page={page} work={work} keeper={keeper} readOnly={readOnly} folder={folder} setFolder={setFolder} />
      {change !== undefined && local !== undefined && (
        <FolderConflict local={local} change={change} again={again} close={closeChange} />
      )}
      {parts.overlays?.map((Overlay, index) => (
        <Overlay key={index} />
      ))}
    </div>
  )
}

/** The canvas with what stands beside and above it; without one, the flow as a list. */
function Stage({ parts, mayDrop }: { parts: EditorParts; mayDrop: boolean }) {
  const outline = useView((view) => view.outlineOpen)
  const palette = useView((view) => view.palette !== undefined)
  const { Canvas, Outline, Palette } = parts
  return (
    <div className="flex min-h-0 min-w-0 flex-1">
      {outline && Outline !== undefined && (
        <nav aria-label="Outline" className="w-[240px] shrink-0 overflow-auto border-r border-line bg-panel">
          <Outline />
        </nav>
      )}
      <DropFiles take={mayDrop ? parts.takeFiles : undefined}>
        {Canvas === undefined ? <FlowList /> : <Canvas />}
        {palette && Palette !== undefined && <Palette />}
      </DropFiles>
    </div>
  )
}

/** What a person has to know before they work: that they cannot, or that two changed the same. */
function Banner({ opened, again, openConflict }: { opened: Open; again: Again; openConflict: () => void }) {
  const session = useSession()
  const { phase, conflict, reason } = useStore(opened.keeper?.state ?? kNoDraft)
  const take = () => {
    const { hold } = opened
    hold.takeOver().then(
      () => {
        again(hold)
      },
      (error: unknown) => {
        session.tell(error instanceof Error ? error.message : String(error), 'warning')
      }
    )
  }
  const line = 'flex flex-wrap items-center gap-3 border-b bg-panel px-4 py-1.5'
  if (opened.readOnly !== '') {
    return (
      <p role="status" className={`${line} border-edge`}>
        <span>
          <span aria-hidden="true" className="text-rest">
            ‖{' '}
          </span>
          {opened.readOnly}
        </span>
        {opened.elsewhere && <TakeOver take={take} />}
      </p>
    )
  }
  if (conflict !== undefined) {
    return (
      <p role="status" className={`${line} border-warn`}>
        <span className="text-warn">
          <span aria-hidden="true">▲</span> Changed here and elsewhere: {conflict.open.length}{' '}
          {conflict.open.length === 1 ? 'choice' : 'choices'} to make. Your work is kept in this browser.
        </span>
        <Button onClick={openConflict}>Choose…</Button>
      </p>
    )
  }
  if (phase !== 'away' && phase !== 'gone') return null
  return (
    <p role="status" className={`${line} border-warn`}>
      <span className="text-warn">
        <span aria-hidden="true">▲</span>{' '}
        {phase === 'away'
          ? 'The server does not answer. Work goes on in this browser, and is brought together with the server when it is back.'
          : `This flow was deleted elsewhere. What you did is in this browser: download it. ${reason}`}
      </span>
    </p>
  )
}

function TakeOver({ take }: { take: () => void }) {
  return <Button onClick={take}>Edit here</Button>
}

/** What is behind the three dots: everything that is not of every minute. */
function useMenu(page: EditorPageProps, opened: Open, work: PageWork): MenuItem[] {
  useRevision()
  const { session, keeper } = opened
  const { history } = session
  const items: MenuItem[] = []
  const add = (seen: boolean, words: string, act: () => void, danger = false) => {
    if (seen) items.push({ words, act, danger })
  }
  const show = (kind: 'history' | 'describe' | 'delete' | 'move' | 'share') => () => {
    work.show({ kind })
  }
  const mayEdit = keeper !== undefined
  const { undoLabel, redoLabel } = history
  add(mayEdit && undoLabel !== undefined, `Undo: ${undoLabel ?? ''}`, () => {
    session.undo()
  })
  add(mayEdit && redoLabel !== undefined, `Redo: ${redoLabel ?? ''}`, () => {
    session.redo()
  })
  add(mayEdit, 'About this flow…', show('describe'))
  add(true, 'History…', show('history'))
  const { dashboard } = work.actions
  add(dashboard !== undefined, 'Dashboards…', () => dashboard?.())
  add(true, 'Download', work.actions.download)
  add(page.formAddress !== undefined, 'Share as form…', show('share'))
  add(mayEdit && page.move !== undefined, `${page.move?.words ?? ''}…`, show('move'))
  add(mayEdit, 'Delete…', show('delete'), true)
  return items
}

/** Writes the file of the linked folder after each saving; what somebody else did there is asked about. */
function useFolderChange(page: EditorPageProps, opened: Open): [FolderChange | undefined, () => void] {
  const [change, setChange] = useState<FolderChange>()
  const { local, flow, home } = page
  const { keeper, session } = opened
  useEffect(() => {
    if (local === undefined || keeper === undefined || home.kind !== 'browser') return
    let here = true
    const stop = keeper.state.subscribe((now, before) => {
      if (now.phase !== 'saved' || now.savedAt === before.savedAt) return
      const write = async () => {
        if ((await local.folder.state()).state !== 'ready') return
        const found = await local.folder.save(flow)
        if (here) setChange(found)
      }
      write().catch((error: unknown) => {
        session.tell(error instanceof Error ? error.message : String(error), 'warning')
      })
    })
    return () => {
      here = false
      stop()
    }
  }, [local, keeper, home, flow, session])
  return [
    change,
    () => {
      setChange(undefined)
    }
  ]
}
