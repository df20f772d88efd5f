// LiveConnection: the live protocol over a WebSocket; it comes back after a break, and goes on where it was.
import type { Watcher } from '../engine.ts'
import { asWeirError, WeirError } from '../errors.ts'
import { Asked } from '../live/asked.ts'
import { controlIn, frameIn, type Control, type Frame } from '../live/frames.ts'

/** As much of WebSocket as is used. */
export interface LiveSocket {
  binaryType: string
  send(data: string): void
  close(code?: number): void
  onopen: ((event: never) => void) | null
  onmessage: ((event: { data: never }) => void) | null
  onclose: ((event: { code: number }) => void) | null
  onerror: ((event: never) => void) | null
}

export interface LiveOptions {
  open: () => LiveSocket
  /** Waits before the next try; longer after each that failed. */
  pause: (attempt: number) => Promise<void>
  /** Tries in a row before the connection is given up. */
  attempts: number
}

/** What a subscription asked for, and how far its events were told. */
interface Subscription {
  asked: Record<string, unknown>
  /** Its number at the server; another one after a connection that could not be gone on with. */
  there: number
  lastEvent: number
}

/** Asked again after a break they do no more than once. */
const REPEATABLE = ['hello', 'breakpoints', 'held', 'alerts', 'change', 'credit', 'unbreak', 'mute']

export class LiveConnection implements Watcher {
  private readonly asked = new Asked()
  private readonly listeners: ((message: Control) => void)[] = []
  private readonly frameListeners: ((frame: Frame) => void)[] = []
  private readonly subscriptions = new Map<number, Subscription>()
  private socket: LiveSocket | undefined
  private session: string | undefined
  private last = 0
  private closed = false

  constructor(private readonly options: LiveOptions) {
    void this.keep()
  }

  /** `subscription` is the number that `subscribe` gave: it stays the same over breaks. */
  async ask(type: string, data: Record<string, unknown> = {}, subscription?: number): Promise<unknown> {
    if (this.closed) throw new WeirError('live.gone', 'the connection is closed')
    const found = subscription === undefined ? undefined : this.subscriptions.get(subscription)
    const reply = await this.asked.ask(type, data, found?.there ?? subscription, (control) => {
      // What is asked while there is no connection is sent when there is one.
      if (this.session !== undefined) this.socket?.send(JSON.stringify(control))
    })
    if (type === 'unsubscribe' && subscription !== undefined) this.subscriptions.delete(subscription)
    if (type !== 'subscribe') return reply
    const { subscription: there } = reply as { subscription: number }
    return { ...(reply as object), subscription: this.remember(there, data) }
  }

  onMessage(listener: (message: Control) => void): void {
    this.listeners.push(listener)
  }

  onFrame(listener: (frame: Frame) => void): void {
    this.frameListeners.push(listener)
  }

  close(): void {
    if (this.closed) return
    this.closed = true
    this.socket?.close(1000)
    this.asked.fail(new WeirError('live.gone', 'the connection was closed'))
  }

  private remember(there: number, asked: Record<string, unknown>): number {
    // A message may have come before the reply: its number is known already.
    const known = [...this.subscriptions].find(([, one]) => one.there === there && one.asked === NOT_YET)
    if (known) {
      known[1].asked = asked
      return known[0]
    }
    this.last += 1
    const lastEvent = typeof asked.after === 'number' ? asked.after : 0
    this.subscriptions.set(this.last, { asked, there, lastEvent })
    return this.last
  }

  private async keep(): Promise<void> {
    for (let failures = 0; !this.closed;) {
      const reached = await this.connect()
      if (this.isClosed()) return
      failures = reached ? 1 : failures + 1
      const lost = new WeirError('network.closed', 'the connection to the server broke before the answer came', true)
      this.asked.fail(lost, (control) => reached && !REPEATABLE.includes(control.type))
      if (failures > this.options.attempts) {
        this.closed = true
        this.asked.fail(new WeirError('server.gone', 'the server cannot be reached any more', true))
        this.tell({ v: 1, type: 'gone' })
        return
      }
      await this.options.pause(failures)
    }
  }

  private isClosed(): boolean {
    return this.closed
  }

