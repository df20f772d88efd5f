// FlowLocks: one tab edits a flow at a time; another one reads it, sees who edits, and can take it over.
import { WeirError } from '../../errors.ts'
import { randomId } from '../../random-id.ts'

const CHANNEL = 'weir-flow-locks'
const LOCK = 'flow:'
/** A tab that lives says who it is within this time. */
const ANSWER_MS = 1_000
const TAKE_OVER_MS = 15_000

/** Who edits a flow: as that tab tells. */
export interface Holder {
  tab: string
  /** What the person may recognise the tab by, such as its title. */
  label: string
  /** Milliseconds since 1970. */
  since: number
}

export interface HoldOptions {
  /** Saves what is not saved: the flow goes to the other tab once this resolves. Throws why it must not. */
  onAsked?: (by: { tab: string; label: string }) => Promise<void>
  /** The flow is no longer edited here: it was handed over, or taken by force. The tab shows it read-only from now on. */
  onLost?: (why: 'handed over' | 'taken by force') => void
}

export interface TakeOverOptions {
  timeoutMs?: number
  /** Takes it even if the other tab does not answer; what that tab has not saved is in the edit log. */
  byForce?: boolean
}

type Message =
  | { type: 'who'; flow: string }
  | { type: 'here'; flow: string; holder: Holder }
  | { type: 'ask'; flow: string; by: { tab: string; label: string } }
  | { type: 'refused'; flow: string; to: string; why: string }

function messageOf(data: unknown): Message | undefined {
  const message = data as (Partial<Record<'type' | 'flow' | 'to' | 'why', unknown>> & Record<string, unknown>) | null
  if (typeof message !== 'object' || message === null || typeof message.flow !== 'string') return undefined
  const { type, flow } = message
  if (type === 'who') return { type, flow }
  const tab = (type === 'here' ? message['holder'] : message['by']) as Partial<Holder> | undefined
  const isTab = typeof tab?.tab === 'string' && typeof tab.label === 'string'
  if (type === 'here' && isTab && typeof tab.since === 'number') return { type, flow, holder: tab as Holder }
  if (type === 'ask' && isTab) return { type, flow, by: tab as Holder }
  if (type !== 'refused' || typeof message.to !== 'string' || typeof message.why !== 'string') return undefined
  return { type, flow, to: message.to, why: message.why }
}

/** What a tab has of one flow: `isHeld` says whether it may edit. */
export class FlowHold {
  private release: (() => void) | undefined
  private since = 0
  private ended: Promise<void> = Promise.resolve()

  constructor(
    private readonly locks: FlowLocks,
    readonly flow: string,
    private readonly options: HoldOptions
  ) {}

  get isHeld(): boolean {
    return this.release !== undefined
  }

  /** Who edits it; undefined: nobody does, or this tab. A tab that does not answer is listed without its label. */
  async holder(): Promise<Holder | undefined> {
    if (this.isHeld || !(await isLocked(this.flow))) return undefined
    return this.locks.whoHolds(this.flow)
  }

  /** Edits here if nobody else does. */
  async tryHold(): Promise<boolean> {
    return this.isHeld || this.hold({ ifAvailable: true })
  }

  /** Asks the tab that edits to save and let go. Throws storage.locked with what that tab says, or that it does not answer. */
  async takeOver({ timeoutMs = TAKE_OVER_MS, byForce = false }: TakeOverOptions = {}): Promise<void> {
    if (this.isHeld) return
    const refusal = this.locks.awaitRefusal(this.flow)
    const limit = new AbortController()
    const timer = setTimeout(() => {
      limit.abort()
    }, timeoutMs)
    try {
      const granted = this.hold({ signal: limit.signal })
      this.locks.ask(this.flow)
      const why = await Promise.race([granted.then(() => undefined), refusal.why])
      if (why === undefined) return
      limit.abort()
      await granted.catch(() => undefined)
      throw new WeirError('storage.locked', `the tab that edits flow '${this.flow}' keeps it: ${why}`)
    } catch (reason) {
      if (reason instanceof WeirError || !limit.signal.aborted) throw reason
      if (byForce) {
        await this.hold({ steal: true })
        return
      }
      const words = `the tab that edits flow '${this.flow}' does not answer; take it by force, or close that tab`
      throw new WeirError('storage.locked', words, true)
    } finally {
      clearTimeout(timer)
      refusal.stop()
    }
  }

  /** Others may edit from now on. Resolves once they can. */
  async close(): Promise<void> {
    this.locks.forget(this)
    this.release?.()
    this.release = undefined
    await this.ended
  }

