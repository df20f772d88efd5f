// Dropped folders and picked files: those the page can run over, where they are.
import type { GivenFile } from './example.ts'

export type Kind = 'tables' | 'logs'

/** The files of one kind, and how many of the others there were. */
export interface Given {
  kind: Kind
  files: GivenFile[]
  /** What the folder holds besides: by kind, with its count. */
  others: { tables: number; logs: number; unknown: number }
}

const KINDS: readonly [Kind, RegExp][] = [
  ['tables', /\.(csv|tsv)(\.(gz|zst))?$/i],
  ['logs', /\.(log|txt)(\.\d+)?(\.(gz|zst))?$/i]
]
/** So deep and so many: a home folder that was dropped by mistake is not walked to its end. */
const MOST_DEPTH = 12
const MOST_FILES = 50_000

const kindOf = (name: string): Kind | undefined => KINDS.find(([, pattern]) => pattern.test(name))?.[0]

interface Found {
  path: string
  file: File
}

function sorted(found: readonly Found[]): Given {
  const of = (kind: Kind): Found[] => found.filter(({ file }) => kindOf(file.name) === kind)
  const [tables, logs] = [of('tables'), of('logs')]
  const kind: Kind = tables.length > 0 || logs.length === 0 ? 'tables' : 'logs'
  const files = (kind === 'tables' ? tables : logs).map(({ path, file }) => ({ path: `data/${path}`, file }))
  const unknown = found.length - tables.length - logs.length
  return { kind, files, others: { tables: tables.length, logs: logs.length, unknown } }
}

/** What a person has picked: files, or a folder with its paths. */
export function pickedFiles(files: Iterable<File>): Given {
  return sorted(
    Array.from(files, (file) => ({
      path: file.webkitRelativePath === '' ? file.name : file.webkitRelativePath.split('/').slice(1).join('/'),
      file
    }))
  )
}

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((done, failed) => {
    entry.file(done, failed)
  })
}

async function entriesOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader()
  const found: FileSystemEntry[] = []
  for (;;) {
    const part = await new Promise<FileSystemEntry[]>((done, failed) => {
      reader.readEntries(done, failed)
    })
    if (part.length === 0) return found
    found.push(...part)
  }
}

async function walk(entry: FileSystemEntry, path: string, depth: number, found: Found[]): Promise<void> {
  if (found.length >= MOST_FILES || depth > MOST_DEPTH || entry.name.startsWith('.')) return
  if (entry.isFile) {
    found.push({ path: `${path}${entry.name}`, file: await fileOf(entry as FileSystemFileEntry) })
    return
  }
  const inside = depth === 0 ? '' : `${path}${entry.name}/`
  for (const one of await entriesOf(entry as FileSystemDirectoryEntry)) await walk(one, inside, depth + 1, found)
}

/** The files of what was dropped, folders and all that is in them. */
export async function droppedFiles(transfer: DataTransfer): Promise<Given> {
  const entries = Array.from(transfer.items, (item) => item.webkitGetAsEntry()).filter((entry) => entry !== null)
  const found: Found[] = []
  for (const entry of entries) await walk(entry, '', 0, found)
  return sorted(found)
}

const HEAD_BYTES = 64 << 10

export interface GivenColumn {
  name: string
  isNumber: boolean
}

/** The names of the columns of the first file, and which of them hold numbers in its first row. */
export async function columnsOf(files: readonly GivenFile[]): Promise<GivenColumn[]> {
  const text = (await files[0]?.file.slice(0, HEAD_BYTES).text()) ?? ''
  const [head = '', first = ''] = text.replace(/^\uFEFF/, '').split(/\r?\n/)
  const delimiter = delimiterOf(head)
  const values = cellsOf(first, delimiter)
  return cellsOf(head, delimiter).map((name, i) => ({
    name,
    isNumber: values[i] !== undefined && values[i] !== '' && Number.isFinite(Number(values[i]))
  }))
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