  /** Resolves when the connection has ended; true: it had been made. */
  private connect(): Promise<boolean> {
    return new Promise((resolve) => {
      let socket: LiveSocket
      let opened = false
      try {
        socket = this.options.open()
      } catch {
        resolve(false)
        return
      }
      this.socket = socket
      socket.binaryType = 'arraybuffer'
      socket.onopen = () => {
        opened = true
        void this.greet(socket)
      }
      socket.onmessage = ({ data }) => {
        this.hear(data)
      }
      socket.onerror = () => undefined
      socket.onclose = () => {
        if (this.socket === socket) this.socket = undefined
        const before = this.session
        this.session = undefined
        this.sessionBefore = before ?? this.sessionBefore
        resolve(opened)
      }
    })
  }

  private sessionBefore: string | undefined

  /** Says hello, takes up what was subscribed, then sends what waits. */
  private async greet(socket: LiveSocket): Promise<void> {
    const waiting = this.asked.open()
    const ask = (type: string, data: Record<string, unknown> = {}): Promise<unknown> =>
      this.asked.ask(type, data, undefined, (control) => {
        socket.send(JSON.stringify(control))
      })
    try {
      const { session } = (await ask('hello')) as { session?: string }
      if (this.subscriptions.size > 0) await this.takeUp(ask)
      this.session = session ?? ''
      for (const control of waiting) socket.send(JSON.stringify(control))
      // Asked while this one was greeted.
      for (const control of this.asked.open()) if (!waiting.includes(control)) socket.send(JSON.stringify(control))
    } catch (reason) {
      // It broke again, or the run is gone: the next try sees.
      if (asWeirError(reason).code !== 'network.closed') socket.close()
    }
  }

  private async takeUp(ask: (type: string, data?: Record<string, unknown>) => Promise<unknown>): Promise<void> {
    const last: Record<string, number> = {}
    for (const one of this.subscriptions.values()) last[String(one.there)] = one.lastEvent
    const resumed = await ask('resume', { session: this.sessionBefore ?? '', last }).then(
      (data) => new Set((data as { subscriptions: number[] }).subscriptions),
      () => new Set<number>()
    )
    for (const one of this.subscriptions.values()) {
      if (resumed.has(one.there)) continue
      const asked = one.asked.kind === 'events' ? { ...one.asked, after: one.lastEvent } : one.asked
      const made = (await ask('subscribe', asked)) as { subscription: number }
      one.there = made.subscription
    }
  }

  private hear(data: unknown): void {
    try {
      if (typeof data === 'string') this.take(controlIn(data))
      else if (data instanceof ArrayBuffer) this.takeFrame(frameIn(new Uint8Array(data)))
      else throw new WeirError('live.frame', 'the server sent what is neither text nor bytes')
    } catch (reason) {
      // Whoever speaks otherwise is not understood: the connection is made anew, and given up in the end.
      this.tell({ v: 1, type: 'error', data: { code: asWeirError(reason).code, message: asWeirError(reason).message } })
      this.socket?.close(1002)
    }
  }

  private take(message: Control): void {
    if (this.asked.answered(message)) return
    if (message.subscription === undefined) {
      this.tell(message)
      if (message.type === 'ended') this.close()
      return
    }
    const [number, one] = this.subscriptionOf(message.subscription)
    if (message.type === 'event') {
      const { number: event = 0 } = (message.data ?? {}) as { number?: number }
      // Told before the break.
      if (event <= one.lastEvent) return
      one.lastEvent = event
    }
    this.tell({ ...message, subscription: number })
  }

  private takeFrame(frame: Frame): void {
    const [number] = this.subscriptionOf(frame.subscription)
    for (const listener of this.frameListeners) listener({ ...frame, subscription: number })
  }

  private subscriptionOf(there: number): [number, Subscription] {
    for (const found of this.subscriptions) if (found[1].there === there) return found
    this.last += 1
    const made: Subscription = { asked: NOT_YET, there, lastEvent: 0 }
    this.subscriptions.set(this.last, made)
    return [this.last, made]
  }

  private tell(message: Control): void {
    for (const listener of this.listeners) listener(message)
  }
}

/** Of a subscription whose reply has not come. */
const NOT_YET: Record<string, unknown> = {}
