// Dropped folders and picked files: their CSV files, where they are.

export interface GivenFile {
  path: string
  file: File
}

const isCsv = (name: string): boolean => /\.(csv|tsv)$/i.test(name)

/** The CSV files among what a person has picked. */
export function pickedFiles(files: Iterable<File>): GivenFile[] {
  return Array.from(files)
    .filter((file) => isCsv(file.name))
    .map((file) => ({ path: `data/${file.name}`, file }))
}

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((done, failed) => {
    entry.file(done, failed)
  })
}

function entriesOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader()
  const part = (): Promise<FileSystemEntry[]> =>
    new Promise((done, failed) => {
      reader.readEntries(done, failed)
    })
  const rest = async (found: FileSystemEntry[]): Promise<FileSystemEntry[]> => {
    const more = await part()
    return more.length === 0 ? found : rest([...found, ...more])
  }
  return rest([])
}

/** The CSV files of what was dropped, one folder deep. */
export async function droppedFiles(transfer: DataTransfer): Promise<GivenFile[]> {
  const entries = Array.from(transfer.items, (item) => item.webkitGetAsEntry()).filter((entry) => entry !== null)
  const files: File[] = []
  for (const entry of entries) {
    const inside = entry.isDirectory ? await entriesOf(entry as FileSystemDirectoryEntry) : [entry]
    for (const one of inside) if (one.isFile && isCsv(one.name)) files.push(await fileOf(one as FileSystemFileEntry))
  }
  return pickedFiles(files)
}

const HEAD_BYTES = 64 << 10

/** The names of the columns of the first file, and which of them hold numbers in its first row. */
export async function columnsOf(files: GivenFile[]): Promise<{ name: string; isNumber: boolean }[]> {
  const text = (await files[0]?.file.slice(0, HEAD_BYTES).text()) ?? ''
  const [head = '', first = ''] = text.split(/\r?\n/)
  const unquoted = (part: string): string => part.trim().replace(/^"|"$/g, '')
  const values = first.split(',').map(unquoted)
  return head.split(',').map((name, i) => ({
    name: unquoted(name),
    isNumber: values[i] !== undefined && values[i] !== '' && Number.isFinite(Number(values[i]))
  }))
}
