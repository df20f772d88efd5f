// A draft: a document with its history as this browser keeps them; saved after each pause, followed by other tabs.
import { asWeirError, FlowError } from '@weir/engine-client'
import { FlowLocks } from '@weir/engine-client/storage'
import type { BrowserStorage, FlowHold, Holder } from '@weir/engine-client/storage'
import { gestureFromText, History, openFlow } from '@weir/flow-model'
import type { FlowDocument, Gesture } from '@weir/flow-model'
import { createStore } from 'zustand/vanilla'
import type { StoreApi } from 'zustand/vanilla'
import { DraftStore, isDenied, sumOf } from './draft-store.ts'

/** After the last edit. */
const kPauseMs = 500
const kQuietRetryMs = 5000

export interface DraftState {
  /** memory: nothing outlives this page; following: another tab edits, and this one shows it. */
  state: 'saved' | 'saving' | 'memory' | 'following' | 'failed'
  /** In one sentence, where there is something to say. */
  reason: string
  savedAt: number | undefined
  /** The tab that edits the flow, if this one follows it. */
  holder: Holder | undefined
}

export interface DraftOptions {
  /** Undefined: there is none, and the draft is in memory. */
  storage: BrowserStorage | undefined
  flow: string
  /** The document, where the storage has none of that id yet. */
  text: string
  author: string
  now?: () => number
  /** Of this page; without them every tab edits by itself. */
  locks?: FlowLocks
  /** This tab edits no longer: the page shows the document without changing it, or opens the draft anew. */
  onLost?: () => void
}

export interface Draft {
  readonly document: FlowDocument
  readonly history: History
  readonly store: DraftStore
  readonly state: StoreApi<DraftState>
  /** Saves now what is not saved. @throws WeirError why it cannot */
  save(): Promise<void>
  /** Of a tab that follows: asks the other one to let go. Then the draft is to be opened anew. */
  takeOver(byForce?: boolean): Promise<void>
  /** Saves, and lets go of the flow. */
  dispose(): Promise<void>
}

/**
 * The document as it was left, with all that can be undone. @throws FlowError if what is stored is no document, or one of a
 * newer format; WeirError `storage.corrupt`
 */
export async function openDraft(options: DraftOptions): Promise<Draft> {
  const { flow, text } = options
  let denied = options.storage === undefined ? 'there is no storage' : ''
  const store = new DraftStore(options.storage, flow, (reason) => {
    denied = reason
  })
  const stored = await storedText(options, (reason) => {
    denied = reason
  })
  const storage = denied === '' ? options.storage : undefined
  const kept = storage === undefined ? new DraftStore(undefined, flow) : store
  const opened = openFlow(stored?.document ?? text)
  if (opened.state !== 'open') throw new FlowError(opened.problems)
  const { document } = opened
  const hold = await options.locks?.open(flow, {
    onAsked: () => draft.save(),
    onLost: () => {
      draft.lost()
    }
  })
  const isFollowing = hold !== undefined && !hold.isHeld
  const holder = isFollowing ? await hold.holder() : undefined
  const { history, reason } = await historyOf(document, kept, options, stored !== undefined, isFollowing)
  const draft: OpenDraft = new OpenDraft(document, history, kept, storage, options, hold, stored?.revision ?? 0)
  draft.begin(isFollowing, holder, reason, denied)
  return draft
}

/** What is stored of the flow; it is stored if it was not. */
async function storedText(
  { storage, flow, text }: DraftOptions,
  onDenied: (reason: string) => void
): Promise<{ document: string; revision: number } | undefined> {
  if (storage === undefined) return undefined
  try {
    const found = await storage.flows.find(flow)
    if (found !== undefined) return found
    return { document: text, revision: (await storage.flows.create({ id: flow, document: text })).revision }
  } catch (reason) {
    if (!isDenied(reason)) throw reason
    onDenied(asWeirError(reason).message)
    return undefined
  }
}

async function historyOf(
  document: FlowDocument,
  store: DraftStore,
  { author, now = Date.now }: DraftOptions,
  isStored: boolean,
  isFollowing: boolean
): Promise<{ history: History; reason: string }> {
  const readOnly = isFollowing ? { readOnly: 'another tab edits this flow' } : {}
  const options = { author, now, store, ...readOnly }
  const entries = await store.readSince(0)
  const sum = sumOf(document.text())
  const base = store.sequenceOf(sum)
  if (base !== undefined || entries.length === 0 || !isStored) {
    const history = await History.restore(document, base ?? 0, options)
    if (base === undefined && !isFollowing) await store.mark(history.sequence, sum)
    return { history, reason: '' }
  }
  // The document was changed past this log: what is not in it yet is done to it again, as far as that has its targets.
  const late = entries.filter(({ sequence }) => sequence > store.lastSaved)
  if (!isFollowing) await store.clear()
  const history = new History(document, options)
  if (!isFollowing) await store.mark(0, sum)
  let refused = 0
  for (const gesture of late.map(({ text }) => gestureFromText(text))) {
    if (gesture !== undefined) refused += history.apply(gesture.operations, { label: gesture.label }).refusals.length
  }
  const lost = refused === 0 ? '' : `; ${String(refused)} of what was not saved had no place in it`
  return { history, reason: `The flow was changed elsewhere meanwhile${lost}.` }
}

