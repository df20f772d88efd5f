// Which flows the page offers: those whose input a tab can have, with their files and the widgets that show them.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const widget = (name, port, title, settings = {}, wide = false) => {
  const [node, output = 'rows'] = port.split('.')
  return { widget: name, node, port: output, title, settings, wide }
}

/** `widgets`: what is shown, of which `node.port`; `file`: the flow's name if it is not the folder's. */
const OFFERED = [
  {
    id: 'sine',
    title: 'Sine wave',
    parameters: { rows: 4000 },
    widgets: [
      widget('line', 'wave', 'Wave', { y: ['value'], points: 2000 }, true),
      widget('gauge', 'scale', 'Newest peak', { value: 'percent', min: 90, max: 100, unit: '%', warn: 99.5 }),
      widget('table', 'scale', 'Peaks', { rows: 1000 })
    ]
  },
  {
    id: 'fast-line',
    own: true,
    title: 'A million rows a second',
    widgets: [
      widget('line', 'noise', 'Load', { y: ['load'], points: 1000000 }, true),
      widget('text', 'noise', 'Newest row number', { column: 'id' }),
      widget('gauge', 'noise', 'Load now', { value: 'load', unit: '%', warn: 80, error: 95 })
    ]
  },
  {
    id: 'looking-inside',
    file: 'sensor',
    title: 'High readings',
    widgets: [
      widget('line', 'readings', 'Readings', { y: ['value'], points: 2000 }, true),
      widget('table', 'high.match', 'Above 0.5', { rows: 1000 })
    ]
  },
  {
    id: 'revenue-by-region',
    title: 'Revenue by region',
    generated: 'orders',
    widgets: [
      widget('bar', 'best', 'Revenue', { category: 'region', value: 'revenue', order: 'value' }),
      widget('table', 'best', 'Regions')
    ]
  },
  {
    id: 'sensor-minutes',
    title: 'Sensor minutes',
    widgets: [
      widget('bar', 'minutes', 'Newest mean of each sensor', { category: 'sensor', value: 'mean' }),
      widget('table', 'minutes', 'Means by minute')
    ]
  },
  { id: 'paid-orders', title: 'Paid orders', widgets: [widget('table', 'join', 'Orders with payments', {}, true)] },
  {
    id: 'errors-in-logs',
    title: 'Errors in logs',
    generated: 'logs',
    widgets: [
      widget('log', 'errors.match', 'Lines found', { message: 'line' }, true),
      widget('bar', 'errors.match', 'Found in each file', { category: 'file', show: 'count', order: 'value' })
    ]
  },
  {
    id: 'alarms-first',
    title: 'Alarms first',
    widgets: [
      widget('bar', 'slow', 'What got through', { category: 'level', show: 'count' }),
      widget('table', 'slow', 'Rows that got through', { rows: 1000 })
    ]
  },
  {
    id: 'camera',
    own: true,
    title: 'Pictures',
    generated: 'frames',
    widgets: [
      widget('image', 'decode', 'Picture', { image: 'picture', alt: 'A sun that crosses the sky' }),
      widget('line', 'decode', 'Warmth', { y: ['warmth'], points: 500 })
    ]
  },
  { id: 'failed-rows', title: 'Failed rows', widgets: [widget('table', 'share', 'Shares', {}, true)] }
]

const INPUTS = ['orders.csv', 'orders.ndjson', 'payments.ndjson', 'readings.ndjson']

/** What the page needs of each: the flow, its input files, what it shows. */
export function examples(root) {
  return OFFERED.map(({ id, file = id, own = false, ...about }) => {
    const folder = own ? join(root, 'web/demo/flows') : join(root, 'examples', id)
    const flow = JSON.parse(readFileSync(join(folder, `${file}.flow.json`), 'utf8'))
    const files = Object.fromEntries(
      INPUTS.filter((name) => existsSync(join(folder, name))).map((name) => [
        name,
        readFileSync(join(folder, name), 'utf8')
      ])
    )
    const description = flow.metadata?.description ?? 'A generated sensor; its high readings are written to a file'
    return { id, description, parameters: {}, ...about, flow, files }
  })
}
