// RunView: one run on the page: its state, its figures, the rows of a port, what it wrote.
import type { Batch, RunResult } from '@weir/engine-client'
import { cell } from '@weir/engine-client'
import type { BrowserEngine, BrowserRunOptions, WorkerRun } from '@weir/engine-client/browser'
import { button, make, numberText } from './elements.ts'
import { LineChart } from './line-chart.ts'
import { MetricsTable } from './metrics-table.ts'
import { RowTable } from './row-table.ts'

export interface Shown {
  title: string
  description: string
  flow: { nodes: { id: string; typeId: string }[] } & Record<string, unknown>
  options: BrowserRunOptions
  watch: { node: string; port: string }
  chart?: string
  /** Folder of the private file system that takes what the run writes. */
  output?: string
}

function numbersOf(batch: Batch, name: string): number[] {
  const column = batch.columns.find((one) => one.name === name)
  return column ? Array.from({ length: batch.rows }, (_, row) => Number(cell(column, row))) : []
}

function askBeforeLeaving(event: Event): void {
  event.preventDefault()
}

export class RunView {
  readonly element: HTMLElement
  private readonly state = make('span', { class: 'state', id: 'state' })
  private readonly stop: HTMLButtonElement
  private readonly again: HTMLButtonElement
  private readonly body = make('div')
  private run: WorkerRun | undefined

  constructor(
    private readonly engine: BrowserEngine,
    private readonly shown: Shown
  ) {
    this.stop = button('Stop', () => this.run?.cancel())
    this.again = button('Run', () => void this.start(), 'first')
    this.element = make(
      'div',
      {},
      make('h2', {}, shown.title),
      make('p', {}, shown.description),
      make('div', { class: 'row' }, this.again, this.stop, this.state),
      this.body
    )
  }

  async start(): Promise<void> {
    this.tell('Starting', '')
    // The run ends with its page: the browser asks first.
    addEventListener('beforeunload', askBeforeLeaving)
    this.again.disabled = true
    this.stop.disabled = false
    try {
      await this.follow()
    } catch (reason) {
      this.tell(reason instanceof Error ? reason.message : String(reason), 'bad')
    }
    removeEventListener('beforeunload', askBeforeLeaving)
    this.again.disabled = false
    this.stop.disabled = true
  }

  /** The page shows something else. */
  dispose(): void {
    this.run?.dispose()
  }

  private async follow(): Promise<void> {
    const { flow, options, watch } = this.shown
    const metrics = new MetricsTable(flow.nodes)
    const rows = new RowTable()
    const chart = this.shown.chart === undefined ? undefined : new LineChart(this.shown.chart)
    this.body.replaceChildren(
      make('h3', {}, 'Nodes'),
      metrics.element,
      make('h3', {}, `Rows of ${watch.node}`),
      ...(chart ? [chart.element, make('h3', {}, 'The newest rows')] : []),
      rows.element
    )
    const run = await this.engine.run(flow, { ...options, outlets: [watch] })
    this.run = run
    this.tell('Running', '')
    const watcher = run.watch()
    watcher.onMessage((message) => {
      if (message.type === 'metrics') metrics.show(message.data)
    })
    await watcher.ask('subscribe', { kind: 'metrics' })
    for await (const batch of run.outlet(watch.node, watch.port)) {
      rows.add(batch)
      if (chart && this.shown.chart !== undefined) chart.add(numbersOf(batch, this.shown.chart))
    }
    const result = await run.result
    metrics.rest()
    await this.showOutput(await run.deadLetters())
    this.tellEnd(result)
  }

  private tellEnd(result: RunResult): void {
    const seconds = numberText(result.elapsedMicros / 1e6)
    const letters = result.deadLetters > 0 ? `, ${numberText(result.deadLetters)} rows failed` : ''
    if (result.outcome === 'done') this.tell(`Done in ${seconds} s${letters}`, 'good')
    else this.tell(result.error ? result.error.message : `Ended: ${result.outcome}`, 'bad')
  }

  private async showOutput(letters: unknown[]): Promise<void> {
    if (letters.length > 0) {
      const texts = letters.slice(0, 20).map((letter) => JSON.stringify(letter))
      this.body.append(make('h3', {}, 'Failed rows'), make('pre', { tabindex: '0' }, texts.join('\n')))
    }
    if (this.shown.output === undefined) return
    for (const { name, file } of await writtenFiles(this.shown.output)) {
      const text = await file.slice(0, 4000).text()
      this.body.append(make('h3', {}, `Written: ${name}`), make('pre', { tabindex: '0' }, text))
    }
  }

  private tell(text: string, className: string): void {
    this.state.textContent = text
    this.state.className = `state ${className}`
  }
}

/** What lies in `out` of a folder of the private file system. */
async function writtenFiles(path: string): Promise<{ name: string; file: File }[]> {
  try {
    let folder = await navigator.storage.getDirectory()
    for (const part of [...path.split('/'), 'out']) folder = await folder.getDirectoryHandle(part)
    const found: { name: string; file: File }[] = []
    for await (const [name, handle] of folder as unknown as AsyncIterable<[string, FileSystemHandle]>) {
      if (handle.kind !== 'file' || name.startsWith('.')) continue
      found.push({ name: `out/${name}`, file: await (handle as FileSystemFileHandle).getFile() })
    }
    return found
  } catch {
    return []
  }
}
