// FolderView: asks by which column to group the files that were given, and what to add up; then runs over them.
import type { BrowserEngine } from '@weir/engine-client/browser'
import type { GivenFile } from './dropped-folder.ts'
import { button, make, numberText } from './elements.ts'
import { projectOf } from './example.ts'
import { RunView, type Shown } from './run-view.ts'

type Column = { name: string; isNumber: boolean }

const fieldOf = (name: string): string => (/^[A-Za-z_]\w*$/.test(name) ? `row.${name}` : `row[${JSON.stringify(name)}]`)

function sumFlow(key: string, measure: string): Shown['flow'] {
  const measures: object[] = [{ name: 'rows', function: 'count' }]
  if (measure !== '') measures.push({ name: 'sum', function: 'sum', of: fieldOf(measure) })
  const node = (id: string, typeId: string, settings: object): { id: string; typeId: string } =>
    ({ id, typeId, version: '1.0.0', settings }) as never
  const edge = (id: string, from: string, to: string): object => ({
    id,
    source: { node: from, port: 'rows' },
    target: { node: to, port: 'rows' }
  })
  return {
    id: 'your-files',
    version: '1.0.0',
    nodes: [
      node('read', 'files/csv-read', { path: 'data/*' }),
      node('group', 'aggregate/group', { keys: key === '' ? [] : [key], measures }),
      node('best', 'aggregate/sort', { keys: [{ field: measure === '' ? 'rows' : 'sum', descending: true }] }),
      node('write', 'files/csv-write', { path: 'out/sums.csv' })
    ],
    edges: [edge('e1', 'read', 'group'), edge('e2', 'group', 'best'), edge('e3', 'best', 'write')]
  }
}

function choice(label: string, columns: Column[], chosen: string): { element: HTMLElement; select: HTMLSelectElement } {
  const options = columns.map(({ name }) => make('option', { value: name }, name))
  const select = make('select', {}, make('option', { value: '' }, '(nothing)'), ...options)
  select.value = chosen
  return { element: make('label', {}, `${label} `, select), select }
}

/** Shows the files and the two choices; `show` puts the run's view under them. */
export async function folderView(engine: BrowserEngine, files: GivenFile[], columns: Column[]): Promise<HTMLElement> {
  const bytes = files.reduce((sum, one) => sum + one.file.size, 0)
  const key = choice('Group by', columns, columns.find((column) => !column.isNumber)?.name ?? '')
  const measure = choice('Add up', columns, columns.find((column) => column.isNumber)?.name ?? '')
  const place = make('div')
  const project = await projectOf('your-files', { kind: 'files', files })
  let view: RunView | undefined
  const start = button(
    'Run over the files',
    () => {
      view?.dispose()
      view = new RunView(engine, {
        title: '',
        description: '',
        flow: sumFlow(key.select.value, measure.select.value),
        options: { folders: { project } },
        watch: { node: 'best', port: 'rows' },
        output: 'demo/your-files'
      })
      place.replaceChildren(view.element)
      void view.start()
    },
    'first'
  )
  const count = files.length === 1 ? 'One file' : `${numberText(files.length)} files`
  return make(
    'div',
    {},
    make('h2', {}, 'Your CSV files'),
    make('p', {}, `${count}, ${numberText(bytes / 1e6)} MB. They are read in place, piece by piece.`),
    make('div', { class: 'row' }, key.element, measure.element, start),
    place
  )
}
