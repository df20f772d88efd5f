// PlacedWatcher: the live protocol of a run that changes its place: subscriptions follow it, counters go on.
import type { Execution, Watcher } from '../engine.ts'
import { WeirError } from '../errors.ts'
import type { Control } from '../live/frames.ts'
import { addFigures, type RunCounters } from './add-figures.ts'

interface Subscription {
  asked: Record<string, unknown>
  there: number
}

export class PlacedWatcher implements Watcher {
  private readonly listeners: ((message: Control) => void)[] = []
  private readonly subscriptions = new Map<number, Subscription>()
  private watcher: Watcher | undefined
  /** Of segments that are through. */
  private before: RunCounters | undefined
  private latest: RunCounters | undefined
  private last = 0

  constructor(private readonly forget: () => void) {}

  /** `adds`: the execution goes on behind the one before; else it stands in its place. */
  follow(execution: Execution, adds: boolean): void {
    this.watcher?.close()
    if (adds && this.latest) this.before = addFigures(this.before, this.latest)
    this.latest = undefined
    const watcher = execution.watch()
    this.watcher = watcher
    watcher.onMessage((message) => {
      this.take(message)
    })
    for (const [number, one] of this.subscriptions) {
      // Events of another execution are numbered anew.
      watcher.ask('subscribe', one.asked).then(
        (reply) => {
          one.there = (reply as { subscription: number }).subscription
        },
        () => this.subscriptions.delete(number)
      )
    }
  }

  async ask(type: string, data: Record<string, unknown> = {}, subscription?: number): Promise<unknown> {
    if (!this.watcher) throw new WeirError('live.gone', 'the run is not watched any more')
    const found = subscription === undefined ? undefined : this.subscriptions.get(subscription)
    const reply = await this.watcher.ask(type, data, found?.there ?? subscription)
    if (type === 'unsubscribe' && subscription !== undefined) this.subscriptions.delete(subscription)
    if (type !== 'subscribe') return reply
    this.last += 1
    this.subscriptions.set(this.last, { asked: data, there: (reply as { subscription: number }).subscription })
    return { ...(reply as object), subscription: this.last }
  }

  onMessage(listener: (message: Control) => void): void {
    this.listeners.push(listener)
  }

  close(): void {
    this.watcher?.close()
    this.watcher = undefined
    this.forget()
  }

  private take(message: Control): void {
    // The run goes on elsewhere, or its result says how it ended.
    if (message.type === 'ended' && this.before) return
    const told = { ...message }
    for (const [number, one] of this.subscriptions) if (one.there === message.subscription) told.subscription = number
    if (message.type === 'metrics') {
      this.latest = message.data as RunCounters
      told.data = addFigures(this.before, this.latest)
    }
    for (const listener of this.listeners) listener(told)
  }
}
