// PartedRun: a run whose nodes are in two places: rows go over the cut edges, and what both tell is one run's state.
import type { Batch } from '../batch.ts'
import type { Engine, Execution, RunOptions, Watcher } from '../engine.ts'
import { WeirError } from '../errors.ts'
import type { RunResult } from '../wasm/engine-module.ts'
import type { CutEdge, FlowParts } from './flow-parts.ts'
import { PartedWatcher } from './parted-watcher.ts'

/** Rows of a cut edge that travel together at most. */
const ROWS_TOGETHER = 500

export class PartedRun implements Execution {
  readonly id: string
  readonly result: Promise<RunResult>

  private constructor(
    private readonly parts: FlowParts,
    readonly local: Execution,
    readonly remote: Execution
  ) {
    this.id = local.id
    for (const cut of parts.cuts) void this.carry(cut)
    this.result = this.both()
    this.result.catch(() => undefined)
  }

  /** `remote` is best an engine whose runs go on here when the server goes away (PlacedEngine). @throws FlowError */
  static async start(
    parts: FlowParts,
    local: Engine,
    remote: { run: (flow: Record<string, unknown>, options: RunOptions) => Promise<Execution> },
    options: RunOptions
  ): Promise<PartedRun> {
    const outletsOf = (isRemote: boolean): RunOptions['outlets'] => [
      ...(options.outlets ?? []).filter((port) => parts.isRemote(port.node) === isRemote),
      ...parts.cuts.filter((cut) => cut.toRemote !== isRemote).map((cut) => ({ node: cut.node, port: 'rows' }))
    ]
    const there = await remote.run(parts.remote, { ...options, outlets: outletsOf(true) ?? [] })
    try {
      return new PartedRun(parts, await local.run(parts.local, { ...options, outlets: outletsOf(false) ?? [] }), there)
    } catch (reason) {
      there.dispose()
      throw reason
    }
  }

  outlet(node: string, port: string): ReadableStream<Batch> {
    return this.partOf(node).outlet(node, port)
  }

  rows(node: string, port: string): ReadableStream<unknown> {
    return this.partOf(node).rows(node, port)
  }

  inlet(node: string, mostBytes?: number): WritableStream<unknown[]> {
    return this.partOf(node).inlet(node, mostBytes)
  }

  /** Figures are of the whole; what names a node or an edge is asked where that is. */
  watch(): Watcher {
    return new PartedWatcher(this.parts, this.local.watch(), this.remote.watch())
  }

  /** Sources of both parts end; what is between them is finished. */
  drain(): void {
    this.local.drain()
    this.remote.drain()
  }

  cancel(): void {
    this.local.cancel()
    this.remote.cancel()
  }

  async deadLetters(): Promise<unknown[]> {
    const all = await Promise.all([this.local.deadLetters(), this.remote.deadLetters()])
    return all.flat()
  }

  giveBack(batch: Batch): void {
    this.local.giveBack(batch)
  }

  dispose(): void {
    this.local.dispose()
    this.remote.dispose()
  }

  private partOf(node: string): Execution {
    return this.parts.isRemote(node) ? this.remote : this.local
  }

  /** Rows go on as fast as the other part takes them. */
  private async carry({ toRemote, node }: CutEdge): Promise<void> {
    const [from, to] = toRemote ? [this.local, this.remote] : [this.remote, this.local]
    try {
      const writer = to.inlet(node).getWriter()
      const waiting = new Together()
      await Promise.all([waiting.fill(from.rows(node, 'rows')), waiting.empty((rows) => writer.write(rows))])
      await writer.close()
    } catch {
      // One of the parts has ended: its result says why, and ends the other.
      this.cancel()
    }
  }

  private async both(): Promise<RunResult> {
    const stopBoth = (reason: unknown): never => {
      this.cancel()
      throw reason as Error
    }
    const follow = async (part: Execution): Promise<RunResult> => {
      const result = await part.result.catch(stopBoth)
      // Rows that the other part would send have nowhere to go.
      if (result.outcome !== 'done') this.cancel()
      return result
    }
    const results = await Promise.all([follow(this.local), follow(this.remote)])
    return resultOfParts(results)
  }
}

/** Rows that came while others were written, so that many travel together. */
class Together {
  private rows: unknown[] = []
  private ended = false
  private wakeReader: () => void = () => undefined
  private wakeWriter: () => void = () => undefined

  async fill(stream: ReadableStream<unknown>): Promise<void> {
    try {
      for await (const row of stream) {
        this.rows.push(row)
        this.wakeWriter()
        if (this.rows.length >= ROWS_TOGETHER) await new Promise<void>((resolve) => (this.wakeReader = resolve))
      }
    } finally {
      this.ended = true
      this.wakeWriter()
    }
  }

  async empty(write: (rows: unknown[]) => Promise<void>): Promise<void> {
    while (!this.ended || this.rows.length > 0) {
      const { rows } = this
      this.rows = []
      this.wakeReader()
      if (rows.length > 0) await write(rows)
      else await new Promise<void>((resolve) => (this.wakeWriter = resolve))
    }
  }
}

/** How the first part that did not end well has ended, a cancel last: the other part was cancelled for it. */
function resultOfParts(results: readonly RunResult[]): RunResult {
  const bad = results.filter((one) => one.outcome !== 'done')
  const chosen = bad.find((one) => one.outcome !== 'cancelled') ?? bad[0] ?? results[0]
  if (!chosen) throw new WeirError('run.none', 'there are no parts')
  const errorsByCode: Record<string, number> = {}
  for (const one of results) {
    for (const [code, count] of Object.entries(one.errorsByCode)) errorsByCode[code] = (errorsByCode[code] ?? 0) + count
  }
  return {
    ...chosen,
    errorsByCode,
    elapsedMicros: Math.max(...results.map((one) => one.elapsedMicros)),
    deadLetters: results.reduce((sum, one) => sum + one.deadLetters, 0)
  }
}
