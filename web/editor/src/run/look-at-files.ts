// Looks at some of the files of a reader: by one run in which each has a reader of its own.
import { asWeirError, rowsOf } from '@weir/engine-client'
import type { Batch, Execution } from '@weir/engine-client'
import { isList, textMember, toPlain } from '@weir/flow-model'
import type { Json } from '@weir/flow-model'
import type { PartNode } from './document-parts.ts'
import { cutAt, encodingOf } from './file-shapes.ts'
import type { FileShape, SeenFile } from './file-shapes.ts'
import type { Run } from './sample-files.ts'

export interface FileCount {
  rows: number
  /** Rows that were set aside, every column looked at. */
  errors: number
}

const kCsv = 'files/csv-read'
const kArrow = 'files/arrow-read'
/** Lines of which the encoding is told. */
const kHeadLines = 20

interface Chain {
  nodes: readonly object[]
  edges: readonly object[]
  outlets: readonly string[]
}

/** Columns, delimiter, encoding of each, from its first lines. Never fails for a file: its `problem` says why. */
export async function seeFiles(node: PartNode, paths: readonly string[], engine: Run): Promise<readonly SeenFile[]> {
  const chains = paths.map((path, at) => seeChain(node, path, String(at)))
  return eachAlone(paths, chains, engine, (path, read, at) => {
    const first = read(`limit${at}`)[0]
    const columns = (first?.columns ?? []).map(({ name, kind }) => {
      return { name, type: (first?.rows ?? 0) === 0 ? '' : kind === 'null' ? '' : kind }
    })
    const lines = read(`lines${at}`).flatMap(rowsOf).map(lineOf)
    const { delimiter = 'auto', encoding = 'auto' } = toPlain(node.settings) as Record<string, string>
    return {
      path,
      columns,
      delimiter: node.typeId !== kCsv ? '' : delimiter === 'auto' ? cutAt(plain(lines[0]), columns.length) : delimiter,
      encoding: node.typeId === kArrow ? '' : encoding === 'auto' ? encodingOf(lines) : encoding,
      problem: first === undefined && lines.length === 0 ? 'empty' : ''
    }
  }).then((found) =>
    found.map((one, at) => {
      if (typeof one !== 'string') return one
      return { path: paths[at] ?? '', columns: [], delimiter: '', encoding: '', problem: one }
    })
  )
}

/**
 * Rows and errors of each, with the types that all of them have together. A file with other columns is an error, if the
 * reader is set so.
 */
export async function countFiles(
  node: PartNode,
  paths: readonly string[],
  shapes: readonly FileShape[],
  schema: Json | undefined,
  engine: Run
): Promise<ReadonlyMap<string, FileCount>> {
  const found = new Map<string, FileCount>()
  const usual = shapes.findLast((shape) => shape.problem === '')
  const shapeOf = new Map(shapes.flatMap((shape) => shape.files.map((path) => [path, shape] as const)))
  const refuses = node.typeId === kCsv && (node.settings.get('onDrift') ?? 'error') === 'error'
  const toRead = paths.filter((path) => {
    const shape = shapeOf.get(path)
    if (shape === undefined || shape.problem === 'empty') found.set(path, { rows: 0, errors: 0 })
    else if (shape.problem !== '' || (refuses && namesOf(shape) !== namesOf(usual)))
      found.set(path, { rows: 0, errors: 1 })
    else return true
    return false
  })
  const chains = toRead.map((path, at) => {
    const names = shapeOf.get(path)?.columns.map(({ name }) => name) ?? []
    return countChain(node, path, String(at), typesFor(schema, names))
  })
  const counted = await eachAlone(toRead, chains, engine, (_, read, at) => {
    const countOf = (id: string): number => {
      const [row] = read(id).flatMap(rowsOf) as { count?: unknown }[]
      return Number(row?.count ?? 0)
    }
    return { rows: countOf(`rows${at}`), errors: countOf(`errors${at}`) }
  })
  counted.forEach((one, at) => found.set(toRead[at] ?? '', typeof one === 'string' ? { rows: 0, errors: 1 } : one))
  return found
}

function namesOf(shape: FileShape | undefined): string {
  return JSON.stringify(shape?.columns.map(({ name }) => name))
}

function typesFor(schema: Json | undefined, columns: readonly string[]): Json | undefined {
  return isList(schema) ? schema.filter((each) => columns.includes(textMember(each, 'name'))) : schema
}

function lineOf(row: unknown): string {
  const { line } = row as { line?: unknown }
  return typeof line === 'string' ? line : ''
}

