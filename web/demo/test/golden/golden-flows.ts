// Golden flows: every flow of examples/ and tests/flows whose bytes must not depend on where it runs, with its inputs.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { pathOf } from '../site.ts'
import { GOLDEN_INPUTS, orders, type Inputs } from './golden-inputs.ts'

const ROOT = pathOf('../../../')

export interface GoldenFlow {
  name: string
  /** The document, with what a page cannot have (absolute paths, rows that only people see) as files. */
  flow: FlowDocument
  inputs: Inputs
  parameters: Record<string, string>
}

export interface FlowDocument {
  id: string
  nodes: { id: string; typeId: string; version: string; settings: Record<string, unknown> }[]
  edges: { source: { node: string; port: string }; target: { node: string; port: string } }[]
}

/** Whose rows depend on when they come: their cases in *.test.json run here too, by the rows. */
const DEPEND_ON_TIME = new Set(['alarms-first', 'morning-report'])

interface Given {
  inputs?: () => Inputs
  parameters?: Record<string, string>
}

function text(path: string): string {
  return readFileSync(path, 'utf8')
}

/** What examples read that does not lie beside them. */
const EXAMPLES: Record<string, Given> = {
  countries: {
    inputs: () => ({
      'gapminder.json': text(join(ROOT, 'node_modules/vega-datasets/data/gapminder.json')),
      'iso_3166-1.json': text('/usr/share/iso-codes/json/iso_3166-1.json')
    }),
    parameters: { people: 'gapminder.json', codes: 'iso_3166-1.json' }
  },
  'errors-in-logs': {
    inputs: () => ({ 'data/a/app.log': 'fine\nERROR disk\n', 'data/b.log': 'FATAL é\nfine\nno end ERROR' })
  },
  packages: { inputs: () => ({ status: text('/var/lib/dpkg/status') }) },
  'revenue-by-region': { inputs: () => ({ 'data/1.csv': orders(40_000, 21), 'data/2.csv': orders(10, 22) }) }
}

function isInput(name: string): boolean {
  return !/\.(flow|test)\.json$|^README\.md$|^run$|^\./.test(name)
}

function beside(folder: string): Inputs {
  const names = readdirSync(folder, { withFileTypes: true }).filter((one) => one.isFile() && isInput(one.name))
  return Object.fromEntries(names.map(({ name }) => [name, readFileSync(join(folder, name))]))
}

/** Rows for people go to a file; a generated pattern begins at one moment; absolute paths lie in the project. */
function asFiles(flow: FlowDocument): FlowDocument {
  for (const node of flow.nodes) {
    if (node.typeId === 'debug/log') {
      node.typeId = 'files/json-write'
      node.settings = { path: `out/${node.id}.ndjson` }
    }
    if (node.typeId === 'generate/pattern') node.settings.startTime ??= '2026-01-31T10:00:00Z'
    const { path } = node.settings
    if (typeof path === 'string' && path.startsWith('/')) node.settings.path = basename(path)
  }
  return flow
}

function read(path: string): FlowDocument {
  return JSON.parse(text(path)) as FlowDocument
}

function flowFiles(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.flow.json'))
    .sort()
    .map((path) => join(ROOT, folder, path))
}

export function goldenFlows(): GoldenFlow[] {
  const examples = flowFiles('examples')
    .filter((path) => !DEPEND_ON_TIME.has(basename(dirname(path))))
    .map((path) => {
      const name = basename(dirname(path))
      const { inputs = () => ({}), parameters = {} } = EXAMPLES[name] ?? {}
      return { name, flow: asFiles(read(path)), inputs: { ...beside(dirname(path)), ...inputs() }, parameters }
    })
  const own = flowFiles('tests/flows').map((path) => {
    const flow = read(path)
    const inputs = GOLDEN_INPUTS[flow.id]
    if (!inputs) throw new Error(`${path} has no inputs in golden-inputs.ts`)
    return { name: flow.id, flow: asFiles(flow), inputs: inputs(), parameters: {} }
  })
  return [...examples, ...own]
}

export interface FlowCase {
  name: string
  in?: Record<string, unknown[]>
  out?: Record<string, unknown[]>
  clock?: string
  parameters?: Record<string, unknown>
  deadLetters?: number
}

/** The cases of *.test.json beside the flows of examples/. */
export function flowCases(): { example: string; flow: FlowDocument; one: FlowCase }[] {
  return flowFiles('examples').flatMap((path) => {
    const cases = path.replace('.flow.json', '.test.json')
    if (!existsSync(cases)) return []
    const example = basename(dirname(path))
    return (JSON.parse(text(cases)) as FlowCase[]).map((one) => ({ example, flow: read(path), one }))
  })
}
