// History: the log of what was done to a document, for undo and redo, autosave, drafts and work of several people.
import type { FlowDocument } from '../document/flow-document.ts'
import { applyOperation, applyOperations } from '../operations/apply.ts'
import type { Operation, Refusal } from '../operations/operation.ts'
import { gestureFromText, gestureToText, joined, weightOf } from './gesture.ts'
import type { Gesture } from './gesture.ts'
import type { OperationStore } from './operation-store.ts'

export interface HistoryOptions {
  author: string
  /** Milliseconds since 1970. */
  now: () => number
  store?: OperationStore
  /** Gestures that can be undone, at most; 1,000 if not given. */
  mostGestures?: number
  /** Things that these name, at most; 1,000,000 if not given. */
  mostThings?: number
  /** Why nothing may be changed; empty if it may. */
  readOnly?: string
  /** Others work on the document too: what is done waits in `outgoing` until `receive` brings it back. */
  shared?: boolean
}

export interface GestureOptions {
  label: string
  /** What comes with the same key within `windowMs` is one gesture with it: the field being typed into, the drag. */
  coalesce?: string
  /** 1,000 if not given; Infinity for a drag, which is sealed at its end. */
  windowMs?: number
}

export interface Done {
  /** Undefined if nothing of it could be done. */
  gesture: Gesture | undefined
  refusals: Refusal[]
}

export class History {
  private readonly undoable: Gesture[] = []
  private readonly redoable: Gesture[] = []
  private open: { key: string; untilMs: number } | undefined
  private weight = 0
  private unwritten: Gesture[] = []
  private writing: Promise<void> = Promise.resolve()
  private lastSequence = 0
  private ownNumber = 0
  /** Own gestures that others have not seen yet, in order. */
  private pending: Gesture[] = []
  /** Things that somebody else moved after we did. */
  private readonly movedByOthers = new Set<string>()

  constructor(
    readonly document: FlowDocument,
    private readonly options: HistoryOptions
  ) {}

  /**
   * Goes on where a store left off. `document` is as it was at entry `sequence` (0: before the first); what came later is
   * done to it, and everything that is kept can be undone.
   */
  static async restore(document: FlowDocument, sequence: number, options: HistoryOptions): Promise<History> {
    const history = new History(document, options)
    history.lastSequence = sequence
    for (const stored of (await options.store?.readSince(0)) ?? []) {
      const gesture = gestureFromText(stored.text)
      if (gesture === undefined) continue
      if (gesture.sequence > sequence) applyOperations(document, gesture.operations)
      history.lastSequence = Math.max(history.lastSequence, gesture.sequence)
      if (gesture.author !== options.author) continue
      history.ownNumber = Math.max(history.ownNumber, Number(gesture.id.slice(gesture.id.lastIndexOf(':') + 1)) || 0)
      history.stack(gesture)
    }
    return history
  }

  /** The last entry of the log; with the document's text it is what a draft keeps. */
  get sequence(): number {
    return this.lastSequence
  }
  get undoLabel(): string | undefined {
    return this.undoable.at(-1)?.label
  }
  get redoLabel(): string | undefined {
    return this.redoable.at(-1)?.label
  }
  /** The log up to here is needed for nothing but the document itself. */
  get forgettable(): number {
    const first = Math.min(...[...this.undoable, ...this.redoable].map((gesture) => gesture.sequence))
    return Number.isFinite(first) ? first - 1 : this.lastSequence
  }

  /** Does operations as one gesture, or as more of the one before. What cannot be done is told, the rest is done. */
  apply(operations: readonly Operation[], options: GestureOptions): Done {
    const refused = this.refuseAll(operations)
    if (refused !== undefined) return refused
    const { done, inverse, refusals } = applyOperations(this.document, operations)
    // What changes nothing has no inverse, and is no gesture.
    if (inverse.length === 0) return { gesture: undefined, refusals }
    for (const operation of done) this.forgetMoves(operation)
    const now = this.options.now()
    const last = this.undoable.at(-1)
    const joins = this.open !== undefined && this.open.key === options.coalesce && now <= this.open.untilMs
    if (joins && last !== undefined) this.extend(last, { operations: done, inverse })
    else {
      this.seal()
      this.enter(this.made('do', '', options.label, done, inverse))
    }
    const key = options.coalesce
    this.open = key === undefined ? undefined : { key, untilMs: now + (options.windowMs ?? 1000) }
    if (this.open === undefined) this.seal()
    return { gesture: this.undoable.at(-1), refusals }
  }

