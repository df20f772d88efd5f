// PartedWatcher: the live protocol of a run in two parts: figures of both as of one run, with the cut edges whole.
import type { Watcher } from '../engine.ts'
import type { Control } from '../live/frames.ts'
import type { RunCounters } from './add-figures.ts'
import type { FlowParts } from './flow-parts.ts'

/** Of a subscription: its number in each part; one of an edge or a node is in one part only. */
interface Subscription {
  local?: number
  remote?: number
}

export class PartedWatcher implements Watcher {
  private readonly listeners: ((message: Control) => void)[] = []
  private readonly subscriptions = new Map<number, Subscription>()
  private readonly latest: { local?: RunCounters; remote?: RunCounters } = {}
  private last = 0

  constructor(
    private readonly parts: FlowParts,
    private readonly local: Watcher,
    private readonly remote: Watcher
  ) {
    local.onMessage((message) => {
      this.take('local', message)
    })
    remote.onMessage((message) => {
      this.take('remote', message)
    })
  }

  async ask(type: string, data: Record<string, unknown> = {}, subscription?: number): Promise<unknown> {
    if (type === 'subscribe' && (data.kind === 'metrics' || data.kind === 'events')) return this.subscribe(data)
    const found = subscription === undefined ? undefined : this.subscriptions.get(subscription)
    if (found) {
      const here = found.local === undefined ? undefined : await this.local.ask(type, data, found.local)
      const there = found.remote === undefined ? undefined : await this.remote.ask(type, data, found.remote)
      return here ?? there
    }
    return (this.isRemote(data) ? this.remote : this.local).ask(type, data, subscription)
  }

  onMessage(listener: (message: Control) => void): void {
    this.listeners.push(listener)
  }

  close(): void {
    this.local.close()
    this.remote.close()
  }

  /** Of a part that cannot be watched there are no figures. */
  private async subscribe(data: Record<string, unknown>): Promise<{ subscription: number }> {
    const numberOf = (reply: unknown): number => (reply as { subscription: number }).subscription
    const [local, remote] = await Promise.all([
      this.local.ask('subscribe', data).then(numberOf),
      this.remote.ask('subscribe', data).then(numberOf, () => undefined)
    ])
    this.last += 1
    this.subscriptions.set(this.last, { local, ...(remote !== undefined && { remote }) })
    return { subscription: this.last }
  }

  private isRemote({ node, edge }: Record<string, unknown>): boolean {
    if (typeof node === 'string') return this.parts.isRemote(node)
    const edges = this.parts.remote.edges as { id?: string; source: { node: string } }[]
    // A cut edge is looked at where its rows come from.
    return edges.some((one) => one.id === edge && this.parts.isRemote(one.source.node))
  }

  private take(part: 'local' | 'remote', message: Control): void {
    const told = { ...message }
    for (const [number, one] of this.subscriptions) if (one[part] === message.subscription) told.subscription = number
    if (message.type === 'metrics') {
      this.latest[part] = message.data as RunCounters
      if (!this.latest.local) return
      told.data = joinFigures(this.latest.local, this.latest.remote, this.parts)
    }
    for (const listener of this.listeners) listener(told)
  }
}

type Edge = RunCounters['edges'][number]
const LOST = ['filtered', 'dropped', 'discarded', 'failed']

/** offered = taken + filtered + dropped + discarded + failed + held holds for cut edges too: what is on its way is held. */
export function joinFigures(local: RunCounters, remote: RunCounters | undefined, parts: FlowParts): RunCounters {
  if (!remote) return local
  const isOwn = (node: { id: string }): boolean => !parts.cuts.some((cut) => cut.node === node.id)
  const cutIds = new Set(parts.cuts.map((cut) => cut.edge))
  const whole = [...local.edges, ...remote.edges].filter((edge) => !cutIds.has(edge.id))
  const cuts = parts.cuts.flatMap(({ edge, toRemote }) => {
    const from = (toRemote ? local : remote).edges.find((one) => one.id === edge)
    const to = (toRemote ? remote : local).edges.find((one) => one.id === edge)
    return from && to ? [joinEdge(from, to)] : []
  })
  return {
    ...local,
    elapsedMicros: Math.max(local.elapsedMicros, remote.elapsedMicros),
    deadLetters: local.deadLetters + remote.deadLetters,
    errors: local.errors + remote.errors,
    nodes: [...local.nodes, ...remote.nodes].filter(isOwn),
    edges: [...whole, ...cuts]
  }
}

function joinEdge(from: Edge, to: Edge): Edge {
  const count = (edge: Edge, name: string): number => Number(edge[name] ?? 0)
  const lost = Object.fromEntries(LOST.map((name) => [name, count(from, name) + count(to, name)]))
  const offered = count(from, 'offered')
  // The two parts are told one after the other: what the one has taken may be ahead of what the other has offered.
  const gone = Object.values(lost).reduce((sum, one) => sum + one, 0)
  const taken = Math.min(count(to, 'taken'), offered - gone)
  return { ...to, ...lost, source: from.source, offered, taken, held: offered - gone - taken }
}
