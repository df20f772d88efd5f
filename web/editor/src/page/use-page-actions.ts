// What can be done on the page, for its bars, its menu, and the commands and keys of the tools.
import { useEffect, useMemo, useRef, useState } from 'react'
import { saveText } from '@weir/ui/save-text.ts'
import { carryRun } from '../run/carried-runs.ts'
import type { StartOptions } from '../run/shown-run.ts'
import type { RunAlert } from '../alerts/alert-dialog.tsx'
import { runTo } from '../panels/run/run-to.ts'
import type { EditorSession } from '../session/editor-session.ts'
import type { DraftKeeper } from './drafts/draft-keeper.ts'
import type { EditorPageProps } from './editor-page.tsx'
import { draftKey } from './open/open-flow.ts'
import type { OtherFlows, PageActions } from './parts.ts'
import { resumeRun, startRun, stopRun, targetsOf, wishOf } from './run-actions.ts'
import type { RunWish, Target } from './run-actions.ts'
import { targetsSeen } from './targets-dialog.tsx'

/** The one dialog that is open. */
export type OpenDialog =
  | { kind: 'version' | 'publish' | 'history' | 'kept' | 'conflict' | 'describe' | 'delete' | 'move' | 'share' }
  | { kind: 'targets'; targets: readonly Target[]; options: StartOptions }

export interface PageWork {
  dialog: OpenDialog | undefined
  show: (dialog: OpenDialog | undefined) => void
  act: (wish: RunWish) => void
  actions: PageActions
}

interface Wishes {
  session: EditorSession
  keeper: DraftKeeper | undefined
  draft: string
  publishes: boolean
  page: EditorPageProps
}

/** The flows of the home of the page. A draft of this browser that differs from what its home had is what the person means. */
function flowsOf(page: { readonly current: EditorPageProps }): OtherFlows {
  return {
    list: () => page.current.home.list(),
    text: async (flow) => {
      const { home, shelf } = page.current
      const draft = await shelf.read(draftKey(home, flow)).catch(() => undefined)
      return draft !== undefined && draft.text !== draft.base ? draft.text : (await home.read(flow)).text
    },
    open: (flow) => {
      page.current.frame.open(flow)
    }
  }
}

/** The run that is shown goes along to the dashboard. */
function dashboardOf(
  page: { readonly current: EditorPageProps },
  session: EditorSession,
  draft: string
): Pick<PageActions, 'dashboard'> {
  if (page.current.frame.dashboard === undefined) return {}
  return {
    dashboard: (dashboard) => {
      const { flow, frame } = page.current
      carryRun(draft, session)
      frame.dashboard?.(flow, dashboard)
    }
  }
}

function wishNow(session: EditorSession): RunWish {
  const { shown } = session.run.getState()
  return wishOf(shown?.facts.getState().status, shown?.kind)
}

/** The same as long as the session is. */
export function usePageActions({ session, keeper, draft, publishes, page }: Wishes): PageWork {
  const [dialog, show] = useState<OpenDialog>()
  // Its parts are others with each drawing; the actions are not.
  const latest = useRef(page)
  useEffect(() => {
    latest.current = page
  }, [page])
  const { takeFiles, runAlert } = page.parts
  const made = useMemo(() => {
    const start = (options: StartOptions) => {
      const targets = options.preview === true ? [] : targetsOf(session.document, session.catalogue)
      if (!targetsSeen(draft, targets)) show({ kind: 'targets', targets, options })
      else void startRun(session, { ...options, writes: targets.map((target) => target.node) })
    }
    const act = (wish: RunWish) => {
      if (wish === 'run') start({ kind: 'test' })
      else if (wish === 'resume') void resumeRun(session)
      else stopRun(session)
    }
    const actions: PageActions = {
      run: () => {
        const wish = wishNow(session)
        if (wish === 'run' || wish === 'resume') act(wish)
      },
      runToHere: () => {
        const [upTo] = session.selection.ids('nodes')
        if (upTo !== undefined && wishNow(session) === 'run') void runTo(session, upTo)
      },
      stop: () => {
        stopRun(session)
      },
      saveVersion: () => {
        if (keeper !== undefined) show({ kind: publishes ? 'publish' : 'version' })
      },
      history: () => {
        show({ kind: 'history' })
      },
      save: () => void keeper?.saveNow(),
      download: () => {
        const { id } = session.document
        saveText(`${id}.flow.json`, session.document.text(), 'application/json')
      },
      flows: flowsOf(latest),
      ...dashboardOf(latest, session, draft),
      ...(takeFiles === undefined ? {} : { takeFiles }),
      ...(runAlert !== undefined && {
        runAlert: (what: RunAlert) => {
          runAlert(session, what)
        }
      })
    }
    return { act, actions }
  }, [session, keeper, draft, publishes, takeFiles, runAlert])
  return { dialog, show, ...made }
}
