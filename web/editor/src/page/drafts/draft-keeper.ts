// DraftKeeper: saves what is done to a document by itself, and brings work that was done elsewhere together with it.
import { gestureToText } from '@weir/flow-model'
import type { Gesture, Json, Operation, OperationStore } from '@weir/flow-model'
import type { EditorSession } from '../../session/editor-session.ts'
import { FlowGone, FlowMovedOn, HomeAway } from '../home/flow-home.ts'
import type { FlowHome, KeptFlow, KeptHead } from '../home/flow-home.ts'
import type { DraftShelf } from './draft-shelf.ts'
import { conflictOf, makeDraftStore } from './draft-state.ts'
import type { DraftStore } from './draft-state.ts'
import { stepOf } from './home-log.ts'
import { mergeTexts, settled, stepsTo } from './merge-drafts.ts'
import type { Side } from './merge-drafts.ts'

/** A pause in the work after which the log is written in this browser, and the draft to its home. */
export const kLogMs = 800
export const kSaveMs = 2000
const kLongestPauseMs = 30_000

export interface KeeperOptions {
  home: FlowHome
  shelf: DraftShelf
  key: string
  flow: string
  /** What the home had, and its revision. */
  base: string
  revision: string
  /** As it was read; undefined: the home was away. */
  kept: KeptFlow | undefined
  operations: OperationStore
  now?: () => number
  /** Told when the log of this browser has got more. */
  told?: () => void
}

/** Follows a session; `dispose` ends that, after what is not saved has been put on the shelf. */
export class DraftKeeper {
  readonly state: DraftStore
  private base: string
  private revision: string
  private logTimer: ReturnType<typeof setTimeout> | undefined
  private saveTimer: ReturnType<typeof setTimeout> | undefined
  private pause = kSaveMs
  private work: Promise<void> = Promise.resolve()
  private closed = false
  private logged: number
  private readonly stops: (() => void)[] = []
  private readonly now: () => number

  constructor(
    private readonly session: EditorSession,
    private readonly options: KeeperOptions
  ) {
    this.base = options.base
    this.revision = options.revision
    this.now = options.now ?? Date.now
    this.logged = session.history.sequence
    this.state = makeDraftStore(options.kept === undefined ? { phase: 'away' } : headState(options.kept))
    this.stops.push(
      session.document.subscribe(() => {
        this.changed()
      })
    )
    const soon = (): void => void this.saveNow()
    if (typeof window !== 'undefined') {
      window.addEventListener('online', soon)
      this.stops.push(() => {
        window.removeEventListener('online', soon)
      })
    }
    if (this.isUnsaved || options.kept === undefined) this.saveSoon(options.kept === undefined ? kSaveMs : 0)
  }

  /** Whether the home lacks something. */
  get isUnsaved(): boolean {
    return this.session.document.text() !== this.base
  }

  /** Writes the log and the draft, and resolves when that has come to an end, well or not; `state` says which. */
  saveNow(): Promise<void> {
    clearTimeout(this.saveTimer)
    clearTimeout(this.logTimer)
    this.work = this.work
      .then(() => this.save())
      .catch((error: unknown) => {
        this.refuse(error)
      })
    return this.work
  }

  /** Writes what was done to the log of this browser alone; for a page that goes away. */
  async flush(): Promise<void> {
    clearTimeout(this.logTimer)
    await this.session.history.flush()
    this.options.told?.()
  }

  /** Ends a conflict as the person chose; ours where nothing was chosen. */
  async settle(choices: ReadonlyMap<string, Side>): Promise<void> {
    const { conflict } = this.state.getState()
    if (conflict === undefined) return
    const { theirs } = conflict
    const ours = this.session.document.text()
    const merge = mergeTexts(this.base, ours, theirs.text)
    const chosen = merge.conflicts.map((one) => choices.get(one.where) ?? 'ours')
    if (chosen.includes('theirs')) await this.keepCopy(ours, 'My draft before both were brought together')
    if (chosen.includes('ours')) await this.keepCopy(theirs.text, 'Draft of others before both were brought together')
    await this.takeIn(settled(merge, choices))
    this.base = theirs.text
    this.revision = theirs.revision
    this.state.setState({ conflict: undefined, phase: 'unsaved' })
    await this.saveNow()
  }

  /** Keeps a text aside under a name. */
  async keepCopy(text: string, name: string): Promise<void> {
    await this.options.shelf.keepCopy({ key: this.options.key, name, text, at: this.now() })
  }

  /** The home has another head, such as a version more. */
  tellHead(head: Pick<KeptHead, 'latestVersion' | 'publishedVersion'>): void {
    this.state.setState({ latestVersion: head.latestVersion, publishedVersion: head.publishedVersion })
  }

  async dispose(): Promise<void> {
    if (this.closed) return
    this.closed = true
    for (const stop of this.stops.splice(0)) stop()
    clearTimeout(this.saveTimer)
    clearTimeout(this.logTimer)
    await this.work
    await this.session.history.flush().catch(() => undefined)
  }

  private changed(): void {
    const { phase } = this.state.getState()
    if (phase === 'saved' || phase === 'refused') this.state.setState({ phase: 'unsaved', reason: '' })
    clearTimeout(this.logTimer)
    this.logTimer = setTimeout(() => {
      this.flush().catch((error: unknown) => {
        this.refuse(error)
      })
    }, kLogMs)
    if (phase !== 'conflict' && phase !== 'gone') this.saveSoon(phase === 'away' ? this.pause : kSaveMs)
  }

