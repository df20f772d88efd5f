// Flows over large files that go on for as long as a test needs them to, however fast the machine is.
import type { Page } from 'playwright-core'
import { flowOf, type Flow } from './flows.ts'

declare global {
  var leaps: BroadcastChannel | undefined
}

const ROWS = 24_000
/** Long rows: a piece of a file holds few of them, so that checkpoints are not far apart. */
const NOTE = 'x'.repeat(3_000)
/** Rows that pass whenever the clock leaps, more than wait before a checkpoint. Between leaps one passes now and then: no
 * run ends before a test lets it. */
const BURST = 500
export const paced = { rows: 2, burst: BURST }
/** As fast as it goes. */
export const unpaced = { rows: 1_000_000_000 }

/** Before the engine's worker: time goes by when a test says so, beside the real one. */
export const LEAPING = `const realNow = performance.now.bind(performance)
let ahead = 0
performance.now = () => realNow() + ahead
new BroadcastChannel('leaps').onmessage = ({ data }) => { ahead += data }
`

/** Lets as many rows pass as the limit ever lets pass at a time. */
export function leap(page: Page): Promise<void> {
  return page.evaluate(
    (ms) => {
      globalThis.leaps ??= new BroadcastChannel('leaps')
      globalThis.leaps.postMessage(ms)
    },
    (BURST / paced.rows) * 1_000
  )
}

/** Rows trickle from several files into one; sums of them into another. */
export function ordersFlow(limit: object): Flow {
  const slow = { id: 'slow', typeId: 'flow/rate-limit', settings: limit }
  const flow = flowOf(
    [
      { id: 'read', typeId: 'files/csv-read', settings: { path: 'data/*.csv' } },
      slow,
      { id: 'big', typeId: 'logic/filter', settings: { condition: 'row.amount > 20' } },
      { id: 'rows', typeId: 'files/csv-write', settings: { path: 'out/rows.csv' } },
      {
        id: 'sum',
        typeId: 'aggregate/group',
        settings: { keys: ['region'], measures: [{ name: 'sum', function: 'sum', of: 'row.amount' }] }
      },
      { id: 'sums', typeId: 'files/csv-write', settings: { path: 'out/sums.csv' } }
    ],
    [
      ['read', 'slow'],
      ['slow', 'big'],
      ['big.match', 'rows'],
      ['slow', 'sum'],
      ['sum', 'sums']
    ]
  )
  return withShortEdges(flow, 'orders')
}

/** A checkpoint passes behind the rows that wait before it. */
function withShortEdges(flow: Flow, id: string): Flow {
  return { ...flow, edges: (flow.edges as object[]).map((edge) => ({ ...edge, buffer: { rows: 200 } })), id }
}

/** All rows wait in a sort for the last one: what a checkpoint holds grows with them. */
export function sortedFlow(limit: object): Flow {
  const kept = (ordersFlow(limit).nodes as { id: string }[]).filter(({ id }) => id === 'read' || id === 'slow')
  const keys = [{ field: 'amount', descending: true }]
  const flow = flowOf(
    [
      ...kept,
      { id: 'sort', typeId: 'aggregate/sort', settings: { keys } },
      { id: 'write', typeId: 'files/csv-write', settings: { path: 'out/rows.csv' } }
    ],
    [
      ['read', 'slow'],
      ['slow', 'sort'],
      ['sort', 'write']
    ]
  )
  return withShortEdges(flow, 'sorted')
}

/** In the page: six CSV files in a folder of the private file system. */
export async function makeInputs(page: Page, root: string): Promise<void> {
  await page.evaluate(
    async ({ root, rows, note }) => {
      const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle(root, { create: true })
      const data = await folder.getDirectoryHandle('data', { create: true })
      for (let file = 0; file < 6; file++) {
        const lines = Array.from(
          { length: rows / 6 },
          (_, i) => `region-${(i * 7 + file) % 13},${i % 101},${i} of ${file} ${note}\n`
        )
        const writable = await (await data.getFileHandle(`${file}.csv`, { create: true })).createWritable()
        await writable.write('region,amount,note\n' + lines.join(''))
        await writable.close()
      }
    },
    { root, rows: ROWS, note: NOTE }
  )
}
