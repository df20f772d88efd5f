// Flows and runs to draw: five nodes as people draw them, and as many as one likes in rows.
import { Catalogue, openFlow } from '@weir/flow-model'
import type { FlowDocument } from '@weir/flow-model'
import { createStore } from 'zustand/vanilla'
import type { StoreApi } from 'zustand/vanilla'
import { FigureStore } from '../../../src/run/figure-store.ts'
import type { RunFacts, ShownRun } from '../../../src/run/shown-run.ts'

const rows = (name: string): object => ({ name, type: 'rows', required: false })

/** A few types that are like those of the engine. */
export const kSchemas: readonly object[] = [
  schema('files/csv-read', 'Read CSV', 'table', '#2f9e6e', [], [rows('rows')], [['path', 'path']]),
  schema(
    'logic/filter',
    'Filter',
    'filter',
    '#2f9e78',
    [rows('rows')],
    [rows('match'), rows('rest')],
    [['condition', 'expression']]
  ),
  schema('logic/map', 'Map', 'pencil', '#2f9e78', [rows('rows')], [rows('rows')], [['set', 'map']]),
  schema('aggregate/group', 'Summarise', 'sigma', '#c77d3a', [rows('rows')], [rows('rows')], [['keys', 'list']]),
  schema('files/csv-write', 'Write CSV', 'table-export', '#2f9e6e', [rows('rows')], [], [['path', 'path']]),
  schema(
    'data/parse',
    'Parse JSON',
    'braces',
    '#4f7fbf',
    [{ name: 'text', type: 'string' }],
    [{ name: 'value', type: 'object' }],
    []
  ),
  schema(
    'generate/number',
    'Number',
    'gauge',
    '#6b7fd7',
    [],
    [{ name: 'number', type: 'number' }],
    [['value', 'number']]
  ),
  schema(
    'data/to-text',
    'To text',
    'file-text',
    '#8a8f98',
    [{ name: 'value', type: 'any' }],
    [{ name: 'text', type: 'string' }],
    []
  ),
  {
    ...schema(
      'http/request',
      'HTTP Request',
      'globe',
      '#ff8800',
      [{ name: 'trigger', type: 'signal' }],
      [{ name: 'response', type: 'any' }],
      [['url', 'string']]
    ),
    ui: { icon: 'globe', color: '#ff8800', resizable: true }
  }
]

function schema(
  id: string,
  name: string,
  icon: string,
  color: string,
  inputs: readonly object[],
  outputs: readonly object[],
  settings: readonly (readonly [string, string])[]
): object {
  return {
    id,
    version: '1.0.0',
    name,
    description: name,
    ui: { icon, color },
    ports: { inputs, outputs },
    settings: settings.map(([setting, type]) => ({ name: setting, type, required: true }))
  }
}

export function makeCatalogue(): Catalogue {
  return Catalogue.of(kSchemas)
}

/** @throws if it is no flow */
export function opened(value: object | string): FlowDocument {
  const made = openFlow(typeof value === 'string' ? value : JSON.stringify(value))
  if (made.state === 'broken') throw new Error(made.problems.map((problem) => problem.message).join(' '))
  return made.document
}

const edge = (id: string, source: string, from: string, target: string, to = 'rows'): object => ({
  id,
  source: { node: source, port: from },
  target: { node: target, port: to }
})

/** Five nodes with a box, a note and a widget. */
export function ordersFlow(): object {
  const node = (
    id: string,
    typeId: string,
    name: string,
    x: number,
    y: number,
    settings: object,
    parent?: string
  ): object => ({
    id,
    typeId,
    version: '1.0.0',
    name,
    settings,
    position: { x, y },
    ...(parent === undefined ? {} : { parent })
  })
  return {
    id: 'orders-by-region',
    version: '1.0.0',
    nodes: [
      node('read', 'files/csv-read', 'Read CSV', 60, 112, { path: 'orders/**/*.csv' }),
      node(
        'paid',
        'logic/filter',
        'Paid orders',
        340,
        112,
        { condition: "row.status == 'paid' && row.quantity > 0" },
        'clean'
      ),
      node('net', 'logic/map', 'Net price', 616, 112, { set: { net: 'row.price * (1.0 - row.discount)' } }, 'clean'),
      node('sum', 'aggregate/group', 'Revenue by region', 904, 112, { keys: ['region', 'sum(net * quantity)'] }),
      node('unpaid', 'files/csv-write', 'Unpaid', 616, 296, { path: 'out/unpaid.csv' })
    ],
    edges: [
      edge('e1', 'read', 'rows', 'paid'),
      edge('e2', 'paid', 'match', 'net'),
      edge('e3', 'net', 'rows', 'sum'),
      edge('e4', 'paid', 'rest', 'unpaid')
    ],
    groups: [{ id: 'clean', name: 'Clean', position: { x: 320, y: 84 }, size: { width: 530, height: 150 } }],
    notes: [
      {
        id: 'why',
        text: '## Why two files\nOrders that are **not paid** go to `unpaid.csv`,\n- by day\n- see [the rule](https://example.org/rule)',
        position: { x: 60, y: 296 },
        size: { width: 260, height: 120 }
      }
    ],
    widgets: [
      {
        id: 'chart',
        type: 'line',
        title: 'Revenue',
        node: 'sum',
        port: 'rows',
        position: { x: 904, y: 240 },
        size: { width: 206, height: 98 }
      }
    ]
  }
}

const kTypes = ['logic/filter', 'logic/map', 'aggregate/group', 'logic/map'] as const
const kOut = { 'logic/filter': 'match', 'logic/map': 'rows', 'aggregate/group': 'rows' } as const

