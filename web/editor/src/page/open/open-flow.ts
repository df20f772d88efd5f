// Opens a flow for the page: what its home has and what this browser has of it, made one session.
import { gestureFromText, History, openFlow } from '@weir/flow-model'
import type { Catalogue, Opened, OperationStore, Problem } from '@weir/flow-model'
import { EditorSession } from '../../session/editor-session.ts'
import { DraftKeeper, takeIn } from '../drafts/draft-keeper.ts'
import type { DraftShelf, ShelvedDraft } from '../drafts/draft-shelf.ts'
import { conflictOf } from '../drafts/draft-state.ts'
import { gesturesTo } from '../drafts/home-log.ts'
import { mergeTexts, rootOf, stepsTo } from '../drafts/merge-drafts.ts'
import type { HoldFlow, TabHold } from '../drafts/tab-hold.ts'
import { HomeAway } from '../home/flow-home.ts'
import type { FlowHome, KeptFlow } from '../home/flow-home.ts'

export interface OpenOptions {
  flow: string
  home: FlowHome
  shelf: DraftShelf
  hold: HoldFlow
  /** Of this tab already, from before it was opened anew. */
  held?: TabHold
  catalogue: Catalogue
  /** The id of the person; undo reaches what has it. */
  author: string
  now?: () => number
  /** The flow went to another tab, or came from one: it is to be opened anew. */
  again: () => void
}

/** A flow on the page, or what is in the way. `close` frees all of it. */
export type OpenedFlow =
  | {
      state: 'open'
      session: EditorSession
      /** Undefined: it may not be changed here. */
      keeper: DraftKeeper | undefined
      hold: TabHold
      /** Why nothing may be changed; empty if it may. */
      readOnly: string
      /** Whether another tab of this browser edits it. */
      elsewhere: boolean
      kept: KeptFlow | undefined
      /** `keepHold`: it is opened anew in this tab, which goes on holding it. */
      close: (keepHold?: boolean) => Promise<void>
    }
  | {
      state: 'broken'
      text: string
      problems: readonly Problem[]
      kept: KeptFlow | undefined
      close: (keepHold?: boolean) => Promise<void>
    }

const kElsewhere = 'Another tab of this browser edits this flow; it is followed here.'
const kNotYours = 'You may look at flows of this folder, and not change them.'

export function draftKey(home: FlowHome, flow: string): string {
  return `${home.key}/${flow}`
}

/** What the home has; undefined if it is away and this browser has a draft. */
async function readHome(
  home: FlowHome,
  flow: string,
  shelved: ShelvedDraft | undefined
): Promise<KeptFlow | undefined> {
  try {
    return await home.read(flow)
  } catch (error) {
    if (error instanceof HomeAway && shelved !== undefined) return undefined
    throw error
  }
}

interface Begun {
  text: string
  sequence: number
  base: string
  revision: string
}

/** Where to begin: with the draft of this browser, or with what the home has and the log that it keeps. */
async function beginning(
  options: OpenOptions,
  shelved: ShelvedDraft | undefined,
  kept: KeptFlow | undefined
): Promise<Begun> {
  if (shelved !== undefined) return shelved
  if (kept === undefined) throw new HomeAway(`flow '${options.flow}' cannot be read now`)
  const { home, shelf, flow } = options
  const key = draftKey(home, flow)
  const { text, revision } = kept
  const begun = { text, sequence: 0, base: text, revision }
  if (!home.rights(kept.folder).edit) return begun
  // A log without a draft is of one that this browser has lost.
  await shelf.forget(key)
  if (home.log !== undefined) {
    const gestures = await gesturesTo(text, await home.log.read(flow).catch(() => []))
    await shelf.operations(key).append(gestures)
    begun.sequence = gestures.length
  }
  await shelf.write({ key, ...begun, at: options.now?.() ?? Date.now() })
  return begun
}

/** Brings what the home has got since into the session; what conflicts is left to the person. */
async function meet(
  session: EditorSession,
  store: OperationStore,
  begun: Begun,
  kept: KeptFlow | undefined,
  now: () => number
): Promise<ReturnType<typeof conflictOf> | undefined> {
  if (kept === undefined || kept.revision === begun.revision) return undefined
  const ours = session.document.text()
  const merge = mergeTexts(begun.base, ours, kept.text)
  if (merge.conflicts.length > 0) return conflictOf(kept, merge)
  const root = ours === begun.base ? rootOf(kept.text) : merge.root
  await takeIn(session, store, stepsTo(session.document, root), now())
  begun.base = kept.text
  begun.revision = kept.revision
  return undefined
}

/**
 * Opens a flow. @throws HomeAway if neither its home nor this browser has it now, FlowGone if there is none.
 */
export async function openForPage(options: OpenOptions): Promise<OpenedFlow> {
  const { flow, home, shelf, catalogue, author, now = Date.now } = options
  const key = draftKey(home, flow)
  const parts: { keeper?: DraftKeeper } = {}
  const shelved = await shelf.read(key)
  const kept = await readHome(home, flow, shelved)
  const begun = await beginning(options, shelved, kept)
  const opened = openFlow(begun.text)
  if (opened.state === 'broken') return brokenFlow(begun.text, opened, kept)
  const wishes = {
    save: async () => {
      await parts.keeper?.saveNow()
    },
    lost: options.again
  }
  const hold = options.held ?? (await options.hold(key, wishes))
  hold.bind(wishes)
  const mayEdit = kept === undefined || home.rights(kept.folder).edit
  const readOnly = opened.state === 'readOnly' ? opened.reason : !mayEdit ? kNotYours : hold.holds ? '' : kElsewhere
  const store = shelf.operations(key)
  const told = { author, now, store, ...(readOnly === '' ? {} : { readOnly }) }
  const history = await History.restore(opened.document, begun.sequence, told)
  const session = new EditorSession(opened.document, catalogue, { author, now, history, readOnly })
  if (readOnly === '') {
    const conflict = await meet(session, store, begun, kept, now)
    const keeperOptions = { home, shelf, key, flow, base: begun.base, revision: begun.revision, kept, now }
    parts.keeper = new DraftKeeper(session, {
      ...keeperOptions,
      operations: store,
      told: () => {
        hold.tell()
      }
    })
    if (conflict !== undefined) parts.keeper.state.setState({ phase: 'conflict', conflict })
  } else if (mayEdit && !hold.holds) {
    hold.onTold(() => void follow(session, store))
  }
  return {
    state: 'open',
    session,
    keeper: parts.keeper,
    hold,
    readOnly,
    elsewhere: !hold.holds,
    kept,
    close: async (keepHold = false) => {
      await parts.keeper?.dispose()
      if (!keepHold) await hold.close()
      session.dispose()
    }
  }
}

function brokenFlow(
  text: string,
  opened: Extract<Opened, { state: 'broken' }>,
  kept: KeptFlow | undefined
): OpenedFlow {
  return { state: 'broken', text, problems: opened.problems, kept, close: () => Promise.resolve() }
}

/** Does what the tab that edits has done since. */
async function follow(session: EditorSession, store: OperationStore): Promise<void> {
  const stored = await store.readSince(session.history.sequence)
  const gestures = stored.flatMap(({ text }) => gestureFromText(text) ?? [])
  if (gestures.length > 0) session.history.receive(gestures)
}