  /** Ends the gesture that is going on: the key was released, the field left. */
  seal(): void {
    this.open = undefined
    const last = this.undoable.at(-1)
    if (last !== undefined && last === this.unsealed) {
      this.unwritten.push(last)
      this.unsealed = undefined
    }
  }
  private unsealed: Gesture | undefined

  /** Takes the last own gesture back. Undefined: there is none. */
  undo(): Done | undefined {
    this.seal()
    return this.goBack(this.undoable, 'undo')
  }

  /** Does again what was undone last. */
  redo(): Done | undefined {
    this.seal()
    return this.goBack(this.redoable, 'redo')
  }

  /**
   * Writes what the store does not have yet; fails as the store does, and then nothing is lost: the next call tries
   * again. One call at a time writes.
   */
  flush(): Promise<void> {
    this.seal()
    const write = async (): Promise<void> => {
      const gestures = this.unwritten
      if (gestures.length === 0 || this.options.store === undefined) return
      this.unwritten = []
      try {
        await this.options.store.append(
          gestures.map((gesture) => ({ sequence: gesture.sequence, text: gestureToText(gesture) }))
        )
      } catch (error) {
        this.unwritten = [...gestures, ...this.unwritten]
        throw error
      }
    }
    const result = this.writing.then(write)
    this.writing = result.catch(() => undefined)
    return result
  }

  /** What is not in the store yet. */
  get unsaved(): number {
    return this.unwritten.length + (this.unsealed === undefined ? 0 : 1)
  }

  /** Own gestures that the others have to get, in order. They are own until `receive` brings them back. */
  outgoing(): readonly Gesture[] {
    this.seal()
    return this.pending
  }

  /**
   * Takes gestures in the order that all agree on, own ones among them. Own ones that are not among them yet are taken
   * back and done again behind: everybody comes to the same document. What then has no target is told.
   */
  receive(gestures: readonly Gesture[]): Refusal[] {
    this.seal()
    const refusals: Refusal[] = []
    const waiting = this.pending
    for (const gesture of [...waiting].reverse()) this.silently(gesture.inverse)
    const known = new Set(waiting.map((gesture) => gesture.id))
    for (const gesture of gestures) {
      this.lastSequence = Math.max(this.lastSequence, gesture.sequence)
      refusals.push(...this.again(gesture, known.has(gesture.id)))
    }
    const confirmed = new Set(gestures.map((gesture) => gesture.id))
    this.pending = waiting.filter((gesture) => !confirmed.has(gesture.id))
    for (const gesture of this.pending) refusals.push(...this.again(gesture, true))
    this.document.notify()
    return refusals
  }

  private again(gesture: Gesture, own: boolean): Refusal[] {
    const { inverse, refusals } = this.silently(gesture.operations)
    if (own) {
      const mine = [...this.undoable, ...this.redoable, ...this.pending].find((each) => each.id === gesture.id)
      if (mine !== undefined) {
        mine.inverse = inverse
        mine.sequence = gesture.sequence
      }
      return refusals
    }
    for (const operation of gesture.operations) {
      if (operation.op === 'place') for (const id of operation.ids) this.movedByOthers.add(`${operation.kind}/${id}`)
    }
    return []
  }

  private silently(operations: readonly Operation[]): { inverse: Operation[]; refusals: Refusal[] } {
    const inverses: Operation[][] = []
    const refusals: Refusal[] = []
    for (const operation of operations) {
      const applied = applyOperation(this.document, operation)
      if (applied.done) inverses.push(applied.inverse)
      else refusals.push(applied.refusal)
    }
    return { inverse: inverses.reverse().flat(), refusals }
  }

