// Dropped folders and picked files: those the page can run over, where they are.
import {
  droppedFiles as allDropped,
  filesSource,
  type BrowserEngine,
  type FolderSource,
  type NamedFile
} from '@weir/engine-client/browser'

export type Kind = 'tables' | 'logs'

/** The files of one kind, and how many of the others there were. */
export interface Given {
  kind: Kind
  files: NamedFile[]
  /** What the folder holds besides: by kind, with its count. */
  others: { tables: number; logs: number; unknown: number }
  /** What could not be opened, and whether there was more than a page takes. */
  unreadable: string[]
  more: boolean
  /** The folder that was dropped, where the browser lets the page come back to it. */
  root?: FileSystemDirectoryHandle
}

const KINDS: readonly [Kind, RegExp][] = [
  ['tables', /\.(csv|tsv)(\.(gz|zst))?$/i],
  ['logs', /\.(log|txt)(\.\d+)?(\.(gz|zst))?$/i]
]

const kindOf = (name: string): Kind | undefined => KINDS.find(([, pattern]) => pattern.test(name))?.[0]

function sorted(found: readonly NamedFile[]): Given {
  const of = (kind: Kind): NamedFile[] => found.filter(({ file }) => kindOf(file.name) === kind)
  const [tables, logs] = [of('tables'), of('logs')]
  const kind: Kind = tables.length > 0 || logs.length === 0 ? 'tables' : 'logs'
  const files = (kind === 'tables' ? tables : logs).map((one) => ({ ...one, path: `data/${one.path}` }))
  const unknown = found.length - tables.length - logs.length
  return { kind, files, others: { tables: tables.length, logs: logs.length, unknown }, unreadable: [], more: false }
}

/** What a person has picked: files, or a folder with its paths. */
export function pickedFiles(files: Iterable<File>): Given {
  return sorted(filesSource(files).files)
}

/** So deep and so many: a home folder that was picked by mistake is not walked to its end. */
const MOST_DEPTH = 32
const MOST_FILES = 50_000

async function walkHandle(
  folder: FileSystemDirectoryHandle,
  path: string,
  depth: number,
  found: NamedFile[]
): Promise<void> {
  const entries = folder as unknown as AsyncIterable<[string, FileSystemHandle]>
  for await (const [name, handle] of entries) {
    if (name.startsWith('.') || found.length >= MOST_FILES || depth > MOST_DEPTH) continue
    if (handle.kind === 'file') {
      const file = handle as FileSystemFileHandle
      found.push({ path: path + name, file: await file.getFile(), handle: file })
    } else await walkHandle(handle as FileSystemDirectoryHandle, `${path}${name}/`, depth + 1, found)
  }
}

/** The files of a folder that the page may come back to. */
async function filesBelow(root: FileSystemDirectoryHandle): Promise<Given> {
  const found: NamedFile[] = []
  await walkHandle(root, '', 0, found)
  found.sort((a, b) => (a.path < b.path ? -1 : 1))
  return { ...sorted(found), more: found.length >= MOST_FILES, root }
}

/** The files of what was dropped, folders and all that is in them. */
export async function droppedFiles(transfer: DataTransfer): Promise<Given> {
  const { files, unreadable, more, root } = await allDropped(transfer)
  return { ...sorted(files), unreadable, more, ...(root && { root }) }
}

type Picker = () => Promise<FileSystemDirectoryHandle>

/** Asks for a folder in a way that lets the page come back to it; nothing where the browser has no such way. */
export function folderPicker(): (() => Promise<Given | undefined>) | undefined {
  const pick = (globalThis as { showDirectoryPicker?: Picker }).showDirectoryPicker
  if (!pick) return undefined
  return async () => {
    const handle = await pick.call(globalThis).catch(() => undefined)
    return handle && filesBelow(handle)
  }
}

const HEAD_BYTES = 64 << 10

export interface GivenColumn {
  name: string
  isNumber: boolean
}

/** So many files are looked at for one that has columns. */
const MOST_LOOKED_AT = 100

/** The names of the columns of the first file that has any, and which of them hold numbers in its first row. */
export async function columnsOf(files: readonly NamedFile[], engine: BrowserEngine): Promise<GivenColumn[]> {
  for (const { file } of files.filter((one) => one.file.size > 0).slice(0, MOST_LOOKED_AT)) {
    const isPacked = /\.(gz|zst)$/i.test(file.name)
    // A file that cannot be read, or unpacked, shows no columns; the run will say why.
    const columns = await (isPacked ? packedColumns(file, engine) : plainColumns(file)).catch(() => [])
    if (columns.length > 0) return columns
  }
  return []
}

async function plainColumns(file: File): Promise<GivenColumn[]> {
  const text = await file.slice(0, HEAD_BYTES).text()
  const [head = '', first = ''] = text.replace(/^\uFEFF/, '').split(/\r?\n/)
  if (head === '') return []
  const delimiter = delimiterOf(head)
  const values = cellsOf(first, delimiter)
  return cellsOf(head, delimiter).map((name, i) => ({
    name,
    isNumber: values[i] !== undefined && values[i] !== '' && Number.isFinite(Number(values[i]))
  }))
}

/** The engine unpacks it, up to its first rows. */
async function packedColumns(file: File, engine: BrowserEngine): Promise<GivenColumn[]> {
  // A name of its own: that of the file may be a pattern, or have a mount in it.
  const path = `columns.csv${file.name.slice(file.name.lastIndexOf('.')).toLowerCase()}`
  const read = { id: 'read', typeId: 'files/csv-read', version: '1.0.0', settings: { path } }
  const flow = { id: 'columns', version: '1.0.0', nodes: [read], edges: [] }
  const project: FolderSource = { kind: 'files', files: [{ path, file }] }
  const run = await engine.run(flow, { folders: { project }, outlets: [{ node: 'read', port: 'rows' }], keep: false })
  try {
    const reader = run.outlet('read', 'rows').getReader()
    const { value } = await reader.read()
    const numbers = ['int', 'uint', 'double']
    return (value?.columns ?? []).map(({ name, kind }) => ({ name, isNumber: numbers.includes(kind) }))
  } finally {
    run.dispose()
  }
}

function delimiterOf(head: string): string {
  const count = (mark: string): number => head.split(mark).length
  return [',', ';', '\t', '|'].reduce((best, mark) => (count(mark) > count(best) ? mark : best))
}

/** Cells of one line, with quotes as CSV has them. */
export function cellsOf(line: string, delimiter: string): string[] {
  const cells: string[] = []
  let cell = ''
  let quoted = false
  for (let i = 0; i < line.length; i++) {
    const mark = line[i] ?? ''
    if (quoted && mark === '"' && line[i + 1] === '"') {
      cell += '"'
      i++
    } else if (mark === '"') quoted = !quoted
    else if (mark === delimiter && !quoted) {
      cells.push(cell.trim())
      cell = ''
    } else cell += mark
  }
  cells.push(cell.trim())
  return cells
}
