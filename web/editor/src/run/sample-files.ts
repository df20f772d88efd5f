// Which files a sample reads: of many the first, the one in the middle and the last.
import { WeirError } from '@weir/engine-client'
import type { Batch, Engine, Execution } from '@weir/engine-client'
import { isList, memberOf, textMember, toPlain } from '@weir/flow-model'
import type { Json } from '@weir/flow-model'
import type { DocumentParts, PartNode } from './document-parts.ts'

const kReaders = ['files/csv-read', 'files/json-read', 'files/text-read', 'files/arrow-read']
const kMostListed = 100_000
/** A list is asked for again after so long. */
const kFreshMs = 10_000
const kMostKnown = 50

/** Of a reader that matches several files: those that a sample reads. */
export interface SampledFiles {
  paths: readonly string[]
  /** How many the reader matches. */
  of: number
  /** Types of the columns over these files together, as each of them alone would not have them; undefined: each for itself. */
  schema: Json | undefined
}

type Run = Pick<Engine, 'run'>

/** Lists what readers match, and remembers it for a moment: a sample runs again at each edit. */
export class SampleFiles {
  private readonly known = new Map<string, { at: number; files: Promise<SampledFiles | undefined> }>()

  constructor(private readonly now: () => number) {}

  /** By the node's id, those readers that match several files; what cannot be listed is read as it is. */
  async of(parts: Pick<DocumentParts, 'nodes'>, engine: Run): Promise<ReadonlyMap<string, SampledFiles>> {
    const found = new Map<string, SampledFiles>()
    for (const node of parts.nodes) {
      const files = await this.sampled(node, engine)
      if (files !== undefined) found.set(node.id, files)
    }
    return found
  }

  private sampled(node: PartNode, engine: Run): Promise<SampledFiles | undefined> {
    const globs = globsOf(node)
    if (globs.length === 0) return Promise.resolve(undefined)
    const key = JSON.stringify([node.typeId, toPlain(node.settings)])
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

/** What a reader of files looks for, if that can be several; empty: it reads one, or is none. */
function globsOf(node: PartNode): string[] {
  if (!kReaders.includes(node.typeId)) return []
  const path = textMember(node.settings, 'path')
  const more = memberOf(node.settings, 'morePaths')
  const globs = [path, ...(isList(more) ? more.filter((each) => typeof each === 'string') : [])]
  const isMany = globs.length > 1 || /[*?[{]|\/$/.test(path)
  return path === '' || !isMany ? [] : globs
}

async function look(node: PartNode, globs: readonly string[], engine: Run): Promise<SampledFiles | undefined> {
  const [path, ...morePaths] = globs
  const settings = { path, ...(morePaths.length > 0 && { morePaths }) }
  const paths: string[] = []
  await read(engine, 'files/list', '1.0.0', settings, 'files', async (run) => {
    const reader = run.rows('read', 'files').getReader()
    for (let next = await reader.read(); !next.done && paths.length < kMostListed; next = await reader.read()) {
      const { path: found } = next.value as { path?: unknown }
      if (typeof found === 'string') paths.push(found)
    }
  })
  if (paths.length < 2) return undefined
  const picked = chosen(paths)
  return { paths: picked, of: paths.length, schema: await schemaOf(node, picked, engine) }
}

/** A CSV reader learns the types of all of its files together. */
async function schemaOf(node: PartNode, paths: readonly string[], engine: Run): Promise<Json | undefined> {
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

function chosen(paths: readonly string[]): readonly string[] {
  const sorted = [...paths].sort()
  const picked = [sorted[0], sorted[Math.floor((sorted.length - 1) / 2)], sorted.at(-1)]
  return [...new Set(picked.filter((path) => path !== undefined))]
}
