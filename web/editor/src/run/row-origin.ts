// RowOrigin: the file and the line that a row was read from, found by reading the reader's files once more as text.
import { WeirError, rowsOf } from '@weir/engine-client'
import type { Json } from '@weir/flow-model'
import { DocumentParts } from './document-parts.ts'
import type { StoppedRow } from './row-stop.ts'
import type { RunPlace, ShownRun } from './shown-run.ts'

export interface RowOrigin {
  /** Lines that have all that was looked for; one: it is that. */
  lines: readonly { file: string; line: number }[]
  /** There are more than these. */
  hasMore: boolean
}

const kReaders = ['files/csv-read', 'files/json-read', 'files/text-read']
const kText = 'files/text-read'
const kMostLines = 5
const kMostCells = 6

/** Cells that stand in the file as they are: texts and whole numbers. */
function conditionsFor({ row, types }: StoppedRow): string[] {
  const found = Object.entries(row).flatMap(([name, value]): string[] => {
    if (typeof value === 'string' && types[name] === 'string' && value.trim() !== '' && !/["\\\r\n]/.test(value))
      return [`row.line.contains(${JSON.stringify(value.trim())})`]
    const whole = typeof value === 'bigint' || (typeof value === 'number' && Number.isSafeInteger(value))
    if (!whole || types[name] === 'timestamp') return []
    return [`row.line.matches(${JSON.stringify(`(^|[^0-9A-Za-z_.])${String(value)}([^0-9A-Za-z_.]|$)`)})`]
  })
  return found.slice(0, kMostCells)
}

/**
 * Where a row of a source was read from. Undefined: the source reads no text files, or nothing of the row can be looked for in them.
 * `began` is told the run that looks, to be able to end it.
 */
export async function rowOrigin(
  place: RunPlace,
  text: string,
  source: string,
  row: StoppedRow,
  began: (run: ShownRun) => void
): Promise<RowOrigin | undefined> {
  const parts = DocumentParts.of(text)
  const node = parts?.nodes.find(({ id }) => id === source)
  if (parts === undefined || node === undefined || !kReaders.includes(node.typeId)) return undefined
  const { file, number } = row.row
  if (node.typeId === kText && typeof file === 'string' && number !== undefined)
    return { lines: [{ file, line: Number(number) }], hasMore: false }
  const conditions = conditionsFor(row)
  const version = (await place.nodes()).find(({ id }) => id === kText)?.version
  if (conditions.length === 0 || typeof version !== 'string') return undefined
  const settings = new Map<string, Json>()
  for (const name of ['path', 'morePaths', 'encoding']) {
    const value = node.settings.get(name)
    if (value !== undefined) settings.set(name, value)
  }
  parts.keepNodes(new Set([source]))
  parts.replaceNode(node, kText, version, settings)
  const filter = parts.addNode('line', 'logic/filter', '1.0.0', new Map([['condition', conditions.join(' && ')]]))
  parts.addEdge('lines', { node: source, port: 'rows' }, { node: filter, port: 'rows' })
  const first = parts.addNode('first', 'flow/limit', '1.0.0', new Map([['count', kMostLines + 1]]))
  parts.addEdge('found', { node: filter, port: 'match' }, { node: first, port: 'rows' })
  const run = await place.start(parts.text(true), { kind: 'test', preview: true })
  began(run)
  await endOf(run)
  const found = ((await run.rowsOf(first, 'rows')) ?? []).flatMap((batch) => rowsOf(batch))
  const lines = found.map((one) => ({ file: String(one['file']), line: Number(one['number']) }))
  return { lines: lines.slice(0, kMostLines), hasMore: lines.length > kMostLines }
}

/** @throws what it failed with */
export function endOf(run: ShownRun): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = (): void => {
      const { endedAt, status, result } = run.facts.getState()
      if (endedAt === undefined) return
      stop()
      const { code = 'run.failed', message = 'it failed' } = result?.error ?? {}
      if (status === 'failed') reject(new WeirError(code, message))
      else resolve()
    }
    const stop = run.facts.subscribe(look)
    look()
  })
}
