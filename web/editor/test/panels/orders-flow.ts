// The flow of the pictures: orders by region, and the session around it.
import { Catalogue, openFlow } from '@weir/flow-model'
import { EditorSession } from '../../src/session/editor-session.ts'

const node = (id: string, typeId: string, name: string, settings: object, extra: object = {}): object => ({
  id,
  typeId,
  version: '1.0.0',
  name,
  settings,
  ...extra
})
const edge = (id: string, from: string, to: string, extra: object = {}): object => ({
  id,
  source: { node: from.split('.')[0], port: from.split('.')[1] },
  target: { node: to, port: 'rows' },
  ...extra
})

export const kOrdersFlow = {
  id: 'orders-by-region',
  version: '1.0.0',
  metadata: { description: 'Paid orders, summed up', tags: ['nightly'] },
  parameters: [{ name: 'folder', type: 'path', default: 'orders' }],
  nodes: [
    node('read', 'files/csv-read', 'Read CSV', { path: '${folder}/**/*.csv', decimal: ',' }),
    node('paid', 'logic/filter', 'Paid orders', { condition: 'row.status == "paid" && row.quantity > 0' }),
    node('net', 'logic/map', 'Net price', { set: { net: 'row.price * 0.9' } }, { retry: { attempts: 3 } }),
    node('sum', 'aggregate/group', 'Revenue by region', {
      keys: ['region'],
      measures: [{ name: 'revenue', function: 'sum', of: 'row.net' }]
    }),
    node('unpaid', 'files/csv-write', 'Unpaid', { path: 'out/unpaid.csv', colums: ['id'] }),
    node('odd', 'radar/spin', 'Spin', { speed: 3, 'x-kept': [1.0, { a: null }] })
  ],
  edges: [
    edge('e1', 'read.rows', 'paid'),
    edge('e2', 'paid.match', 'net', { buffer: { rows: 65536 } }),
    edge('e3', 'net.rows', 'sum'),
    edge('e4', 'paid.rest', 'unpaid')
  ],
  widgets: [{ id: 'w1', type: 'line', title: 'Price', node: 'net', port: 'rows', settings: { y: ['price'] } }]
}

/** @param schemas Of the node types, as `weir nodes --json` gives them. */
export function ordersSession(schemas: readonly unknown[], flow: object = kOrdersFlow): EditorSession {
  const opened = openFlow(JSON.stringify(flow))
  if (opened.state !== 'open') throw new Error('the flow does not open')
  return new EditorSession(opened.document, Catalogue.of(schemas), { author: 'anna' })
}
