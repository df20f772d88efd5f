// The flows that the page makes for files of a person's own: sums of tables, lines found in logs.
import type { FlowDocument, ShownWidget } from './example.ts'

const fieldOf = (name: string): string => (/^[A-Za-z_]\w*$/.test(name) ? `row.${name}` : `row[${JSON.stringify(name)}]`)

const node = (id: string, typeId: string, settings: object): FlowDocument['nodes'][number] =>
  ({ id, typeId, version: '1.0.0', settings }) as never

function chain(
  id: keyof typeof FOLDER_TITLES,
  nodes: FlowDocument['nodes'],
  ports: Record<string, string> = {}
): FlowDocument {
  const edges = nodes.slice(1).map((one, i) => {
    const from = nodes[i]?.id ?? ''
    return { id: `e${i}`, source: { node: from, port: ports[from] ?? 'rows' }, target: { node: one.id, port: 'rows' } }
  })
  return { id, version: '1.0.0', nodes, edges }
}

/** By the id of the flow. */
export const FOLDER_TITLES = { 'your-files': 'Sums of your tables', 'your-logs': 'Found in your logs' } as const

export interface MadeFlow {
  flow: FlowDocument
  widgets: ShownWidget[]
}

/** Groups by `key` and adds `measure` up; each may be empty: all in one group, rows counted only. */
export function sumFlow(key: string, measure: string): MadeFlow {
  const measures: object[] = [{ name: 'rows', function: 'count' }]
  if (measure !== '') measures.push({ name: 'sum', function: 'sum', of: fieldOf(measure) })
  const shown = measure === '' ? 'rows' : 'sum'
  const flow = chain('your-files', [
    node('read', 'files/csv-read', { path: 'data/**' }),
    node('group', 'aggregate/group', { keys: key === '' ? [] : [key], measures }),
    node('best', 'aggregate/sort', { keys: [{ field: shown, descending: true }] }),
    node('write', 'files/csv-write', { path: 'out/sums.csv' })
  ])
  const port = { node: 'best', port: 'rows' }
  const table: ShownWidget = { ...port, widget: 'table', title: 'Result', settings: {}, wide: key === '' }
  if (key === '') return { flow, widgets: [table] }
  const title = measure === '' ? `Rows by ${key}` : `Sum of ${measure} by ${key}`
  const settings = { category: key, value: shown, order: 'value', bars: 50 }
  return { flow, widgets: [{ ...port, widget: 'bar', title, settings, wide: false }, table] }
}

/** Lines that match `pattern`, with their file. */
export function grepFlow(pattern: string): MadeFlow {
  const flow = chain(
    'your-logs',
    [
      node('read', 'files/text-read', { path: 'data/**' }),
      node('find', 'text/grep', { pattern }),
      node('write', 'files/text-write', { path: 'out/found.log' })
    ],
    { find: 'match' }
  )
  const port = { node: 'find', port: 'match' }
  return {
    flow,
    widgets: [
      { ...port, widget: 'log', title: `Lines with ${pattern}`, settings: { message: 'line' }, wide: true },
      {
        ...port,
        widget: 'bar',
        title: 'Found in each file',
        settings: { category: 'file', show: 'count' },
        wide: false
      },
      { ...port, widget: 'table', title: 'Where', settings: { columns: ['file', 'number', 'line'] }, wide: false }
    ]
  }
}