/** Without the marks and the halves of wide characters. */
function plain(line = ''): string {
  return line.replace(/^(?:\u00ef\u00bb\u00bf|\u00ff\u00fe|\u00fe\u00ff)/, '').replaceAll('\0', '')
}

function reader(node: PartNode, path: string, more: object): object {
  const own = new Map(node.settings)
  for (const name of ['schema', 'morePaths']) own.delete(name)
  return { ...(toPlain(own) as object), path, ...more }
}

function edge(from: string, port: string, to: string): object {
  return { id: `${from}.${port}-${to}`, source: { node: from, port }, target: { node: to, port: 'rows' } }
}

function seeChain(node: PartNode, path: string, at: string): Chain {
  const { typeId, version } = node
  const limit = (id: string, count: number): object => {
    return { id, typeId: 'flow/limit', version: '1.0.0', settings: { count } }
  }
  const read = { id: `read${at}`, typeId, version, settings: reader(node, path, {}) }
  if (typeId === kArrow) {
    const edges = [edge(`read${at}`, 'rows', `limit${at}`)]
    return { nodes: [read, limit(`limit${at}`, 1)], edges, outlets: [`limit${at}`] }
  }
  const text = { path, encoding: 'latin-1' }
  return {
    nodes: [
      read,
      limit(`limit${at}`, 1),
      { id: `text${at}`, typeId: 'files/text-read', version: '1.0.0', settings: text },
      limit(`lines${at}`, kHeadLines)
    ],
    edges: [edge(`read${at}`, 'rows', `limit${at}`), edge(`text${at}`, 'rows', `lines${at}`)],
    outlets: [`limit${at}`, `lines${at}`]
  }
}

function countChain(node: PartNode, path: string, at: string, schema: Json | undefined): Chain {
  const { typeId, version } = node
  const own = schema === undefined ? node.settings.get('schema') : schema
  const types = own === undefined ? {} : { schema: toPlain(own) }
  const settings = reader(node, path, { ...types, ...(typeId === kCsv && { strict: true }) })
  const counter = (id: string): object => {
    return { id, typeId: 'aggregate/group', version: '1.0.0', settings: {} }
  }
  return {
    nodes: [{ id: `read${at}`, typeId, version, settings }, counter(`rows${at}`), counter(`errors${at}`)],
    edges: [edge(`read${at}`, 'rows', `rows${at}`), edge(`read${at}`, 'error', `errors${at}`)],
    outlets: [`rows${at}`, `errors${at}`]
  }
}

type Rows = (outlet: string) => readonly Batch[]

/** All in one run; if that fails, each by itself. A text is why one cannot be read. */
async function eachAlone<T>(
  paths: readonly string[],
  chains: readonly Chain[],
  engine: Run,
  made: (path: string, read: Rows, at: number) => T
): Promise<(T | string)[]> {
  const all = async (from: number, to: number): Promise<(T | string)[]> => {
    if (from >= to) return []
    try {
      const read = await runChains(chains.slice(from, to), engine)
      return paths.slice(from, to).map((path, at) => made(path, read, from + at))
    } catch (reason) {
      if (to - from === 1) return [asWeirError(reason).message]
      const middle = from + Math.ceil((to - from) / 2)
      return [...(await all(from, middle)), ...(await all(middle, to))]
    }
  }
  return all(0, paths.length)
}

async function runChains(chains: readonly Chain[], engine: Run): Promise<Rows> {
  const nodes = chains.flatMap((chain) => chain.nodes)
  const edges = chains.flatMap((chain) => chain.edges)
  const names = chains.flatMap((chain) => chain.outlets)
  const flow = { id: 'look-at-files', version: '1.0.0', nodes, edges }
  const outlets = names.map((node) => ({ node, port: 'rows' }))
  const run = await engine.run(flow, { outlets, allFields: true })
  run.result.catch(() => undefined)
  try {
    const read = new Map(await Promise.all(names.map(async (name) => [name, await allOf(run, name)] as const)))
    const { outcome, error } = await run.result
    if (outcome !== 'done') throw new Error(error?.message ?? outcome)
    return (name) => read.get(name) ?? []
  } finally {
    run.dispose()
  }
}

/** They are few: a limit or a count is before each. */
async function allOf(run: Execution, node: string): Promise<readonly Batch[]> {
  const reader = run.outlet(node, 'rows').getReader()
  const found: Batch[] = []
  for (let next = await reader.read(); !next.done; next = await reader.read()) found.push(next.value)
  return found
}
