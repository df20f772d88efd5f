// RunView: one run on the page: what to press, its figures, its flow, its widgets, and what it left behind.
import { FlowError, type Control, type RunResult } from '@weir/engine-client'
import type { BrowserEngine, BrowserRunOptions, FolderSource, WorkerRun } from '@weir/engine-client/browser'
import { builtInWidgets, FrameClock, RunStreamer, type WidgetView } from '@weir/widgets/core'
import { button, make } from './elements.ts'
import { projectOf, type FlowDocument, type ShownWidget } from './example.ts'
import { countText, numberText, type Shape } from './figures-text.ts'
import { FlowPicture } from './flow-picture.ts'
import { NodesTable } from './nodes-table.ts'
import { fileCard, releaseFiles, writtenFiles } from './output-files.ts'
import type { RecentRuns } from './recent-runs.ts'
import { RunFigures, totalsOf, type Figures } from './run-figures.ts'
import { RunHead } from './run-head.ts'
import { RunLog } from './run-log.ts'
import { cleanOutputs, holdOutput, newOutput, type HeldOutput } from './run-outputs.ts'
import { letterOf, setAsideList, type Letter } from './set-aside.ts'
import { Tabs } from './tabs.ts'

export interface Shown {
  title: string
  description: string
  flow: FlowDocument
  options: BrowserRunOptions
  widgets: ShownWidget[]
  /** What it reads. */
  input?: FolderSource
  /** Name of the folders that take what its runs write. */
  outputs: string
  /** The one of the run that goes on; a run that is started gets a new one. */
  output?: string
  /** It cannot be started anew from here: its files were given in a page that is gone. */
  isLast?: boolean
}

/** What is kept with a run, to show it again when it goes on. */
export type RunNote = Omit<Shown, 'options' | 'input'>

function portsOf(widgets: readonly ShownWidget[]): { node: string; port: string }[] {
  return [...new Map(widgets.map(({ node, port }) => [`${node}.${port}`, { node, port }])).values()]
}

const WHERE_LETTERS = make(
  'p',
  { class: 'nothing' },
  'Rows that cannot be worked on are listed here when the run ends.'
)
const registry = builtInWidgets()

function askBeforeLeaving(event: Event): void {
  event.preventDefault()
}

export class RunView {
  readonly element: HTMLElement
  private readonly head: RunHead
  private readonly keeping = make('p', { class: 'mute', id: 'keeping' })
  private readonly body = make('div', { class: 'run-body' })
  private readonly clock = new FrameClock()
  private run: WorkerRun | undefined
  private streamer: RunStreamer | undefined
  private views: WidgetView[] = []
  private log: RunLog | undefined
  private picture: FlowPicture | undefined
  private nodes: NodesTable | undefined
  private tabs: Tabs | undefined
  private figures = new RunFigures()
  private last: Figures | undefined
  private readonly files = make('div', { class: 'files' }, make('p', { class: 'nothing' }, 'Nothing written yet.'))
  private readonly aside = make('div')
  private gone = false
  private isResumed = false
  private output: HeldOutput | undefined

  constructor(
    private readonly engine: BrowserEngine,
    private readonly shown: Shown,
    private readonly recent: RecentRuns
  ) {
    const stop = button('Stop', () => this.run?.cancel(), 'stop')
    const again = button('Run', () => void this.start(), 'first')
    again.hidden = shown.isLast === true
    this.head = new RunHead(shown.title, shown.description, again, stop)
    this.element = make('div', { class: 'run' }, this.head.element, this.keeping, this.body)
  }

  start(): Promise<void> {
    return this.work(() => this.open())
  }

  /** Each run has an output folder of its own: nothing of another one is shown as written by it. */
  private async open(): Promise<WorkerRun> {
    const { flow, options, widgets, title, description, outputs, input } = this.shown
    this.output = await newOutput(outputs)
    const path = this.output?.path
    const note: RunNote = { title, description, flow, widgets, outputs, ...(path !== undefined && { output: path }) }
    const folders = input && { folders: { project: projectOf(path, input) } }
    void this.clean().catch(() => undefined)
    return this.engine.run(flow, { ...options, ...folders, outlets: portsOf(widgets), keep: { note } })
  }

  /** What interrupted runs have written is needed when they go on. */
  private async clean(): Promise<void> {
    const notes = (await this.engine.interrupted()).map(({ note }) => (note as Partial<RunNote> | undefined)?.output)
    await cleanOutputs(this.shown.outputs, new Set(notes.filter((path) => path !== undefined)))
  }

