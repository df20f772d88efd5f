// RecentRuns: the history of runs of all tabs of this page, the newest first.
import type { WorkerRun } from '@weir/engine-client/browser'
import type { BrowserStorage, StoredRun } from '@weir/engine-client/storage'
import { button, make, write } from './elements.ts'
import { countText, numberText, SHAPES, type Shape } from './figures-text.ts'

const SHOWN = 6
const TIME = new Intl.DateTimeFormat('en', {
  month: 'short',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23'
})

export interface FollowedRun {
  flow: string
  /** It went on after an interruption. */
  isResumed: boolean
  /** Asked for when the run has ended. */
  counts: () => Record<string, number>
}

function endOf(run: StoredRun): readonly [Shape, string] {
  switch (run.outcome) {
    case 'done':
      return (run.counts.deadLetters ?? 0) > 0 ? ['warn', 'Done'] : ['good', 'Done']
    case 'running':
      return ['busy', 'Running']
    case 'cancelled':
      return ['held', 'Stopped']
    case 'interrupted':
      return ['warn', 'Interrupted']
    case 'failed':
    case 'tooManyErrors':
    case 'limit':
    case 'deadlock':
    case 'syncFailed':
      return ['bad', 'Failed']
  }
}

export class RecentRuns {
  readonly element: HTMLElement
  private readonly list = make('ul', { class: 'recent' })
  private readonly words = make('p', { class: 'faint', role: 'status' })
  private readonly forget = button('Forget them', () => void this.clear(), 'forget')
  private readonly titles = new Map<string, string>()

  constructor(
    private readonly storage: BrowserStorage,
    /** A run of this tab has ended, and may have written. */
    private readonly onEnd: () => void
  ) {
    this.element = make(
      'section',
      { class: 'storage', id: 'recent-runs', 'aria-label': 'Recent runs' },
      make('h2', {}, 'Recent runs'),
      this.list,
      this.words,
      make('div', { class: 'line' }, this.forget)
    )
    this.forget.hidden = true
    storage.onChange(({ kind }) => {
      if (kind === 'run') this.refresh()
    })
  }

  /** Titles of flows, by id. */
  name(titles: Iterable<readonly [string, string]>): void {
    for (const [flow, title] of titles) this.titles.set(flow, title)
    this.refresh()
  }

  /** Keeps that it began, and how it ends. A history that cannot be kept stops no run. */
  async follow(run: WorkerRun, { flow, isResumed, counts }: FollowedRun): Promise<void> {
    const { runs } = this.storage
    try {
      const before = isResumed ? await runs.get(run.id).catch(() => undefined) : undefined
      await runs.begin({ id: run.id, flow, ...(before && { startedAt: before.startedAt }) })
      this.refresh()
      const result = await run.result.catch((reason: unknown) => failed(reason))
      await runs.end(run.id, result, counts())
      this.refresh()
      this.onEnd()
    } catch (reason) {
      write(this.words, `✕ ${reason instanceof Error ? reason.message : String(reason)}`)
    }
  }

  refresh(): void {
    this.show().catch((reason: unknown) => {
      write(this.words, `✕ ${reason instanceof Error ? reason.message : String(reason)}`)
    })
  }

  private async show(): Promise<void> {
    const { runs } = await this.storage.runs.list({ limit: SHOWN })
    this.list.replaceChildren(...runs.map((run) => this.line(run)))
    write(this.words, runs.length === 0 ? 'None yet.' : '')
    this.forget.hidden = !runs.some((run) => run.outcome !== 'running')
  }

  private line(run: StoredRun): HTMLElement {
    const { flow, startedAt, endedAt, error, counts } = run
    const [shape, outcome] = endOf(run)
    const facts = [outcome]
    if (counts.rows !== undefined) facts.push(countText(counts.rows, 'row'))
    if ((counts.deadLetters ?? 0) > 0) facts.push(`${numberText(counts.deadLetters ?? 0)} set aside`)
    if (endedAt !== null) facts.push(`${numberText((endedAt - startedAt) / 1000)} s`)
    const why = error ? [make('span', { class: 'mute why' }, error.message.split('\n')[0] ?? '')] : []
    return make(
      'li',
      { 'data-run': run.id, 'data-outcome': run.outcome },
      make('span', { class: `state-shape ${shape}`, 'aria-hidden': 'true' }, SHAPES[shape]),
      make('strong', {}, this.titles.get(flow) ?? flow),
      make('time', { datetime: new Date(startedAt).toISOString() }, TIME.format(startedAt)),
      make('span', { class: 'mute' }, facts.join(' · ')),
      ...why
    )
  }

  private async clear(): Promise<void> {
    await this.storage.runs.clear().catch(() => 0)
    this.refresh()
  }
}

/** The engine itself failed. */
function failed(reason: unknown): Awaited<WorkerRun['result']> {
  const { code = 'bug.trap', message = String(reason) } = (reason ?? {}) as { code?: string; message?: string }
  const error = { code, message, recoverable: false }
  return { outcome: 'failed', exitCode: 1, error, elapsedMicros: 0, deadLetters: 0, errorsByCode: {} }
}
