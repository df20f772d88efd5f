// Opens a flow to be looked at only: nothing is held or kept, and what others change comes by itself.
import { applyOperations, gestureFromText, History, MemoryOperationStore, openFlow } from '@weir/flow-model'
import type { Catalogue, Problem } from '@weir/flow-model'
import { takeIn } from '../page/drafts/draft-keeper.ts'
import type { DraftShelf } from '../page/drafts/draft-shelf.ts'
import { rootOf, stepsTo } from '../page/drafts/merge-drafts.ts'
import { HomeAway } from '../page/home/flow-home.ts'
import type { FlowHome, KeptFlow } from '../page/home/flow-home.ts'
import { draftKey } from '../page/open/open-flow.ts'
import { EditorSession } from '../session/editor-session.ts'

export interface LookOptions {
  flow: string
  home: FlowHome
  shelf: DraftShelf
  catalogue: Catalogue
  author: string
  now?: () => number
}

export type Looking =
  | {
      state: 'open'
      session: EditorSession
      folder: string
      /** Brings in what has changed since; tells nothing while the home is away. */
      again: () => Promise<void>
      close: () => void
    }
  | { state: 'broken'; problems: readonly Problem[]; close: () => void }

interface Found {
  text: string
  kept: KeptFlow | undefined
}

/** What is on the shelf with all that its log says was done since. */
async function draftOf(shelf: DraftShelf, key: string): Promise<{ text: string; base: string } | undefined> {
  const draft = await shelf.read(key)
  if (draft === undefined) return undefined
  const opened = openFlow(draft.text)
  if (opened.state === 'broken') return draft
  for (const { text } of await shelf.operations(key).readSince(draft.sequence)) {
    applyOperations(opened.document, gestureFromText(text)?.operations ?? [])
  }
  return { text: opened.document.text(), base: draft.base }
}

/** What this browser has drafted, where it may be changed; else what the home keeps. */
async function newest({ flow, home, shelf }: LookOptions): Promise<Found> {
  const draft = await draftOf(shelf, draftKey(home, flow)).catch(() => undefined)
  const isAhead = draft !== undefined && draft.text !== draft.base
  try {
    const kept = await home.read(flow)
    return isAhead && home.rights(kept.folder).edit ? { text: draft.text, kept } : { text: kept.text, kept }
  } catch (error) {
    if (error instanceof HomeAway && draft !== undefined) return { text: draft.text, kept: undefined }
    throw error
  }
}

/** @throws HomeAway, FlowGone */
export async function openToLook(options: LookOptions): Promise<Looking> {
  const { author, catalogue, now = Date.now } = options
  const { text, kept } = await newest(options)
  const opened = openFlow(text)
  if (opened.state === 'broken') return { state: 'broken', problems: opened.problems, close: () => undefined }
  const store = new MemoryOperationStore()
  const readOnly = 'A dashboard is changed where it is edited.'
  const history = new History(opened.document, { author, now, store, readOnly })
  const session = new EditorSession(opened.document, catalogue, { author, now, history, readOnly })
  let known = text
  let closed = false
  return {
    state: 'open',
    session,
    folder: kept?.folder ?? '',
    again: async () => {
      const found = await newest(options).catch(() => undefined)
      if (closed || found === undefined || found.text === known || openFlow(found.text).state === 'broken') return
      known = found.text
      await takeIn(session, store, stepsTo(session.document, rootOf(known)), now())
    },
    close: () => {
      closed = true
      session.dispose()
    }
  }
}
