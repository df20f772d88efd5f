// PlacedRun: a run that may go on in another place: cut between two rows, or begun anew with what was read passed over.
import type { Batch } from '../batch.ts'
import { outletKey, type Engine, type Execution, type FlowSource, type RunOptions, type Watcher } from '../engine.ts'
import { asWeirError, WeirError } from '../errors.ts'
import type { ServerEngine } from '../server/server-engine.ts'
import type { RunResult } from '../wasm/engine-module.ts'
import { KeptRows } from './kept-rows.ts'
import { lackingAt, type Mobility } from './mobility.ts'
import { OutletParts } from './outlet-parts.ts'
import { PlacedInlet } from './placed-inlet.ts'
import { PlacedWatcher } from './placed-watcher.ts'
import type { PlacementReason } from './reasons.ts'

export type RunPlace = 'here' | 'server'

/** What a run tells of where it runs. */
export type PlacementNotice =
  /** It would be better on a server: `moveToServer`, or leave it. Once for each reason. */
  | { type: 'offer'; reasons: PlacementReason[] }
  | { type: 'moved'; to: RunPlace; why: string }
  /** It should move and cannot: it stays where it is. */
  | { type: 'refused'; to: RunPlace; why: string }

export interface PlacedRunOptions {
  flow: FlowSource
  options: RunOptions
  mobility: Mobility
  local: Engine
  server?: () => Promise<ServerEngine>
  /** Bytes of what the page writes that are kept, to be written again in another place. */
  replayBytes: number
  place: RunPlace
}

interface Current {
  place: RunPlace
  execution: Execution
}

export class PlacedRun implements Execution {
  readonly id: string
  readonly result: Promise<RunResult>
  private readonly outlets = new Map<string, OutletParts>()
  private readonly inlets = new Map<string, PlacedInlet>()
  private readonly kept: KeptRows
  private readonly listeners: ((notice: PlacementNotice) => void)[] = []
  private readonly watchers = new Set<PlacedWatcher>()
  /** Of segments that are through. */
  private readonly segments: { result: RunResult; letters: Promise<unknown[]> }[] = []
  private current: Current
  private moving: Promise<void> | undefined
  private cutting = false
  private over = false
  private stopped = false
  /** Why there are no more rows. */
  private failure: WeirError | undefined
  private settle!: { done: (result: RunResult) => void; failed: (error: WeirError) => void }

  private constructor(
    private readonly parts: PlacedRunOptions,
    first: Execution
  ) {
    this.id = first.id
    this.kept = new KeptRows(parts.replayBytes)
    this.current = { place: parts.place, execution: first }
    this.result = new Promise((done, failed) => {
      this.settle = { done, failed }
    })
    this.result.catch(() => undefined)
    for (const port of parts.options.outlets ?? []) {
      const outlet = new OutletParts(port, {
        isLast: () => this.over,
        failure: () => this.failure,
        lost: (execution, reason) => this.lost(execution, reason)
      })
      outlet.append(first)
      this.outlets.set(outletKey(port), outlet)
    }
    this.follow(this.current)
  }

  /** @throws FlowError, or what the server says. */
  static async start(parts: PlacedRunOptions): Promise<PlacedRun> {
    const engine = parts.place === 'here' ? parts.local : await serverOf(parts)
    return new PlacedRun(parts, await engine.run(parts.flow, parts.options))
  }

  get place(): RunPlace {
    return this.current.place
  }

  onNotice(listener: (notice: PlacementNotice) => void): void {
    this.listeners.push(listener)
  }

  /** The rows that are under way are finished here, or passed over there. @throws WeirError `move.refused`, `move.too_much` */
  moveToServer(why = 'it was asked for'): Promise<void> {
    return this.move('server', why)
  }

  moveHere(why = 'it was asked for'): Promise<void> {
    return this.move('here', why)
  }

  outlet(node: string, port: string): ReadableStream<Batch> {
    return this.take(node, port).batches()
  }

  rows(node: string, port: string): ReadableStream<unknown> {
    return this.take(node, port).rows()
  }

  inlet(node: string, mostBytes?: number): WritableStream<unknown[]> {
    const inlet = this.inletOf(node, mostBytes)
    return new WritableStream<unknown[]>({
      write: (rows) => this.write(inlet, rows),
      close: () => this.endInlet(inlet),
      abort: () => {
        this.cancel()
      }
    })
  }

  /** Its counters go on over moves. */
  watch(): Watcher {
    const watcher = new PlacedWatcher(() => this.watchers.delete(watcher))
    watcher.follow(this.current.execution, false)
    this.watchers.add(watcher)
    return watcher
  }

  drain(): void {
    this.stopped = true
    this.current.execution.drain()
  }