  /** Another tab asks for it. */
  async asked(by: { tab: string; label: string }): Promise<void> {
    if (!this.isHeld) return
    try {
      await this.options.onAsked?.(by)
    } catch (reason) {
      const why = reason instanceof Error ? reason.message : String(reason)
      this.locks.refuse(this.flow, by.tab, why)
      return
    }
    this.release?.()
    this.release = undefined
    await this.ended
    this.options.onLost?.('handed over')
  }

  tell(tab: string, label: string): Holder | undefined {
    return this.isHeld ? { tab, label, since: this.since } : undefined
  }

  private hold(how: LockOptions): Promise<boolean> {
    return new Promise((decided, failed) => {
      this.ended = navigator.locks
        .request(LOCK + this.flow, how, (lock) => {
          decided(lock !== null)
          if (lock === null) return undefined
          this.since = Date.now()
          return new Promise<void>((done) => {
            this.release = done
          })
        })
        .catch((reason: unknown) => {
          // Before it was granted: given up. Afterwards: another tab took it by force.
          failed(reason instanceof Error || reason instanceof DOMException ? reason : new Error(String(reason)))
          if (!this.release) return
          this.release = undefined
          this.options.onLost?.('taken by force')
        })
    })
  }
}

/** One for each page. */
export class FlowLocks {
  readonly tab = randomId()
  private readonly channel = new BroadcastChannel(CHANNEL)
  private readonly holds = new Set<FlowHold>()
  private readonly listeners = new Set<(message: Message) => void>()

  /** `label`: what a person in another tab may recognise this one by. */
  constructor(private readonly label: () => string = () => '') {
    this.channel.onmessage = (event: MessageEvent) => {
      const message = messageOf(event.data)
      if (!message) return
      for (const listener of this.listeners) listener(message)
      for (const hold of this.holds) {
        if (hold.flow !== message.flow) continue
        const holder = hold.tell(this.tab, this.label())
        if (message.type === 'who' && holder) this.say({ type: 'here', flow: hold.flow, holder })
        if (message.type === 'ask') void hold.asked(message.by)
      }
    }
  }

  /** Opens a flow to edit it if nobody else does; `isHeld` of the answer says so. */
  async open(flow: string, options: HoldOptions = {}): Promise<FlowHold> {
    const hold = new FlowHold(this, flow, options)
    this.holds.add(hold)
    await hold.tryHold()
    return hold
  }

  /** The flows that some tab of this site edits. */
  async edited(): Promise<string[]> {
    const { held = [] } = await navigator.locks.query()
    const names = held.map((lock) => lock.name ?? '').filter((name) => name.startsWith(LOCK))
    return names.map((name) => name.slice(LOCK.length)).sort()
  }

  close(): void {
    for (const hold of [...this.holds]) void hold.close()
    this.channel.close()
  }

  async whoHolds(flow: string): Promise<Holder> {
    let stop = (): void => undefined
    const answer = new Promise<Holder>((resolve) => {
      stop = this.listen((message) => {
        if (message.type === 'here' && message.flow === flow) resolve(message.holder)
      })
    })
    this.say({ type: 'who', flow })
    let timer: ReturnType<typeof setTimeout> | undefined
    const silence = new Promise<Holder>((resolve) => {
      timer = setTimeout(() => {
        resolve({ tab: '', label: '', since: 0 })
      }, ANSWER_MS)
    })
    try {
      return await Promise.race([answer, silence])
    } finally {
      clearTimeout(timer)
      stop()
    }
  }

  ask(flow: string): void {
    this.say({ type: 'ask', flow, by: { tab: this.tab, label: this.label() } })
  }

  refuse(flow: string, to: string, why: string): void {
    this.say({ type: 'refused', flow, to, why })
  }

  awaitRefusal(flow: string): { why: Promise<string>; stop: () => void } {
    let stop = (): void => undefined
    const why = new Promise<string>((resolve) => {
      stop = this.listen((message) => {
        if (message.type === 'refused' && message.flow === flow && message.to === this.tab) resolve(message.why)
      })
    })
    return { why, stop }
  }

  forget(hold: FlowHold): void {
    this.holds.delete(hold)
  }

  private listen(listener: (message: Message) => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  private say(message: Message): void {
    this.channel.postMessage(message)
  }
}

async function isLocked(flow: string): Promise<boolean> {
  const { held = [] } = await navigator.locks.query()
  return held.some((lock) => lock.name === LOCK + flow)
}
