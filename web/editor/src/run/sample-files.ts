// Which files a sample reads: of many the first, the one in the middle and the last.
import { WeirError } from '@weir/engine-client'
import type { Batch, Engine, Execution } from '@weir/engine-client'
import { isList, memberOf, textMember, toPlain } from '@weir/flow-model'
import type { Json } from '@weir/flow-model'
import type { DocumentParts, PartNode } from './document-parts.ts'

/** Types of nodes that read files of which several can match. */
export const kReaders: readonly string[] = ['files/csv-read', 'files/json-read', 'files/text-read', 'files/arrow-read']
export const kMostListed = 100_000
/** A list is asked for again after so long. */
const kFreshMs = 10_000
const kMostKnown = 50
/** Files that differ of which a sample has rows, at most. */
const kMostDrifted = 5

/** Of a reader that matches several files: those that a sample reads. */
export interface SampledFiles {
  paths: readonly string[]
  /** How many the reader matches. */
  of: number
  /** The columns of those among them that were found to differ, by path: types of others are not theirs. */
  own: ReadonlyMap<string, readonly string[]>
  /** Types of the columns over these files together, as each of them alone would not have them; undefined: each for itself. */
  schema: Json | undefined
}

export type Run = Pick<Engine, 'run'>

/** A file whose shape is not that of most: it is sampled, too. */
export interface DriftedFile {
  path: string
  columns: readonly string[]
}

/** Tells readers apart by what they are set to. */
export function readerKey(node: PartNode): string {
  return JSON.stringify([node.typeId, toPlain(node.settings)])
}

/** Lists what readers match, and remembers it for a moment: a sample runs again at each edit. */
export class SampleFiles {
  private readonly known = new Map<string, { at: number; files: Promise<SampledFiles | undefined> }>()

  private readonly drifted = new Map<string, readonly DriftedFile[]>()

  constructor(private readonly now: () => number) {}

  /** Of a reader, by `readerKey`: files that differ, one for each shape. True: they are others than before. */
  found(key: string, files: readonly DriftedFile[]): boolean {
    const sampled = files.slice(0, kMostDrifted)
    if (JSON.stringify(sampled) === JSON.stringify(this.drifted.get(key) ?? [])) return false
    this.drifted.delete(key)
    this.drifted.set(key, sampled)
    for (const old of this.drifted.keys()) {
      if (this.drifted.size <= kMostKnown) break
      this.drifted.delete(old)
    }
    return true
  }

  /** By the node's id, those readers that match several files; what cannot be listed is read as it is. */
  async of(parts: Pick<DocumentParts, 'nodes'>, engine: Run): Promise<ReadonlyMap<string, SampledFiles>> {
    const found = new Map<string, SampledFiles>()
    for (const node of parts.nodes) {
      const files = await this.sampled(node, engine)
      if (files !== undefined) found.set(node.id, this.withDrifted(node, files))
    }
    return found
  }

  private withDrifted(node: PartNode, files: SampledFiles): SampledFiles {
    const { paths, schema } = files
    // A text is taken as it is: who wrote it means columns that a file has to have.
    if (schema !== undefined && !isList(schema)) return files
    const more = (this.drifted.get(readerKey(node)) ?? []).filter(({ path }) => !paths.includes(path))
    if (more.length === 0) return files
    const own = new Map(more.map(({ path, columns }) => [path, columns]))
    return { ...files, paths: [...paths, ...own.keys()], own }
  }

  private sampled(node: PartNode, engine: Run): Promise<SampledFiles | undefined> {
    const globs = globsOf(node)
    if (globs.length === 0) return Promise.resolve(undefined)
    const key = readerKey(node)
    const known = this.known.get(key)
    if (known !== undefined && this.now() - known.at < kFreshMs) return known.files
    const files = look(node, globs, engine).catch(() => undefined)
    this.known.delete(key)
    this.known.set(key, { at: this.now(), files })
    for (const old of this.known.keys()) {
      if (this.known.size <= kMostKnown) break
      this.known.delete(old)
    }
    return files
  }
}