  /** Goes on with a run that was interrupted: `onOpen`, once it does. Rejects if that is refused. */
  async resume(id: string, onOpen: () => void): Promise<void> {
    const { output } = this.shown
    const held = output === undefined ? undefined : await holdOutput(output)
    const run = await this.engine.resume(id).catch((reason: unknown) => {
      held?.letGo()
      throw reason
    })
    this.isResumed = true
    onOpen()
    await this.work(() => {
      this.output = held
      return Promise.resolve(run)
    })
  }

  private async work(open: () => Promise<WorkerRun>): Promise<void> {
    this.clear()
    this.head.begin()
    // The run ends with its page: the browser asks first.
    addEventListener('beforeunload', askBeforeLeaving)
    try {
      await this.follow(open)
    } catch (reason) {
      this.tellFailure(reason)
    }
    removeEventListener('beforeunload', askBeforeLeaving)
    // What closing the page would do concerns a run that goes on.
    this.keeping.textContent = ''
    this.head.end()
  }

  /** A line that a node of this page's runs has logged. */
  hearLog(level: string, node: string, message: string): void {
    this.log?.add(level, node, message)
  }

  /** The page shows something else. */
  dispose(): void {
    this.gone = true
    this.clear()
  }

  /** Frees all that the last run has left. */
  private clear(): void {
    this.streamer?.close()
    this.run?.dispose()
    for (const view of this.views) view.dispose()
    this.log?.dispose()
    this.views = []
    this.output?.letGo()
    this.streamer = this.run = this.log = this.output = undefined
    releaseFiles()
  }

  private lay(): void {
    const { flow, widgets } = this.shown
    this.keeping.textContent = ''
    this.figures = new RunFigures()
    this.last = undefined
    this.picture = new FlowPicture(flow)
    this.nodes = new NodesTable(flow.nodes)
    const log = new RunLog(this.clock, () => {
      this.tabs?.mark('log', numberText(log.warnings), 'warn')
    })
    this.log = log
    this.tabs = new Tabs('About the run', [
      { id: 'nodes', title: 'Nodes', content: this.nodes.element },
      { id: 'log', title: 'Log', content: make('div', { class: 'widget-place tall' }, log.view.element) },
      { id: 'aside', title: 'Set aside', content: this.aside },
      { id: 'files', title: 'Files', content: this.files }
    ])
    this.aside.replaceChildren(WHERE_LETTERS)
    this.files.replaceChildren(make('p', { class: 'nothing' }, 'What the run writes is listed here when it ends.'))
    const board = make('div', { class: 'widgets' })
    for (const { widget, title, settings, wide } of widgets) {
      const view = registry.createOrFailed(widget, { title, settings, clock: this.clock })
      this.views.push(view)
      board.append(make('div', { class: `widget-place ${wide ? 'wide' : ''}`.trim() }, view.element))
    }
    this.body.replaceChildren(this.picture.element, board, this.tabs.element)
  }

  private async follow(open: () => Promise<WorkerRun>): Promise<void> {
    const { widgets } = this.shown
    this.lay()
    const run = await open()
    if (this.gone) {
      this.output?.letGo()
      run.dispose()
      return
    }
    this.run = run
    const counts = (): Record<string, number> => this.counts()
    void this.recent.follow(run, { flow: this.shown.flow.id, isResumed: this.isResumed, counts })
    this.head.tell('Running', 'busy')
    this.tellKeeping(run)
    const streamer = new RunStreamer(run, { clock: this.clock })
    this.streamer = streamer
    const watcher = run.watch()
    watcher.onMessage((message) => {
      this.hear(message)
    })
    await Promise.all([
      watcher.ask('subscribe', { kind: 'metrics' }),
      watcher.ask('subscribe', { kind: 'events' })
    ]).catch(() => undefined)
    widgets.forEach(({ node, port }, i) => {
      const view = this.views[i]
      if (view) streamer.attach(`${node}.${port}`, view)
    })
    const result = await run.result
    const letters = await run.deadLetters()
    if (this.run === run) await this.tellEnd(result, letters)
  }

  private tellKeeping(run: WorkerRun): void {
    const { keeping } = run
    const tell = (text: string, kind: string): void => {
      this.keeping.textContent = text
      this.keeping.className = kind
    }
    if (keeping.isKept) {
      const seconds = numberText(keeping.everyMs / 1000)
      tell(`A reload or a crash loses nothing: there is a checkpoint every ${seconds} s to go on from.`, 'mute')
    } else tell(`If this page is closed, the run is lost: ${keeping.reasons.join('; ')}.`, 'mute')
    run.onCheckpoint(({ error }) => {
      if (!error) return
      tell(`The newest checkpoint could not be kept, the run goes on: ${error.message}.`, 'bad')
      this.log?.add('warning', '', error.message)
    })
  }