  cancel(): void {
    if (this.over) return
    this.stopped = true
    this.current.execution.cancel()
  }

  async deadLetters(): Promise<unknown[]> {
    await this.result
    const all = await Promise.all(this.segments.map((one) => one.letters))
    return all.flat().slice(0, 1000)
  }

  giveBack(batch: Batch): void {
    this.current.execution.giveBack(batch)
  }

  dispose(): void {
    this.stopped = true
    this.current.execution.dispose()
    for (const watcher of this.watchers) watcher.close()
  }

  tell(notice: PlacementNotice): void {
    for (const listener of this.listeners) listener(notice)
  }

  private take(node: string, port: string): OutletParts {
    const outlet = this.outlets.get(outletKey({ node, port }))
    if (outlet?.take() === true) return outlet
    throw new WeirError('run.no_outlet', `port '${port}' of '${node}' is not among the outlets of this run`)
  }

  private inletOf(node: string, mostBytes?: number): PlacedInlet {
    const found = this.inlets.get(node)
    if (found) return found
    const made = new PlacedInlet(node, mostBytes)
    made.open(this.current.execution)
    this.inlets.set(node, made)
    return made
  }

  /** Rows that may be needed in another place are kept until a cut lies behind them. */
  private get keeps(): boolean {
    if (!this.parts.server || !this.parts.mobility.replay) return false
    return this.current.place === 'server' || !this.parts.mobility.cut
  }

  private async write(inlet: PlacedInlet, rows: unknown[]): Promise<void> {
    while (this.moving) await this.moving.catch(() => undefined)
    if (this.over) throw new WeirError('run.ended', 'the run has ended')
    const { execution } = this.current
    try {
      if (this.keeps) this.kept.add(inlet.node, rows)
      await inlet.write(rows)
    } catch (reason) {
      // In the new place it is written again, from what is kept.
      if (this.current.execution === execution) await this.lost(execution, reason)
    }
    if (this.parts.mobility.cut && this.current.place === 'server' && this.kept.isMuch && !this.isMoving()) {
      void this.begin(() => this.cut('server')).catch(() => undefined)
    }
  }

  private async endInlet(inlet: PlacedInlet): Promise<void> {
    while (this.moving) await this.moving.catch(() => undefined)
    const { execution } = this.current
    try {
      await inlet.end()
    } catch (reason) {
      if (this.current.execution === execution && !this.over) await this.lost(execution, reason)
    }
  }

  private begin(work: () => Promise<void>): Promise<void> {
    const moving = work().finally(() => {
      if (this.moving === moving) this.moving = undefined
    })
    this.moving = moving
    moving.catch(() => undefined)
    return moving
  }

  private async move(to: RunPlace, why: string): Promise<void> {
    while (this.moving) await this.moving.catch(() => undefined)
    if (this.over || this.stopped) throw new WeirError('run.ended', 'the run has ended, or is ending')
    if (this.place === to) return
    const { mobility } = this.parts
    if (!mobility.cut && !mobility.replay) {
      throw new WeirError('move.refused', `the run cannot go on elsewhere: ${mobility.whyNot.join('; ')}`)
    }
    if (!mobility.cut && this.kept.overflown) throw tooMuch()
    await this.begin(() => (mobility.cut ? this.cut(to) : this.replay(to)))
    if (this.current.place === to && !this.isOver()) this.tell({ type: 'moved', to, why })
  }

  private async engineAt(place: RunPlace): Promise<Engine> {
    if (place === 'here') return this.parts.local
    const server = await serverOf(this.parts)
    const [lacking] = lackingAt(server.capabilities, this.parts.flow)
    if (lacking) throw new WeirError('move.refused', lacking.sentence)
    return server
  }

  /** What was written is finished where it is; what is written from now on goes to `to`. */
  private async cut(to: RunPlace): Promise<void> {
    // First what may fail, so that a failure leaves all as it was.
    const engine = await this.engineAt(to)
    const next = await engine.run(this.parts.flow, this.parts.options)
    const { execution } = this.current
    const open = [...this.inlets.values()].filter((inlet) => !inlet.isEnded)
    // It ends by itself where it is.
    if (open.length === 0 || this.stopped || this.over) {
      next.dispose()
      return
    }
    this.cutting = true
    try {
      await Promise.all(open.map((inlet) => inlet.finishPart()))
      const result = await execution.result
      this.segments.push({ result, letters: execution.deadLetters() })
      if (result.outcome !== 'done') {
        next.dispose()
        this.finish()
        return
      }
    } catch (reason) {
      next.dispose()
      this.cutting = false
      await this.goOnAnew(execution, reason)
      return
    } finally {
      this.cutting = false
    }
    this.kept.clear()
    this.switchTo({ place: to, execution: next }, true)
  }