  private goBack(from: Gesture[], kind: 'undo' | 'redo'): Done | undefined {
    const gesture = from.at(-1)
    if (gesture === undefined) return undefined
    const refused = this.refuseAll(gesture.inverse)
    if (refused !== undefined) return refused
    const { mine, others } = this.withoutOthersMoves(gesture.inverse)
    const { done, inverse, refusals } = applyOperations(this.document, mine)
    refusals.push(...others)
    if (done.length === 0) {
      from.pop()
      return { gesture: undefined, refusals }
    }
    const made = this.made(kind, gesture.id, gesture.label, done, inverse)
    this.unwritten.push(made)
    if (this.options.shared === true) this.pending.push(made)
    this.stack(made)
    return { gesture: made, refusals }
  }

  /** What somebody else moved after us stays where they put it. */
  private withoutOthersMoves(operations: readonly Operation[]): { mine: Operation[]; others: Refusal[] } {
    if (this.movedByOthers.size === 0) return { mine: [...operations], others: [] }
    const mine: Operation[] = []
    const others: Refusal[] = []
    for (const operation of operations) {
      if (operation.op !== 'place') {
        mine.push(operation)
        continue
      }
      const stays = operation.ids.map((id) => !this.movedByOthers.has(`${operation.kind}/${id}`))
      if (stays.every(Boolean)) {
        mine.push(operation)
        continue
      }
      others.push({ operation, reason: 'changed', message: 'somebody else has moved some of this meanwhile' })
      if (!stays.some(Boolean)) continue
      const kept = { ...operation, ids: operation.ids.filter((_, index) => stays[index]) }
      for (const part of ['x', 'y', 'width', 'height'] as const) {
        const values = operation[part]
        if (values !== undefined) kept[part] = values.filter((_, index) => stays[index])
      }
      mine.push(kept)
    }
    return { mine, others }
  }

  private forgetMoves(operation: Operation): void {
    if (operation.op !== 'place' || this.movedByOthers.size === 0) return
    for (const id of operation.ids) this.movedByOthers.delete(`${operation.kind}/${id}`)
  }

  private made(
    kind: Gesture['kind'],
    of: string,
    label: string,
    operations: readonly Operation[],
    inverse: readonly Operation[]
  ): Gesture {
    const { author, now } = this.options
    const base = this.lastSequence
    const id = `${author}:${++this.ownNumber}`
    return { id, author, sequence: ++this.lastSequence, base, atMs: now(), label, kind, of, operations, inverse }
  }

  private enter(gesture: Gesture): void {
    this.unsealed = gesture
    if (this.options.shared === true) this.pending.push(gesture)
    this.stack(gesture)
  }

  /** Puts a gesture where undo and redo find it. */
  private stack(gesture: Gesture): void {
    const remove = (list: Gesture[]): void => {
      const popped = list.pop()
      if (popped !== undefined && list === this.undoable) this.weight -= weightOf(popped.inverse)
    }
    if (gesture.kind === 'undo') {
      remove(this.undoable)
      this.redoable.push(gesture)
      return
    }
    if (gesture.kind === 'redo') remove(this.redoable)
    else this.redoable.length = 0
    this.undoable.push(gesture)
    this.weight += weightOf(gesture.inverse)
    this.bound()
  }

  private bound(): void {
    const { mostGestures = 1000, mostThings = 1_000_000 } = this.options
    while (this.undoable.length > 1 && (this.undoable.length > mostGestures || this.weight > mostThings)) {
      const oldest = this.undoable.shift()
      if (oldest !== undefined) this.weight -= weightOf(oldest.inverse)
    }
  }

  private extend(gesture: Gesture, more: Pick<Gesture, 'operations' | 'inverse'>): void {
    this.weight -= weightOf(gesture.inverse)
    Object.assign(gesture, joined(gesture, more))
    this.weight += weightOf(gesture.inverse)
  }

  private refuseAll(operations: readonly Operation[]): Done | undefined {
    const { readOnly = '' } = this.options
    if (readOnly === '') return undefined
    const refusals = operations.map((operation): Refusal => ({ operation, reason: 'wrong', message: readOnly }))
    return { gesture: undefined, refusals }
  }
}
