// The demo page: examples that run in this tab, and a folder of the person's own.
import { BrowserEngine } from '@weir/engine-client/browser'
import { columnsOf, droppedFiles, pickedFiles, type GivenFile } from './dropped-folder.ts'
import { byId, button, make } from './elements.ts'
import { inputOf, type Example } from './example.ts'
import { folderView } from './folder-view.ts'
import { RunView } from './run-view.ts'
import { startShell, tellFact } from './shell.ts'
import { ownScript } from './trusted-scripts.ts'

async function startEngine(): Promise<BrowserEngine> {
  const began = performance.now()
  const engine = await BrowserEngine.make({
    module: '/weir.wasm',
    makeWorker: () => new Worker(ownScript('/engine-worker.js'), { type: 'module', name: 'weir' })
  })
  tellFact('engine', `Engine ready in ${Math.round(performance.now() - began)} ms`, 'good')
  return engine
}

class Stage {
  private current: { dispose(): void } | undefined

  constructor(private readonly engine: Promise<BrowserEngine>) {}

  async run(example: Example): Promise<void> {
    this.current?.dispose()
    const view = new RunView(await this.engine, {
      title: example.title,
      description: example.description,
      flow: example.flow,
      options: { parameters: example.parameters, folders: { project: await inputOf(example) } },
      watch: example.watch,
      ...(example.chart !== undefined && { chart: example.chart }),
      output: `demo/${example.id}`
    })
    this.current = view
    byId('stage').replaceChildren(view.element)
    byId('stage').scrollIntoView({ block: 'nearest' })
    await view.start()
  }

  async open(files: GivenFile[]): Promise<void> {
    this.current?.dispose()
    this.current = undefined
    if (files.length === 0) {
      byId('stage').replaceChildren(make('p', { class: 'empty' }, 'There is no .csv or .tsv file in what was given.'))
      return
    }
    byId('stage').replaceChildren(await folderView(await this.engine, files, await columnsOf(files)))
  }
}

function listExamples(examples: Example[], stage: Stage): void {
  const list = byId('examples')
  for (const example of examples) {
    const choose = button(example.title, () => {
      for (const other of list.querySelectorAll('[aria-current]')) other.removeAttribute('aria-current')
      choose.setAttribute('aria-current', 'true')
      void stage.run(example)
    })
    choose.dataset.example = example.id
    choose.append(make('small', {}, example.description))
    list.append(make('li', {}, choose))
  }
}

function listenForFiles(stage: Stage): void {
  const drop = byId('drop')
  const input = byId('folder') as HTMLInputElement
  input.addEventListener('change', () => {
    void stage.open(pickedFiles(input.files ?? []))
  })
  document.addEventListener('dragover', (event) => {
    event.preventDefault()
    drop.classList.add('over')
  })
  document.addEventListener('dragleave', () => {
    drop.classList.remove('over')
  })
  document.addEventListener('drop', (event) => {
    event.preventDefault()
    drop.classList.remove('over')
    if (event.dataTransfer) void droppedFiles(event.dataTransfer).then((files) => stage.open(files))
  })
}

async function main(): Promise<void> {
  const engine = startEngine()
  engine.catch((reason: unknown) => {
    tellFact('engine', `The engine did not start: ${String(reason)}`, 'bad')
  })
  const stage = new Stage(engine)
  listenForFiles(stage)
  void startShell().catch((reason: unknown) => {
    tellFact('shell', `Not available offline: ${String(reason)}`, 'bad')
  })
  const response = await fetch('/examples.json')
  listExamples((await response.json()) as Example[], stage)
}

void main()
