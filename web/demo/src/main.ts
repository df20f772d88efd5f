// The demo page: examples that run in this tab, and files of the person's own.
import { BrowserEngine } from '@weir/engine-client/browser'
import { columnsOf, droppedFiles, folderPicker, pickedFiles, type Given } from './dropped-folder.ts'
import { byId, make } from './elements.ts'
import { inputOf, type Example } from './example.ts'
import { FOLDER_TITLES } from './folder-flows.ts'
import { folderPage } from './folder-view.ts'
import { InterruptedRuns } from './interrupted-runs.ts'
import { openStorage, startStorage } from './page-storage.ts'
import { RecentRuns } from './recent-runs.ts'
import { RunView, type RunNote } from './run-view.ts'
import { startShell, tellFact } from './shell.ts'
import { StoragePanel } from './storage-panel.ts'
import { ownScript } from './trusted-scripts.ts'

interface OnStage {
  current: () => RunView | undefined
  dispose(): void
}

class Stage {
  private shown: OnStage | undefined
  private turn = 0

  constructor(
    private readonly engine: Promise<BrowserEngine>,
    private readonly recent: RecentRuns
  ) {}

  async run(example: Example): Promise<void> {
    const isCurrent = this.leave()
    const { title, description, flow, widgets, parameters } = example
    const [engine, input] = await Promise.all([this.engine, inputOf(example)])
    if (!isCurrent()) return
    const shown = { title, description, flow, options: { parameters }, widgets, input, outputs: example.id }
    const view = new RunView(engine, shown, this.recent)
    this.put(view.element, {
      current: () => view,
      dispose: () => {
        view.dispose()
      }
    })
    await view.start()
  }

  async open(given: Given): Promise<void> {
    const isCurrent = this.leave()
    if (given.files.length === 0) {
      const words = 'There is no table (.csv, .tsv) and no log (.log, .txt) in what was given.'
      byId('stage').replaceChildren(make('p', { class: 'nothing' }, words))
      return
    }
    const engine = await this.engine
    const columns = given.kind === 'tables' ? await columnsOf(given.files, engine) : []
    const page = folderPage(engine, given, columns, this.recent)
    if (isCurrent()) this.put(page.element, page)
  }

  /** Goes on with an interrupted run; rejects if that is refused. */
  async resume(id: string, note: RunNote): Promise<void> {
    const view = new RunView(await this.engine, { ...note, options: {}, isLast: true }, this.recent)
    const done = view.resume(id, () => {
      this.leave()
      this.put(view.element, {
        current: () => view,
        dispose: () => {
          view.dispose()
        }
      })
    })
    await done
  }

  hearLog(level: string, node: string, message: string): void {
    this.shown?.current()?.hearLog(level, node, message)
  }

  /** What was shown goes; the answer says whether nothing else was chosen since. */
  private leave(): () => boolean {
    this.shown?.dispose()
    this.shown = undefined
    const turn = ++this.turn
    return () => turn === this.turn
  }

  private put(element: HTMLElement, shown: OnStage): void {
    this.shown = shown
    byId('stage').replaceChildren(element)
    if (innerWidth <= NARROW) byId('gallery').removeAttribute('open')
    const { top } = byId('stage').getBoundingClientRect()
    // In a low window one scrolls down to choose: the head of what was chosen is what to see.
    if (innerWidth <= NARROW || top < 0 || top > innerHeight / 2) byId('stage').scrollIntoView()
  }
}

/** As in style.css. */
const NARROW = 900

function listExamples(examples: Example[], stage: Stage): void {
  const list = byId('examples')
  for (const example of examples) {
    const kinds = [...new Set(example.widgets.map((one) => one.widget))].join(' · ')
    const choose = make('button', { type: 'button', 'data-example': example.id }, example.title)
    choose.addEventListener('click', () => {
      for (const other of list.querySelectorAll('[aria-current]')) other.removeAttribute('aria-current')
      choose.setAttribute('aria-current', 'true')
      void stage.run(example)
    })
    choose.append(make('small', {}, example.description), make('span', { class: 'kinds' }, kinds))
    list.append(make('li', {}, choose))
  }
}

function listenForFiles(stage: Stage): void {
  for (const id of ['folder', 'files']) {
    const input = byId(id) as HTMLInputElement
    input.addEventListener('change', () => {
      void stage.open(pickedFiles(input.files ?? []))
      // The same folder may be picked again.
      input.value = ''
    })
  }
  const pick = folderPicker()
  byId('folder').addEventListener('click', (event) => {
    if (!pick) return
    event.preventDefault()
    void pick().then((given) => given && stage.open(given))
  })
  const { body } = document
  document.addEventListener('dragover', (event) => {
    event.preventDefault()
    body.classList.add('over')
  })
  document.addEventListener('dragleave', (event) => {
    if (event.relatedTarget === null) body.classList.remove('over')
  })
  document.addEventListener('drop', (event) => {
    event.preventDefault()
    body.classList.remove('over')
    if (event.dataTransfer) void droppedFiles(event.dataTransfer).then((given) => stage.open(given))
  })
}

async function startEngine(hearLog: (level: string, node: string, message: string) => void): Promise<BrowserEngine> {
  const began = performance.now()
  const engine = await BrowserEngine.make({
    module: '/weir.wasm',
    makeWorker: () => new Worker(ownScript('/engine-worker.js'), { type: 'module', name: 'weir' }),
    log: hearLog
  })
  tellFact('engine', `Engine ready in ${Math.round(performance.now() - began)} ms`, 'good')
  return engine
}

async function main(): Promise<void> {
  const engine = startEngine((level, node, message) => {
    stage.hearLog(level, node, message)
  })
  const storage = openStorage()
  const panel = new StoragePanel(storage)
  const recent = new RecentRuns(storage, () => {
    panel.refresh()
  })
  byId('storage').replaceWith(panel.element, recent.element)
  const stage = new Stage(engine, recent)
  void startStorage(storage).then(() => {
    recent.refresh()
    panel.refresh()
  })
  engine.catch((reason: unknown) => {
    tellFact('engine', `The engine did not start: ${String(reason)}`, 'bad')
  })
  listenForFiles(stage)
  const again = new InterruptedRuns(engine, (id, note) => stage.resume(id, note))
  byId('resume').replaceWith(again.element)
  const busy = async (): Promise<number> => (await (await engine).runs()).length
  void startShell(busy).catch((reason: unknown) => {
    tellFact('shell', `Not available offline: ${String(reason)}`, 'bad')
  })
  const response = await fetch('/examples.json')
  const examples = (await response.json()) as Example[]
  recent.name([...Object.entries(FOLDER_TITLES), ...examples.map(({ flow, title }) => [flow.id, title] as const)])
  listExamples(examples, stage)
}

void main()
