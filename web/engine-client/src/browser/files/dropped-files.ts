// droppedFiles: all files of what a person has dropped on a page, folders within folders too.
import { withOwnPaths, type NamedFile } from './folder-source.ts'

export interface Dropped {
  /** With handles where the browser gives them: a run over them can go on after a reload. */
  files: NamedFile[]
  /** The folder, if it is one that was dropped and the browser lets the page come back to it. */
  root?: FileSystemDirectoryHandle
  /** Of the folder, if it is one that was dropped. */
  name?: string
  /** What could not be opened. */
  unreadable: string[]
  /** There are more than were taken: folders that are too deep, or too many files. */
  more: boolean
}

export interface DropLimits {
  /** By default 50,000: a home folder that was dropped by mistake is not walked to its end. */
  mostFiles?: number
  /** Folders within folders; by default 32. */
  mostDepth?: number
}

/** Files that are asked for together. */
const AT_ONCE = 64

type HandleItem = DataTransferItem & { getAsFileSystemHandle?(): Promise<FileSystemHandle | null> }

/**
 * A file or a folder. Entries show all that is in a folder; handles leave out what has an unusual name, but can be kept.
 */
class Thing {
  constructor(
    private readonly entry: FileSystemEntry,
    private readonly handle: FileSystemHandle | undefined
  ) {}

  get name(): string {
    return this.entry.name
  }

  get isFile(): boolean {
    return this.entry.isFile
  }

  /** If it is a folder that can be kept. */
  get folder(): FileSystemDirectoryHandle | undefined {
    return this.isFile ? undefined : (this.handle as FileSystemDirectoryHandle | undefined)
  }

  async file(): Promise<Omit<NamedFile, 'path'>> {
    const file = await new Promise<File>((done, failed) => {
      ;(this.entry as FileSystemFileEntry).file(done, failed)
    })
    return this.handle ? { file, handle: this.handle as FileSystemFileHandle } : { file }
  }

  async list(): Promise<Thing[]> {
    const entries = await entriesOf(this.entry as FileSystemDirectoryEntry)
    const things: Thing[] = []
    for (let i = 0; i < entries.length; i += AT_ONCE) {
      const some = entries.slice(i, i + AT_ONCE)
      things.push(...(await Promise.all(some.map(async (one) => new Thing(one, await this.handleOf(one))))))
    }
    return things
  }

  private async handleOf({ name, isFile }: FileSystemEntry): Promise<FileSystemHandle | undefined> {
    const folder = this.handle as FileSystemDirectoryHandle | undefined
    if (!folder) return undefined
    try {
      return await (isFile ? folder.getFileHandle(name) : folder.getDirectoryHandle(name))
    } catch {
      return undefined
    }
  }
}

/** A reader gives a hundred at a time, until it gives none. */
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

/** What was dropped; asked for within the event, as it is gone afterwards. */
function thingsOf(transfer: DataTransfer): Promise<(Thing | undefined)[]> {
  const asked = Array.from(transfer.items)
    .filter((item) => item.kind === 'file')
    .map((item: HandleItem) => ({
      entry: item.webkitGetAsEntry(),
      handle: item.getAsFileSystemHandle?.().catch(() => null)
    }))
  return Promise.all(
    asked.map(async ({ entry, handle }) => {
      const own = await handle
      return entry ? new Thing(entry, own ?? undefined) : undefined
    })
  )
}

class Walk {
  readonly files: NamedFile[] = []
  readonly unreadable: string[] = []
  more = false

  constructor(
    private readonly mostFiles: number,
    private readonly mostDepth: number
  ) {}

  async folder(folder: Thing, path: string, depth: number): Promise<void> {
    if (depth > this.mostDepth) {
      this.more = true
      return
    }
    let things: Thing[]
    try {
      things = await folder.list()
    } catch {
      this.unreadable.push(path)
      return
    }
    // What is hidden (.DS_Store, .git) is not what a person means.
    const shown = things.filter((one) => !one.name.startsWith('.')).sort((a, b) => (a.name < b.name ? -1 : 1))
    await this.take(shown, path)
    for (const one of shown) {
      if (!one.isFile) await this.folder(one, `${path}${one.name}/`, depth + 1)
    }
  }

  async take(things: readonly Thing[], path: string): Promise<void> {
    const files = things.filter((one) => one.isFile)
    const room = this.mostFiles - this.files.length
    if (files.length > room) this.more = true
    for (let i = 0; i < Math.min(files.length, room); i += AT_ONCE) {
      await Promise.all(files.slice(i, Math.min(room, i + AT_ONCE)).map((one) => this.open(one, path + one.name)))
    }
  }

  private async open(one: Thing, path: string): Promise<void> {
    try {
      this.files.push({ path, ...(await one.file()) })
    } catch {
      this.unreadable.push(path)
    }
  }
}

/**
 * Of one folder, paths begin below it; of several things, each folder keeps its name, so that files of the same name
 * stay apart. Call it within the drop's event.
 */
export async function droppedFiles(transfer: DataTransfer, limits: DropLimits = {}): Promise<Dropped> {
  const things = (await thingsOf(transfer)).filter((one) => one !== undefined)
  const walk = new Walk(limits.mostFiles ?? 50_000, limits.mostDepth ?? 32)
  const [only] = things
  if (only && things.length === 1 && !only.isFile) await walk.folder(only, '', 0)
  else {
    await walk.take(things, '')
    for (const one of things) if (!one.isFile) await walk.folder(one, `${one.name}/`, 0)
  }
  const inOrder = walk.files.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
  const folder = things.length === 1 && only?.isFile === false ? only : undefined
  const root = folder?.folder
  return {
    files: withOwnPaths(inOrder),
    unreadable: walk.unreadable,
    more: walk.more,
    ...(root && { root }),
    ...(folder && { name: folder.name })
  }
}