  /** Begins anew at `to`; there it is given what was kept, and what was read is passed over. */
  private async replay(to: RunPlace): Promise<void> {
    const engine = await this.engineAt(to)
    const old = this.current.execution
    const next = await engine.run(this.parts.flow, this.parts.options)
    if (this.over) {
      next.dispose()
      return
    }
    this.switchTo({ place: to, execution: next }, false)
    old.dispose()
    try {
      await Promise.all([...this.inlets.values()].map((inlet) => inlet.feed(this.kept.of(inlet.node))))
    } catch (reason) {
      // The new place is lost in its turn. Of a run that ended meanwhile the result says why.
      if (this.current.execution === next && !this.isOver()) await this.goOnAnew(next, reason)
    }
  }

  private isMoving(): boolean {
    return this.moving !== undefined
  }

  private isOver(): boolean {
    return this.over
  }

  private switchTo(current: Current, isCut: boolean): void {
    this.current = current
    for (const inlet of this.inlets.values()) inlet.open(current.execution)
    for (const outlet of this.outlets.values()) {
      if (isCut) outlet.append(current.execution)
      else outlet.replace(current.execution)
    }
    for (const watcher of this.watchers) watcher.follow(current.execution, isCut)
    if (this.stopped) current.execution.cancel()
    this.follow(current)
  }

  private follow(current: Current): void {
    current.execution.result.then(
      (result) => {
        if (this.current !== current || this.cutting) return
        this.segments.push({ result, letters: current.execution.deadLetters() })
        this.finish()
      },
      (reason: unknown) => {
        if (this.current === current && !this.cutting) this.lost(current.execution, reason).catch(() => undefined)
      }
    )
  }

  /** A place is lost with the run in it. Resolves when the run goes on in another; rejects if it does not. */
  private async lost(execution: Execution, reason: unknown): Promise<void> {
    while (this.moving) await this.moving.catch(() => undefined)
    if (this.current.execution !== execution) return
    if (this.over) throw reason
    if (asWeirError(reason).code === 'run.cancelled') {
      // Its result follows, and says so.
      this.failure ??= asWeirError(reason)
      throw reason
    }
    await this.begin(() => this.goOnAnew(execution, reason))
  }

  private async goOnAnew(execution: Execution, reason: unknown): Promise<void> {
    const error = asWeirError(reason)
    const { mobility } = this.parts
    const isPlaceLost = this.current.place === 'server' && error.recoverable
    if (this.current.execution !== execution) return
    if (!isPlaceLost || this.stopped || !mobility.replay || this.kept.overflown) {
      const why = isPlaceLost && !this.stopped ? whyNoFallback(error, mobility, this.kept.overflown) : error
      this.fail(why)
      throw why
    }
    await this.replay('here')
    this.tell({ type: 'moved', to: 'here', why: error.message })
  }

  private finish(): void {
    if (this.over) return
    this.over = true
    this.settle.done(merged(this.segments.map((one) => one.result)))
    this.tellOver()
  }

  private fail(error: WeirError): void {
    if (this.over) return
    this.over = true
    this.failure = error
    this.settle.failed(error)
    this.tellOver()
    // Nothing waits for it any more.
    this.current.execution.dispose()
  }

  private tellOver(): void {
    for (const outlet of this.outlets.values()) outlet.tell()
    for (const watcher of this.watchers) watcher.close()
  }
}

function tooMuch(): WeirError {
  return new WeirError('move.too_much', 'more rows went through the run than are kept to be given again elsewhere')
}

function whyNoFallback(error: WeirError, mobility: Mobility, overflown: boolean): WeirError {
  if (overflown) return new WeirError('move.too_much', `${error.message}; ${tooMuch().message}`)
  return new WeirError('move.refused', `${error.message}; it cannot go on here: ${mobility.whyNot.join('; ')}`)
}

function serverOf({ server }: PlacedRunOptions): Promise<ServerEngine> {
  if (server) return server()
  return Promise.reject(new WeirError('server.none', 'no server was given to run flows on'))
}

/** One result for all segments: counts add up, the last says how it ended. */
function merged(results: readonly RunResult[]): RunResult {
  const last = results.at(-1)
  if (!last || results.length === 1) return last as RunResult
  const errorsByCode: Record<string, number> = {}
  for (const one of results) {
    for (const [code, count] of Object.entries(one.errorsByCode)) errorsByCode[code] = (errorsByCode[code] ?? 0) + count
  }
  const sum = (of: (one: RunResult) => number): number => results.reduce((total, one) => total + of(one), 0)
  return {
    ...last,
    errorsByCode,
    elapsedMicros: sum((one) => one.elapsedMicros),
    deadLetters: sum((one) => one.deadLetters)
  }
}
