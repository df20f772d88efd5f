// A flow that runs a case of a node: rows made as the case gives them, the node, and a log at each of its outputs.
import type { NodeType } from '../../api/routes.ts'

/** As it stands in the cases.json of a node. */
export interface NodeCase {
  name: string
  settings?: Record<string, unknown>
  in?: Record<string, unknown>
  out?: Record<string, unknown>
  [more: string]: unknown
}

type Row = Record<string, unknown>

const PLAIN = new Set(['name', 'settings', 'in', 'out', 'unordered'])
const MOST_ROWS = 200
/** Their cases run on a clock that does not wait; a person would. */
const WAITING = new Set(['flow/delay', 'flow/debounce', 'flow/rate-limit', 'flow/throttle', 'flow/schedule'])
/** Fields of what makes the rows. */
const MADE = ['ts', 'id', 'value']

function rowsOf(value: unknown): Row[] | undefined {
  if (!Array.isArray(value) || value.length > MOST_ROWS) return undefined
  const rows = value as unknown[]
  return rows.every((row): row is Row => typeof row === 'object' && row !== null && !Array.isArray(row))
    ? rows
    : undefined
}

/** A value as a formula; undefined if it has none. */
export function formulaOf(value: unknown): string | undefined {
  if (value === null || value === undefined) return 'null'
  if (typeof value === 'boolean') return String(value)
  if (typeof value === 'string') return quoted(value)
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : undefined
  if (Array.isArray(value)) return joined('[', (value as unknown[]).map(formulaOf), ']')
  if (typeof value !== 'object') return undefined
  return joined(
    '{',
    Object.entries(value).map(([key, one]) => {
      const formula = formulaOf(one)
      return formula === undefined ? undefined : `${quoted(key)}: ${formula}`
    }),
    '}'
  )
}

function quoted(text: string): string {
  const plain = text.replace(/[\\']/g, '\\$&').replace(/\n/g, '\\n').replace(/\r/g, '\\r').replace(/\t/g, '\\t')
  return `'${plain}'`
}

function joined(open: string, parts: readonly (string | undefined)[], close: string): string | undefined {
  return parts.includes(undefined) ? undefined : `${open}${parts.join(', ')}${close}`
}

/** Whole numbers of a column that has others, too, are written as those. */
function columnFormula(values: readonly unknown[]): string | undefined {
  const mixed = values.some((value) => typeof value === 'number' && !Number.isInteger(value))
  const parts = values.map((value) =>
    mixed && typeof value === 'number' && Number.isInteger(value) ? `${value}.0` : formulaOf(value)
  )
  return joined('[', parts, ']')
}

interface Part {
  nodes: object[]
  edges: object[]
}

/** What gives the rows of one input; undefined if they cannot be given so. */
function sourceOf(port: string, rows: readonly Row[], at: number): Part | undefined {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  const set: Record<string, string> = {}
  for (const column of columns) {
    const formula = columnFormula(rows.map((row) => row[column]))
    if (formula === undefined) return undefined
    set[column] = `${formula}[row.id]`
  }
  const drop = MADE.filter((field) => !columns.includes(field))
  const [count, make] = [`count-${port}`, `make-${port}`]
  const y = at * 140
  return {
    nodes: [
      {
        id: count,
        typeId: 'generate/pattern',
        version: '1.0.0',
        settings: { rows: rows.length },
        position: { x: 0, y }
      },
      {
        id: make,
        typeId: 'logic/map',
        version: '1.0.0',
        name: `Rows of the example${port === 'rows' ? '' : `: ${port}`}`,
        settings: { set, ...(drop.length === 0 ? {} : { drop }) },
        position: { x: 260, y }
      }
    ],
    edges: [edge(`${count}-out`, count, 'rows', make, 'rows'), edge(`${make}-out`, make, 'rows', 'node', port)]
  }
}

function edge(id: string, source: string, from: string, target: string, into: string): object {
  return { id, source: { node: source, port: from }, target: { node: target, port: into } }
}

/** Whether a case needs nothing but rows, and says what comes of them without an error. */
function isPlain(example: NodeCase): boolean {
  if (example.out?.error !== undefined) return false
  return Object.keys(example).every((key) => PLAIN.has(key)) && Object.keys(example.out ?? {}).length > 0
}

/** The document of a case, ready to run anywhere; undefined for one that needs files, servers or time of its own. */
export function exampleFlow(node: Pick<NodeType, 'id' | 'version'>, example: NodeCase, id: string): string | undefined {
  if (WAITING.has(node.id) || !isPlain(example)) return undefined
  const inputs = Object.entries(example.in ?? {})
  const parts: Part[] = []
  for (const [port, value] of inputs) {
    const rows = rowsOf(value)
    const part = rows === undefined || rows.length === 0 ? undefined : sourceOf(port, rows, parts.length)
    if (part === undefined) return undefined
    parts.push(part)
  }
  const x = inputs.length === 0 ? 0 : 520
  const shown = Object.keys(example.out ?? {})
  const document = {
    id,
    version: '1.0.0',
    metadata: { version: '1.0.0', description: `${example.name} (an example of ${node.id})` },
    nodes: [
      ...parts.flatMap((part) => part.nodes),
      { id: 'node', typeId: node.id, version: node.version, settings: example.settings ?? {}, position: { x, y: 0 } },
      ...shown.map((port, at) => ({
        id: `show-${port}`,
        typeId: 'debug/log',
        version: '1.0.0',
        name: `Show ${port}`,
        settings: {},
        position: { x: x + 260, y: at * 140 }
      }))
    ],
    edges: [
      ...parts.flatMap((part) => part.edges),
      ...shown.map((port) => edge(`${port}-shown`, 'node', port, `show-${port}`, 'rows'))
    ]
  }
  return JSON.stringify(document)
}

/** Node types whose cases run by themselves: what touches nothing, in a browser. */
export function runsAnywhere(node: NodeType): boolean {
  const raw = node as NodeType & { touches?: unknown; compatibility?: { hosts?: unknown } }
  const hosts = raw.compatibility?.hosts
  return raw.touches === 'nothing' && (!Array.isArray(hosts) || hosts.includes('browser'))
}
