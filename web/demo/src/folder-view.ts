// FolderView: asks what to do with the files that were given, then runs over them where they are.
import type { BrowserEngine, FolderSource } from '@weir/engine-client/browser'
import type { Given, GivenColumn } from './dropped-folder.ts'
import { button, make } from './elements.ts'
import { bytesText, countText } from './figures-text.ts'
import { FOLDER_TITLES, grepFlow, sumFlow, type MadeFlow } from './folder-flows.ts'
import type { RecentRuns } from './recent-runs.ts'
import { RunView } from './run-view.ts'

const NO_COLUMNS =
  'No columns were found in the first of these files: they are empty, or cannot be unpacked. Rows can be counted.'

interface Choices {
  elements: HTMLElement[]
  made: () => MadeFlow
}

function choice(
  label: string,
  columns: GivenColumn[],
  chosen: string
): { element: HTMLElement; select: HTMLSelectElement } {
  const options = columns.map(({ name }) => make('option', { value: name }, name))
  const select = make('select', {}, make('option', { value: '' }, '(nothing)'), ...options)
  select.value = chosen
  return { element: make('label', {}, `${label} `, select), select }
}

function tableChoices(columns: GivenColumn[]): Choices {
  const key = choice('Group by', columns, columns.find((column) => !column.isNumber)?.name ?? '')
  const measure = choice('Add up', columns, columns.find((column) => column.isNumber)?.name ?? '')
  return { elements: [key.element, measure.element], made: () => sumFlow(key.select.value, measure.select.value) }
}

function logChoices(): Choices {
  const input = make('input', { type: 'text', value: 'ERROR|FATAL', spellcheck: 'false' })
  return {
    elements: [make('label', {}, 'Find lines with ', input)],
    made: () => grepFlow(input.value === '' ? '.' : input.value)
  }
}

/** What else lies there, so that nobody wonders. */
function besides({ kind, others, unreadable, more }: Given): string {
  const parts: string[] = []
  if (kind === 'tables' && others.logs > 0) parts.push(countText(others.logs, 'log file'))
  if (others.unknown > 0) parts.push(countText(others.unknown, 'file of another kind', 'files of other kinds'))
  const left = parts.length === 0 ? '' : ` Left alone: ${parts.join(' and ')}.`
  const [first, ...rest] = unreadable
  const closed =
    first === undefined ? '' : ` Could not be opened: ${first}${rest.length > 0 ? ` and ${rest.length} more` : ''}.`
  return left + closed + (more ? ' There is more in these folders than a page takes; the rest was left out.' : '')
}

export interface FolderPage {
  element: HTMLElement
  current: () => RunView | undefined
  dispose(): void
}

export function folderPage(
  engine: BrowserEngine,
  given: Given,
  columns: GivenColumn[],
  recent: RecentRuns
): FolderPage {
  const { files, kind } = given
  const bytes = files.reduce((sum, one) => sum + one.file.size, 0)
  const choices = kind === 'tables' ? tableChoices(columns) : logChoices()
  const place = make('div')
  const input: FolderSource = { kind: 'files', files, ...(given.root && { root: given.root }) }
  let view: RunView | undefined
  const start = button(
    'Run over the files',
    () => {
      view?.dispose()
      const { flow, widgets } = choices.made()
      const title = FOLDER_TITLES[kind === 'tables' ? 'your-files' : 'your-logs']
      const shown = { title, description: '', flow, options: {}, widgets, input, outputs: 'your-files' }
      view = new RunView(engine, shown, recent)
      place.replaceChildren(view.element)
      void view.start()
    },
    'first'
  )
  const blind = kind === 'tables' && columns.length === 0
  const what = kind === 'tables' ? countText(files.length, 'table') : countText(files.length, 'log file')
  const element = make(
    'div',
    {},
    make('h2', {}, 'Your files'),
    make(
      'p',
      { class: 'mute' },
      `${what}, ${bytesText(bytes)}. They are read in place, piece by piece; nothing leaves this machine.${besides(given)}`
    ),
    ...(blind ? [make('p', { class: 'mute' }, NO_COLUMNS)] : []),
    make('div', { class: 'line choices' }, ...choices.elements, start),
    place
  )
  return { element, current: () => view, dispose: () => view?.dispose() }
}
