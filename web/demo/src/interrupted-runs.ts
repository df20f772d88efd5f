// InterruptedRuns: runs that lost their page, with what to do: go on, or discard; and those that go on in other tabs.
import type { BrowserEngine, InterruptedRun, RunningRun } from '@weir/engine-client/browser'
import { button, make } from './elements.ts'
import { bytesText, numberText } from './figures-text.ts'
import type { RunNote } from './run-view.ts'

const LOOK_MS = 2_000

function noteOf(run: InterruptedRun): RunNote | undefined {
  const note = run.note as Partial<RunNote> | undefined
  return note?.title !== undefined && note.flow && note.widgets ? (note as RunNote) : undefined
}

function whenText(at: number): string {
  const minutes = Math.round((Date.now() - at) / 60_000)
  if (minutes < 1) return 'just now'
  if (minutes < 90) return `${numberText(minutes)} min ago`
  const hours = Math.round(minutes / 60)
  return hours < 48 ? `${numberText(hours)} h ago` : `${numberText(Math.round(hours / 24))} days ago`
}

function whereText({ progress, checkpointAt }: InterruptedRun): string {
  if (checkpointAt === undefined) return 'before its first checkpoint; it begins anew'
  const { doneBytes, totalBytes } = progress
  const of = totalBytes > 0 ? ` of ${bytesText(totalBytes)}` : ''
  return `at ${bytesText(doneBytes)}${of}, ${whenText(checkpointAt)}`
}

export class InterruptedRuns {
  readonly element = make('div', { id: 'resume' })
  private shownKey = ''

  constructor(
    private readonly engine: Promise<BrowserEngine>,
    private readonly goOn: (id: string, note: RunNote) => Promise<void>
  ) {
    const look = (): void => {
      if (!document.hidden) void this.look().catch(() => undefined)
    }
    look()
    setInterval(look, LOOK_MS)
    document.addEventListener('visibilitychange', look)
  }

  private async look(): Promise<void> {
    const engine = await this.engine
    const interrupted = await engine.interrupted()
    const running = (await engine.runs()).filter((run) => !engine.ownsRun(run.id))
    const key = JSON.stringify([interrupted.map((run) => [run.id, run.checkpointAt]), running.map((run) => run.id)])
    // What is being read or pressed stays.
    if (key === this.shownKey) return
    this.shownKey = key
    this.element.replaceChildren(
      ...interrupted.flatMap((run) => this.interruptedNotice(engine, run)),
      ...running.map((run) => this.runningNotice(engine, run))
    )
  }

  private interruptedNotice(engine: BrowserEngine, run: InterruptedRun): HTMLElement[] {
    const note = noteOf(run)
    const words = make('span', {}, `“${note?.title ?? run.flowId}” was interrupted ${whereText(run)}.`)
    const told = [run.interruption ? `Why: ${run.interruption.message}.` : '']
    if (run.asksPermission) told.push('The browser will ask for its folder.')
    told.push(`It takes ${bytesText(run.storedBytes)} of storage.`)
    const why = make('span', { class: 'mute' }, ` ${told.join(' ')}`)
    const refuse = (reason: unknown): void => {
      go.disabled = discard.disabled = false
      why.textContent = ` ${reason instanceof Error ? reason.message : String(reason)}`
      why.className = 'bad'
    }
    const go = button(
      'Continue',
      () => {
        if (!note) return
        go.disabled = discard.disabled = true
        this.goOn(run.id, note).catch(refuse)
      },
      'first'
    )
    const discard = button('Discard', () => {
      go.disabled = discard.disabled = true
      engine.discard(run.id).then(() => this.look(), refuse)
    })
    const actions = note ? [go, discard] : [discard]
    return [make('div', { class: 'notice', 'data-interrupted': run.id }, make('p', {}, words, why), ...actions)]
  }

  private runningNotice(engine: BrowserEngine, run: RunningRun): HTMLElement {
    const rows = make('span', { class: 'mute' })
    const words = make('span', {}, `“${run.flow === '' ? run.id : run.flow}” runs in another tab. `)
    const watch = button('Watch', () => {
      watch.disabled = true
      void this.watch(engine, run.id, rows)
    })
    const stop = button('Stop', () => {
      engine.stopRun(run.id)
    })
    return make('div', { class: 'notice', 'data-elsewhere': run.id }, make('p', {}, words, rows), watch, stop)
  }

  private async watch(engine: BrowserEngine, id: string, into: HTMLElement): Promise<void> {
    try {
      const run = await engine.watchRun(id)
      const watcher = run.watch()
      watcher.onMessage((message) => {
        if (message.type !== 'metrics') return
        const { nodes } = message.data as { nodes: { rowsIn: number; rowsOut: number }[] }
        const given = nodes.filter((node) => node.rowsIn === 0).reduce((sum, node) => sum + node.rowsOut, 0)
        into.textContent = `${numberText(given)} rows so far.`
      })
      await watcher.ask('subscribe', { kind: 'metrics' })
      const { outcome } = await run.result
      into.textContent = `Ended: ${outcome}.`
    } catch (reason) {
      into.textContent = reason instanceof Error ? reason.message : String(reason)
    }
  }
}