  private hear(message: Control): void {
    if (message.type === 'metrics') this.showFigures(this.figures.read(message.data, performance.now()))
    else if (message.type === 'event') this.log?.addEvent(message.data)
  }

  private showFigures(figures: Figures): void {
    this.last = figures
    this.picture?.show(figures)
    this.nodes?.show(figures)
    const totals = totalsOf(figures)
    this.head.show(totals, figures, this.shedRows())
    if (totals.setAside > 0) this.tabs?.mark('aside', numberText(totals.setAside), 'bad')
  }

  /** For the history. */
  private counts(): Record<string, number> {
    if (!this.last) return {}
    const { rows, dropped } = totalsOf(this.last)
    return { rows, dropped }
  }

  /** Rows that widgets did not show since the tab was hidden. */
  private shedRows(): number {
    return this.views.reduce((sum, view) => sum + view.shedCount, 0)
  }

  private async tellEnd(result: RunResult, letters: unknown[]): Promise<void> {
    if (this.last) this.showFigures(this.figures.rest(this.last))
    const isDone = result.outcome === 'done'
    this.picture?.end(isDone ? 'good' : 'bad', result.node)
    if (result.error) this.log?.add('error', result.node ?? '', result.error.message)
    this.log?.end()
    await this.showFiles()
    this.aside.replaceChildren(setAsideList(letters, result.deadLetters))
    if (result.deadLetters > 0) this.tabs?.suggest('aside')
    const cut = result.outcome === 'done' ? cutShortBy(letters, result) : undefined
    this.head.tell(...endOf(result, this.last ? totalsOf(this.last).dropped : 0, cut))
    if (cut) this.head.explain(`${LACKS}\n${cut.message}`, cut.code, cut.nodeId)
    if (result.error) this.head.explain(result.error.message, result.error.code, result.node)
  }

  private async showFiles(): Promise<void> {
    const files = this.output ? await writtenFiles(this.output.path) : []
    if (files.length === 0) {
      this.files.replaceChildren(make('p', { class: 'nothing' }, 'This run wrote no file.'))
      return
    }
    this.tabs?.mark('files', numberText(files.length))
    this.files.replaceChildren(...(await Promise.all(files.map(fileCard))))
    this.tabs?.suggest('files')
  }

  private tellFailure(reason: unknown): void {
    const message = reason instanceof Error ? reason.message : String(reason)
    this.head.tell(message, 'bad')
    this.picture?.end('bad')
    this.log?.end()
    if (!(reason instanceof FlowError)) return
    const problems = reason.problems.map(({ code, pointer, message: text, suggestion }) =>
      make('li', {}, make('code', {}, code), ` ${text} `, make('span', { class: 'faint' }, pointer), suggestion ?? '')
    )
    this.body.prepend(make('ul', { class: 'problems' }, ...problems))
  }
}

const LACKS = 'What this run wrote and shows lacks a part of its input.'

/** What kept a file from being read to its end: not a row is missing then, but all that comes behind it. */
function cutShortBy(letters: readonly unknown[], { errorsByCode }: RunResult): Letter | undefined {
  const ofFile = /^(files|codec)\./
  const found = letters.map(letterOf).find(({ code }) => ofFile.test(code))
  // Only the first thousand rows are kept; all of them are counted.
  const code = Object.keys(errorsByCode).find((one) => ofFile.test(one))
  if (found || code === undefined) return found
  return { code, message: 'a file was cut short, changed or gone while it was read', nodeId: undefined, row: undefined }
}

/** Green only if every row arrived, or went by a rule. */
function endOf(result: RunResult, dropped: number, cut: Letter | undefined): [string, Shape] {
  const seconds = numberText(result.elapsedMicros / 1e6)
  if (result.outcome === 'done') {
    if (cut) return [`Done, incomplete, in ${seconds} s: ${cut.message.split('\n')[0] ?? ''}`, 'bad']
    if (result.deadLetters > 0)
      return [`Done in ${seconds} s, ${countText(result.deadLetters, 'row')} set aside`, 'warn']
    return [
      `Done in ${seconds} s${dropped > 0 ? `, ${countText(dropped, 'row')} dropped by rule` : ', nothing lost'}`,
      'good'
    ]
  }
  return [result.error?.message.split('\n')[0] ?? `Ended: ${result.outcome}`, 'bad']
}