  private saveSoon(ms: number): void {
    if (this.closed) return
    clearTimeout(this.saveTimer)
    this.saveTimer = setTimeout(() => void this.saveNow(), ms)
  }

  private async save(): Promise<void> {
    const { history, document } = this.session
    const { phase } = this.state.getState()
    await history.flush()
    this.options.told?.()
    const text = document.text()
    const sequence = history.sequence
    await this.shelve(text, sequence)
    if (phase === 'conflict' || phase === 'gone' || this.closed) return
    if (text === this.base && phase !== 'away') {
      this.state.setState({ phase: 'saved', reason: '' })
      return
    }
    if (phase !== 'away') this.state.setState({ phase: 'saving' })
    try {
      await this.write(text, sequence)
    } catch (error) {
      if (error instanceof FlowMovedOn) await this.meet()
      else throw error
    }
  }

  private async write(text: string, sequence: number): Promise<void> {
    const { home, flow } = this.options
    const { history } = this.session
    if (text === this.base) {
      // It was away: whether it has still got what it had.
      const kept = await home.read(flow)
      if (kept.revision !== this.revision) throw new FlowMovedOn(`flow '${flow}' was changed`)
      this.saved(kept, sequence, text)
      return
    }
    const before = this.base
    const head = await home.write(flow, text, this.revision)
    this.base = text
    this.revision = head.revision
    this.saved(head, sequence, text)
    await this.shelve(text, sequence)
    await this.tellLog(before, text)
    await this.options.operations.trim(Math.min(history.forgettable, sequence))
  }

  private saved(head: KeptHead, sequence: number, text: string): void {
    this.pause = kSaveMs
    const more = this.session.history.sequence > sequence || this.session.document.text() !== text
    this.state.setState({ ...headState(head), phase: more ? 'unsaved' : 'saved', reason: '', savedAt: this.now() })
    if (more) this.saveSoon(kSaveMs)
  }

  /** Somebody has changed it: what both did is made one. */
  private async meet(): Promise<void> {
    const theirs = await this.options.home.read(this.options.flow)
    const ours = this.session.document.text()
    const merge = mergeTexts(this.base, ours, theirs.text)
    if (merge.conflicts.length > 0) {
      this.state.setState({ phase: 'conflict', conflict: conflictOf(theirs, merge) })
      return
    }
    await this.takeIn(merge.root)
    this.base = theirs.text
    this.revision = theirs.revision
    this.session.tell('Changes from elsewhere came in.')
    this.state.setState({ phase: 'unsaved' })
    await this.shelve(this.session.document.text(), this.session.history.sequence)
    this.saveSoon(0)
  }

  /** Makes the document another by a step that is nobody's to undo. */
  private async takeIn(root: Json): Promise<void> {
    await takeIn(this.session, this.options.operations, stepsTo(this.session.document, root), this.now())
    this.options.told?.()
  }

  private async shelve(text: string, sequence: number): Promise<void> {
    const { shelf, key } = this.options
    await shelf.write({ key, text, sequence, base: this.base, revision: this.revision, at: this.now() })
  }

  /** Tells the log of the home what was done; a log that takes nothing holds nobody up. */
  private async tellLog(before: string, after: string): Promise<void> {
    const { home, flow, operations } = this.options
    if (home.log === undefined) return
    const since = this.logged
    this.logged = this.session.history.sequence
    try {
      const gestures = (await operations.readSince(since)).map((stored) => stored.text)
      await home.log.append(flow, await stepOf(before, after, gestures))
    } catch {
      // The draft itself is kept, and that is what counts.
    }
  }

  private refuse(error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error)
    if (error instanceof HomeAway) {
      this.state.setState({ phase: 'away', reason })
      this.saveSoon(this.pause)
      this.pause = Math.min(this.pause * 2, kLongestPauseMs)
    } else if (error instanceof FlowGone) {
      this.state.setState({ phase: 'gone', reason })
    } else {
      this.state.setState({ phase: 'refused', reason })
      this.session.tell(`The draft could not be saved: ${reason}`, 'error')
    }
  }
}

function headState(head: KeptHead): {
  name: string
  folder: string
  latestVersion: number
  publishedVersion: number
} {
  const { name, folder, latestVersion, publishedVersion } = head
  return { name, folder, latestVersion, publishedVersion }
}

/** Does operations of others: they are in the log, and not among what the person can undo. */
export async function takeIn(
  session: Pick<EditorSession, 'history'>,
  store: OperationStore,
  operations: readonly Operation[],
  atMs: number
): Promise<void> {
  if (operations.length === 0) return
  await session.history.flush()
  const { sequence } = session.history
  const gesture: Gesture = {
    id: `elsewhere:${sequence + 1}`,
    author: 'elsewhere',
    sequence: sequence + 1,
    base: sequence,
    atMs,
    label: 'Changes from elsewhere',
    kind: 'do',
    of: '',
    operations,
    inverse: []
  }
  session.history.receive([gesture])
  await store.append([{ sequence: gesture.sequence, text: gestureToText(gesture) }])
}
