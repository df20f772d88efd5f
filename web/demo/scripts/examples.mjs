// Which of examples/ the page offers: those whose input a tab can have, with their files and what to watch.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** `watch`: the port whose rows are shown; `chart`: its field that is drawn. */
const OFFERED = [
  { id: 'sine', title: 'Sine wave', watch: { node: 'wave', port: 'rows' }, chart: 'value', parameters: { rows: 4000 } },
  {
    id: 'looking-inside',
    file: 'sensor',
    title: 'Looking inside',
    watch: { node: 'readings', port: 'rows' },
    chart: 'value'
  },
  { id: 'sensor-minutes', title: 'Sensor minutes', watch: { node: 'minutes', port: 'rows' } },
  { id: 'paid-orders', title: 'Paid orders', watch: { node: 'join', port: 'rows' } },
  { id: 'failed-rows', title: 'Failed rows', watch: { node: 'share', port: 'rows' } },
  { id: 'alarms-first', title: 'Alarms first', watch: { node: 'slow', port: 'rows' } },
  { id: 'revenue-by-region', title: 'Revenue by region', watch: { node: 'best', port: 'rows' }, generated: 'orders' }
]

const INPUTS = ['orders.csv', 'orders.ndjson', 'payments.ndjson', 'readings.ndjson']

/** What the page needs of each: the flow, its input files, what it shows. */
export function examples(root) {
  return OFFERED.map(({ id, file = id, ...about }) => {
    const folder = join(root, 'examples', id)
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