class OpenDraft implements Draft {
  readonly state: StoreApi<DraftState> = createStore<DraftState>(() => ({
    state: 'saved',
    reason: '',
    savedAt: undefined,
    holder: undefined
  }))
  private readonly closing: (() => void)[] = []
  private timer: ReturnType<typeof setTimeout> | undefined
  private saving: Promise<void> = Promise.resolve()
  private savedRevision: number
  private following = false
  private disposed = false

  constructor(
    readonly document: FlowDocument,
    readonly history: History,
    readonly store: DraftStore,
    private readonly storage: BrowserStorage | undefined,
    private readonly options: DraftOptions,
    private readonly hold: FlowHold | undefined,
    private revision: number
  ) {
    this.savedRevision = document.revision
  }

  begin(following: boolean, holder: Holder | undefined, reason: string, denied: string): void {
    this.following = following
    if (following) {
      this.state.setState({ state: 'following', reason: 'Another tab edits this flow; this one follows it.', holder })
      const stop = this.storage?.onChange(({ kind, id }) => {
        if (kind === 'edit' && id === this.store.flow) this.catchUp().catch(() => undefined)
      })
      if (stop !== undefined) this.closing.push(stop)
      this.catchUp().catch(() => undefined)
      return
    }
    if (this.storage === undefined) {
      const why = denied === '' ? '' : ` (${denied})`
      this.state.setState({
        state: 'memory',
        reason: `Nothing is kept in this browser: save a copy before you leave${why}.`
      })
    } else this.state.setState({ state: 'saved', reason })
    this.closing.push(
      this.document.subscribe(() => {
        this.plan(kPauseMs)
      })
    )
    if (this.history.unsaved > 0) this.plan(0)
  }

  save(): Promise<void> {
    clearTimeout(this.timer)
    this.timer = undefined
    const work = this.saving.then(() => this.write())
    this.saving = work.catch(() => undefined)
    return work
  }

  async takeOver(byForce = false): Promise<void> {
    await this.hold?.takeOver({ byForce })
    await this.dispose()
  }

  /** Another tab has taken the flow. */
  lost(): void {
    if (this.disposed) return
    this.stop()
    this.following = true
    this.state.setState({ state: 'following', reason: 'Another tab has taken this flow over.' })
    this.options.onLost?.()
  }

  async dispose(): Promise<void> {
    if (this.disposed) return
    const isDue = !this.following
    this.stop()
    this.disposed = true
    if (isDue) await this.save().catch(() => undefined)
    await this.hold?.close()
  }

  private stop(): void {
    clearTimeout(this.timer)
    this.timer = undefined
    for (const end of this.closing.splice(0)) end()
  }

  private plan(ms: number, isRetry = false): void {
    clearTimeout(this.timer)
    const isKept = this.storage !== undefined && !this.store.isInMemory
    if (isKept && !isRetry) this.state.setState({ state: 'saving' })
    this.timer = setTimeout(() => {
      this.save().catch(() => undefined)
    }, ms)
  }

  private async write(): Promise<void> {
    const { storage } = this
    try {
      await this.history.flush()
      if (storage === undefined || this.store.isInMemory) {
        this.state.setState({
          state: 'memory',
          reason: 'Nothing is kept in this browser: save a copy before you leave.'
        })
        return
      }
      const { revision, text, sequence } = {
        revision: this.document.revision,
        text: this.document.text(),
        sequence: this.history.sequence
      }
      if (revision !== this.savedRevision) {
        await this.store.mark(sequence, sumOf(text))
        const head = await storage.flows.replace(this.store.flow, this.revision, { document: text })
        this.revision = head.revision
        this.savedRevision = revision
      }
      if (this.store.isLong) await this.store.trim(Math.min(this.history.forgettable, sequence))
      const isSaved = this.document.revision === revision
      this.state.setState({ state: isSaved ? 'saved' : 'saving', reason: '', savedAt: this.now() })
    } catch (reason) {
      this.failed(reason)
      throw reason
    }
  }

  private failed(reason: unknown): void {
    const { message, recoverable } = asWeirError(reason)
    this.state.setState({ state: 'failed', reason: `The flow is not saved: ${message}` })
    if (recoverable && !this.disposed) this.plan(kQuietRetryMs, true)
  }

  /** What the other tab has done since. */
  private async catchUp(): Promise<void> {
    const entries = await this.store.readSince(this.history.sequence)
    if (this.disposed) return
    const gestures = entries
      .map(({ text }) => gestureFromText(text))
      .filter((gesture): gesture is Gesture => gesture !== undefined)
    if (gestures.length > 0) this.history.receive(gestures)
  }

  private now(): number {
    return (this.options.now ?? Date.now)()
  }
}
