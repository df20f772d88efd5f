// What can be done on the page, for its bars, its menu, and the commands and keys of the tools.
import { useMemo, useState } from 'react'
import { saveText } from '@weir/ui/save-text.ts'
import type { StartOptions } from '../run/shown-run.ts'
import type { EditorSession } from '../session/editor-session.ts'
import type { DraftKeeper } from './drafts/draft-keeper.ts'
import type { PageActions } from './parts.ts'
import { resumeRun, startRun, stopRun, targetsOf, wishOf } from './run-actions.ts'
import type { RunWish, Target } from './run-actions.ts'
import { targetsSeen } from './targets-dialog.tsx'

/** The one dialog that is open. */
export type OpenDialog =
  | { kind: 'version' | 'publish' | 'history' | 'kept' | 'conflict' | 'describe' | 'delete' | 'move' }
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
}

function wishNow(session: EditorSession): RunWish {
  return wishOf(session.run.getState().shown?.facts.getState().status)
}

/** The same as long as the session is. */
export function usePageActions({ session, keeper, draft, publishes }: Wishes): PageWork {
  const [dialog, show] = useState<OpenDialog>()
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
        if (upTo !== undefined && wishNow(session) === 'run')
          void startRun(session, { kind: 'test', upTo, preview: true })
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
      }
    }
    return { act, actions }
  }, [session, keeper, draft, publishes])
  return { dialog, show, ...made }
}