/** So many nodes in rows, each row a line of edges from a reader to a writer, with a branch now and then. */
export function largeFlow(count: number, columns = 50): object {
  const nodes: object[] = []
  const edges: object[] = []
  for (let i = 0; i < count; ++i) {
    const column = i % columns
    const typeId = column === 0 ? 'files/csv-read' : (kTypes[(i * 7) % 4] ?? 'logic/map')
    const settings =
      typeId === 'files/csv-read'
        ? { path: `data/${i}/*.csv` }
        : typeId === 'logic/filter'
          ? { condition: `row.value > ${i}` }
          : typeId === 'logic/map'
            ? { set: { value: `row.value * ${i}` } }
            : { keys: ['region', `day ${i}`] }
    const name = i % 3 === 0 ? `Step ${i} of the orders` : undefined
    nodes.push({
      id: `n${i}`,
      typeId,
      version: '1.0.0',
      ...(name === undefined ? {} : { name }),
      settings,
      position: { x: column * 276, y: Math.floor(i / columns) * 140 }
    })
    if (column === 0) continue
    const before = (i - 1) % columns === 0 ? 'files/csv-read' : (kTypes[((i - 1) * 7) % 4] ?? 'logic/map')
    const port = before === 'files/csv-read' ? 'rows' : kOut[before]
    edges.push(edge(`e${i}`, `n${i - 1}`, port, `n${i}`))
    if (before === 'logic/filter' && i + columns < count)
      edges.push(edge(`b${i}`, `n${i - 1}`, 'rest', `n${i + columns}`))
  }
  return { id: `large-${count}`, version: '1.0.0', nodes, edges }
}

function facts(document: FlowDocument): RunFacts {
  return {
    status: 'running',
    startedAt: 0,
    endedAt: undefined,
    rows: 52_400_000,
    rate: 1_280_000,
    aside: 12,
    dropped: 0,
    heldUpBy: undefined,
    progress: 0.62,
    secondsLeft: 25,
    failures: [],
    held: [],
    result: undefined,
    documentText: document.text()
  }
}

/** A run whose figures are whatever is written into them. */
export function shownRun(document: FlowDocument): ShownRun & { facts: StoreApi<RunFacts> } {
  const nothing = (): Promise<never> => Promise.reject(new Error('this run is a picture'))
  return {
    id: 'run',
    kind: 'test',
    label: 'Test of draft',
    place: 'browser',
    facts: createStore<RunFacts>(() => facts(document)),
    figures: new FigureStore(),
    log: createStore(() => ({ lines: [], dropped: 0 })),
    tap: nothing,
    rowsOf: () => Promise.resolve(undefined),
    addBreakpoint: nothing,
    removeBreakpoint: nothing,
    goOn: nothing,
    dropRow: nothing,
    stepRow: nothing,
    deadLetters: () => Promise.resolve([]),
    heldBack: () => Promise.resolve([{ node: 'unpaid', what: 'out/unpaid.csv', rows: [] }]),
    drain: () => undefined,
    cancel: () => undefined,
    dispose: () => undefined
  }
}

/** The figures of the five nodes, as in the picture of the design. */
export function writeOrders(run: ShownRun): void {
  for (let i = 0; i < 20; ++i) {
    const wave = 1 + 0.3 * Math.sin(i / 2) + i / 20
    run.figures.write(
      [
        { id: 'read', rowsOut: 52_400_000, outRate: 1.28e6 * wave, failed: 12 },
        { id: 'paid', rowsIn: 52_400_000, rowsOut: 41_900_000, inRate: 1.28e6, outRate: 1.02e6 * wave },
        { id: 'net', rowsIn: 41_900_000, rowsOut: 41_900_000, inRate: 1.02e6, outRate: 1.02e6 * wave },
        { id: 'sum', rowsIn: 41_900_000, inRate: 1.02e6, outRate: 0 },
        { id: 'unpaid', rowsIn: 10_500_000, inRate: 260_000, outRate: 0 }
      ],
      [
        { id: 'e1', rate: 1.28e6 * wave, waiting: 9200, fill: 0.14, taken: 52_400_000, bytes: 900_000 },
        { id: 'e2', rate: 1.02e6 * wave, waiting: 8000, fill: 0.1, taken: 41_900_000, bytes: 800_000 },
        { id: 'e3', rate: 1.02e6 * wave, waiting: 53_000, fill: 0.81, taken: 41_900_000, bytes: 4_000_000 },
        { id: 'e4', rate: 0, waiting: 0, fill: 0, taken: 0, bytes: 0 }
      ]
    )
  }
}

/** New figures for the first so many edges and the nodes before them; `turn` counts updates. */
export function writeLive(run: ShownRun, document: FlowDocument, edges: number, turn: number): void {
  const nodes: { id: string; inRate: number; outRate: number; rowsIn: number; rowsOut: number }[] = []
  const live: { id: string; rate: number; fill: number; waiting: number; taken: number }[] = []
  for (const { id, source } of document.edges().slice(0, edges)) {
    const at = Number(id.slice(1))
    const rate = 1000 * (1 + ((at * 13 + turn * 7) % 97)) ** 2
    const fill = ((at * 31 + turn * 3) % 100) / 100
    live.push({ id, rate, fill, waiting: Math.round(fill * 65_536), taken: turn * rate })
    nodes.push({ id: source.node, inRate: rate, outRate: rate, rowsIn: turn * rate, rowsOut: turn * rate })
  }
  run.figures.write(nodes, live)
}