/** What a reader of files looks for, if that can be several, or also if it is `one`; empty: it is no reader. */
export function globsOf(node: PartNode, one = false): string[] {
  if (!kReaders.includes(node.typeId)) return []
  const path = textMember(node.settings, 'path')
  const more = memberOf(node.settings, 'morePaths')
  const globs = [path, ...(isList(more) ? more.filter((each) => typeof each === 'string') : [])]
  const isMany = globs.length > 1 || /[*?[{]|\/$/.test(path)
  return path === '' || !(isMany || one) ? [] : globs
}

async function look(node: PartNode, globs: readonly string[], engine: Run): Promise<SampledFiles | undefined> {
  const paths = (await listFiles(globs, engine)).map((file) => file.path)
  if (paths.length < 2) return undefined
  const picked = chosen(paths)
  return { paths: picked, of: paths.length, own: new Map(), schema: await schemaOf(node, picked, engine) }
}

/** What globs match, in byte order; `kMostListed` at most. */
export async function listFiles(
  globs: readonly string[],
  engine: Run
): Promise<readonly { path: string; bytes: number }[]> {
  const [path, ...morePaths] = globs
  const settings = { path, ...(morePaths.length > 0 && { morePaths }) }
  const files: { path: string; bytes: number }[] = []
  await read(engine, 'files/list', '1.0.0', settings, 'files', async (run) => {
    const reader = run.rows('read', 'files').getReader()
    for (let next = await reader.read(); !next.done && files.length < kMostListed; next = await reader.read()) {
      const { path: found, size } = next.value as { path?: unknown; size?: unknown }
      if (typeof found === 'string') files.push({ path: found, bytes: Number(size ?? 0) })
    }
    if (files.length >= kMostListed) return
    const { outcome, error } = await run.result
    if (outcome !== 'done') throw new Error(error?.message ?? outcome)
  })
  return files
}

/** A CSV reader learns the types of all of its files together. */
export async function schemaOf(node: PartNode, paths: readonly string[], engine: Run): Promise<Json | undefined> {
  if (node.typeId !== 'files/csv-read') return undefined
  const own = node.settings.get('schema')
  if (own !== undefined && !isList(own)) return own
  const [path, ...morePaths] = paths
  const settings = { ...(toPlain(node.settings) as object), path, morePaths }
  let first: Batch | undefined
  await read(engine, node.typeId, node.version, settings, 'rows', async (run) => {
    const reader = run.outlet('read', 'rows').getReader()
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      first ??= next.value
      if (next.value.rows > 0) break
    }
    await reader.cancel()
  })
  const named = new Set((isList(own) ? own : []).map((each) => textMember(each, 'name')))
  const learned = (first?.columns ?? []).flatMap(({ name, kind }): Json[] => {
    const isType = ['bool', 'int', 'double', 'string', 'timestamp'].includes(kind)
    return named.has(name) || !isType ? [] : [new Map([['name', name] as const, ['type', kind] as const])]
  })
  return [...(isList(own) ? own : []), ...learned]
}

/** A flow of one node, read as far as `use` does. */
async function read(
  engine: Run,
  typeId: string,
  version: string,
  settings: object,
  port: string,
  use: (run: Execution) => Promise<void>
): Promise<void> {
  const nodes = [{ id: 'read', typeId, version, settings }]
  const flow = { id: 'sample-files', version: '1.0.0', nodes, edges: [] }
  const run = await engine.run(flow, { outlets: [{ node: 'read', port }], allFields: true })
  run.result.catch(() => undefined)
  try {
    await use(run)
  } catch (reason) {
    throw new WeirError('files.io', `the files could not be listed: ${String(reason)}`)
  } finally {
    run.dispose()
  }
}

/** The first, the one in the middle and the last. */
export function chosen(paths: readonly string[]): readonly string[] {
  const sorted = [...paths].sort()
  const picked = [sorted[0], sorted[Math.floor((sorted.length - 1) / 2)], sorted.at(-1)]
  return [...new Set(picked.filter((path) => path !== undefined))]
}
