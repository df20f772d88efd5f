// PlacedEngine: runs flows here or on a server, and lets runs move between the two.
import type { Engine, ExecuteOptions, FlowSource, NodeType, RunOptions, StreamMessage, Validation } from '../engine.ts'
import type { FlowDiff, FlowDiffOptions, FlowMerge, FlowVersions } from '../flow-compare.ts'
import { WeirError } from '../errors.ts'
import type { FormulaAnswer, FormulaFunction, FormulaQuestion } from '../formula.ts'
import { followFigures } from '../live/follow-figures.ts'
import { messagesOf } from '../run/message-stream.ts'
import type { ServerEngine } from '../server/server-engine.ts'
import { detectLimits, type BrowserLimits } from './limits.ts'
import { mobilityOf } from './mobility.ts'
import { partsOf } from './flow-parts.ts'
import { PartedRun } from './parted-run.ts'
import { PlacedRun, type RunPlace } from './placed-run.ts'
import { bytesText, timeText, type PlacementReason } from './reasons.ts'

export interface PlacedEngineOptions {
  local: Engine
  /** Asked each time one is wanted, so that a server that came back is found. */
  server?: () => Promise<ServerEngine>
  limits?: Partial<BrowserLimits>
  /** When a run here crosses `memoryThreshold` or `executionTimeout`: it is told as an offer (the default), moved, or left. */
  whenCrossed?: 'offer' | 'move' | 'stay'
  /** Bytes of what a page writes that are kept, to be written again in another place; 16 MiB. */
  replayBytes?: number
}

export interface PlacedOptions extends RunOptions {
  /** Where it begins; here. */
  place?: RunPlace
}

export class PlacedEngine implements Engine {
  private readonly runs = new Set<PlacedRun>()

  constructor(private readonly options: PlacedEngineOptions) {}

  nodes(): Promise<NodeType[]> {
    return this.options.local.nodes()
  }

  validate(flow: FlowSource): Promise<Validation> {
    return this.options.local.validate(flow)
  }

  format(flow: FlowSource): Promise<string> {
    return this.options.local.format(flow)
  }

  diff(before: FlowSource, after: FlowSource, options?: FlowDiffOptions): Promise<FlowDiff> {
    return this.options.local.diff(before, after, options)
  }

  merge(versions: FlowVersions): Promise<FlowMerge> {
    return this.options.local.merge(versions)
  }

  formula(question: FormulaQuestion): Promise<FormulaAnswer> {
    return this.options.local.formula(question)
  }

  formulaFunctions(): Promise<FormulaFunction[]> {
    return this.options.local.formulaFunctions()
  }

  async run(flow: FlowSource, options: PlacedOptions = {}): Promise<PlacedRun> {
    const { place = 'here', ...request } = options
    const { local, server, replayBytes = 16 << 20 } = this.options
    const mobility = await mobilityOf(local, flow)
    const parts = { flow, options: request, mobility, local, replayBytes, place, ...(server && { server }) }
    const run = await PlacedRun.start(parts)
    this.runs.add(run)
    const unwatch = this.watchLimits(run)
    run.result
      .catch(() => undefined)
      .then(() => {
        this.runs.delete(run)
        unwatch()
      })
      .catch(() => undefined)
    return run
  }

  /** `remoteNodes` run on the server, the others here; rows go between them as JSON says them. They go on here if it goes away. */
  async runParted(flow: FlowSource, remoteNodes: readonly string[], options: RunOptions = {}): Promise<PartedRun> {
    const remote = { run: (part: FlowSource, about: RunOptions) => this.run(part, { ...about, place: 'server' }) }
    return PartedRun.start(partsOf(flow, remoteNodes), this.options.local, remote, options)
  }

  execute(flow: FlowSource, options: ExecuteOptions & PlacedOptions = {}): ReadableStream<StreamMessage> {
    return messagesOf(this, flow, options)
  }

  close(): void {
    for (const run of this.runs) run.dispose()
    this.options.local.close()
  }

  /** Each limit once. */
  private watchLimits(run: PlacedRun): () => void {
    const { server, whenCrossed = 'offer' } = this.options
    if (!server || whenCrossed === 'stay') return () => undefined
    const { memoryThreshold, executionTimeout } = detectLimits(this.options.limits)
    const crossed = new Set<string>()
    const cross = (code: 'memory' | 'time', found: number, limit: number, sentence: string): void => {
      if (crossed.has(code) || run.place !== 'here') return
      crossed.add(code)
      const reason: PlacementReason = { code, blocking: false, found, limit, sentence }
      if (whenCrossed === 'offer') run.tell({ type: 'offer', reasons: [reason] })
      else void moveBy(run, sentence)
    }
    const timer = setTimeout(
      () => {
        const sentence = `The run has taken ${timeText(executionTimeout)} here; a server may be faster.`
        cross('time', executionTimeout, executionTimeout, sentence)
      },
      Math.min(executionTimeout, 2 ** 31 - 1)
    )
    ;(timer as { unref?: () => void }).unref?.()
    const stop = followFigures(run, ({ usedBytes }) => {
      if (usedBytes <= memoryThreshold) return
      const sentence = `The run holds ${bytesText(usedBytes)}; here ${bytesText(memoryThreshold)} are for it.`
      cross('memory', usedBytes, memoryThreshold, sentence)
    })
    return () => {
      clearTimeout(timer)
      stop()
    }
  }
}

async function moveBy(run: PlacedRun, why: string): Promise<void> {
  try {
    await run.moveToServer(why)
  } catch (reason) {
    if (!(reason instanceof WeirError) || reason.code === 'run.ended') return
    run.tell({ type: 'refused', to: 'server', why: reason.message })
  }
}
