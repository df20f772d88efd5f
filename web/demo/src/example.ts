// Example: a flow that the page offers, with its input and what to show of it.
import type { FolderSource } from '@weir/engine-client/browser'

export interface Example {
  id: string
  title: string
  description: string
  flow: { nodes: { id: string; typeId: string }[] } & Record<string, unknown>
  parameters: Record<string, unknown>
  /** Path to text. */
  files: Record<string, string>
  watch: { node: string; port: string }
  /** A number among the rows that is drawn. */
  chart?: string
  /** Input that is made in the page before the run. */
  generated?: 'orders'
}

const ORDER_FILES = 10
const ORDER_ROWS = 50_000
const REGIONS = ['north', 'east', 'south', 'west', 'centre']

/** CSV files that a small generator fills, the same in every page. */
export function generatedOrders(): { path: string; file: File }[] {
  let state = 7
  const next = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
  return Array.from({ length: ORDER_FILES }, (_, i) => {
    const lines = ['region,quantity,price\n']
    for (let row = 0; row < ORDER_ROWS; row++) {
      lines.push(`${REGIONS[next(REGIONS.length)] ?? ''},${next(6)},${(next(9000) + 100) / 100}\n`)
    }
    const name = `orders-${i}.csv`
    return { path: `data/${name}`, file: new File(lines, name) }
  })
}

/** What is read lies below; what is written goes to the private file system where there is one. */
export async function projectOf(id: string, input: FolderSource): Promise<FolderSource> {
  const output: FolderSource = { kind: 'private', path: `demo/${id}` }
  try {
    await navigator.storage.getDirectory()
    return { kind: 'layers', layers: [output, input] }
  } catch {
    return { kind: 'layers', layers: [{ kind: 'memory' }, input] }
  }
}

export async function inputOf(example: Example): Promise<FolderSource> {
  const files =
    example.generated === 'orders'
      ? generatedOrders()
      : Object.entries(example.files).map(([path, text]) => ({ path, file: new File([text], path) }))
  return projectOf(example.id, { kind: 'files', files })
}
