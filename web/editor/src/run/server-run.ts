// ServerRun: a run that a server keeps, as an Execution: its figures by the live protocol, its end and its letters by HTTP.
import { WeirError } from '@weir/engine-client'
import type { Batch, Execution, RunResult, Watcher } from '@weir/engine-client'

export interface ServerRunPorts {
  /** JSON of a route below the API's address. */
  get(path: string): Promise<unknown>
  post(path: string, body: unknown): Promise<unknown>
  /** A connection of the live protocol. */
  watch(): Watcher
  wait(ms: number): Promise<void>
}

const kAskMs = 1000
/** While it is looked at through the live protocol, which tells the end. */
const kCalmMs = 2000
const kMostLetters = 1000
const kOver = ['done', 'failed', 'stopped', 'held']

interface RunState {
  state?: string
  outcome?: string
  why?: string
  startedAt?: number
  endedAt?: number
  error?: { code: string; message: string }
  result?: Partial<RunResult>
}

/** Requests of a connection, not of a run. */
const kOfConnection = ['hello', 'ping', 'unsubscribe', 'credit', 'resume']

/** The live protocol of a server, which names the run in each request, as that of one run. */
function ofRun(watcher: Watcher, run: string): Watcher {
  return {
    ask: async (type, data = {}, subscription) => {
      if (kOfConnection.includes(type)) return watcher.ask(type, data, subscription)
      const { action, ...rest } = data
      const named = type === 'act' && typeof action === 'string' ? action : type
      const given = Object.fromEntries(
        Object.entries(rest).filter(([, value]) => value !== undefined && value !== false)
      )
      const reply = (await watcher.ask(named, { ...given, run }, subscription)) as Record<string, unknown> | undefined
      return type !== 'subscribe' && reply !== undefined && 'body' in reply ? reply['body'] : reply
    },
    onMessage: (listener) => {
      watcher.onMessage(listener)
    },
    onFrame: (listener) => watcher.onFrame?.(listener),
    close: () => {
      watcher.close()
    }
  }
}

/** It goes on when nobody looks any more: `dispose` only ends the looking. */
export class ServerRun implements Execution {
  readonly result: Promise<RunResult>
  private readonly watchers = new Set<Watcher>()
  private left = false
  private wake: () => void = () => undefined

  constructor(
    readonly id: string,
    private readonly ports: ServerRunPorts
  ) {
    this.result = this.follow()
    this.result.catch(() => undefined)
  }

  outlet(node: string, port: string): ReadableStream<Batch> {
    throw new WeirError('run.no_outlet', `a run on a server gives no rows of '${node}.${port}': tap an edge`)
  }

  rows(node: string, port: string): ReadableStream<unknown> {
    return this.outlet(node, port)
  }

  inlet(node: string): WritableStream<unknown[]> {
    throw new WeirError('run.no_outlet', `a run on a server takes no rows for '${node}'`)
  }

  watch(): Watcher {
    const watcher = ofRun(this.ports.watch(), this.id)
    this.watchers.add(watcher)
    watcher.onMessage(({ type }) => {
      if (type === 'ended') this.wake()
    })
    return watcher
  }

  drain(): void {
    this.stop()
  }

  /** A server finishes what is under way, and cancels what takes longer than 30 seconds. */
  cancel(): void {
    this.stop()
  }

  async deadLetters(): Promise<unknown[]> {
    await this.result
    const path = `runs/${encodeURIComponent(this.id)}/dead-letters?limit=${String(kMostLetters)}`
    const { letters } = (await this.ports.get(path)) as { letters?: unknown[] }
    return letters ?? []
  }

  giveBack(): void {
    // It has no batches.
  }

  dispose(): void {
    this.left = true
    for (const watcher of this.watchers) watcher.close()
    this.watchers.clear()
    this.wake()
  }

  private stop(): void {
    this.ports.post(`runs/${encodeURIComponent(this.id)}/stop`, {}).then(
      () => {
        this.wake()
      },
      () => undefined
    )
  }

  private isLeft(): boolean {
    return this.left
  }

  private async follow(): Promise<RunResult> {
    for (;;) {
      if (this.isLeft()) throw new WeirError('run.cancelled', 'the run is no longer shown; it goes on')
      const found = (await this.ports.get(`runs/${encodeURIComponent(this.id)}`)) as RunState
      if (kOver.includes(found.state ?? '')) return resultOf(found)
      const waited = this.ports.wait(this.watchers.size > 0 ? kCalmMs : kAskMs)
      await Promise.race([waited, new Promise<void>((resolve) => (this.wake = resolve))])
    }
  }
}

function resultOf({ state, outcome, why, startedAt = 0, endedAt = 0, error, result }: RunState): RunResult {
  const known: RunResult = {
    outcome: state === 'done' ? 'done' : state === 'stopped' ? 'cancelled' : 'failed',
    exitCode: state === 'done' ? 0 : 1,
    elapsedMicros: Math.max(0, endedAt - startedAt) * 1000,
    deadLetters: 0,
    errorsByCode: {},
    ...result
  }
  const isFailed = state === 'failed' || state === 'held'
  const said = error ?? (isFailed && why !== undefined ? { code: 'run.failed', message: why } : undefined)
  return {
    ...known,
    ...(outcome === 'cancelled' && { outcome }),
    ...(said !== undefined && { error: { recoverable: state === 'held', ...said } })
  }
}
