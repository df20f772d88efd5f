// MountedFiles: the files of a run: its mounts, and temporary files.
import { WeirError } from '../../errors.ts'
import type { FileHost, FileInfo, FileMode } from '../../hosts/host-calls.ts'
import { SeenFiles } from './seen-files.ts'
import { fileError, type Entry, type Folder, type Now, type OpenFile } from './folder.ts'

interface Place {
  mount: string
  folder: Folder
  path: string
}

interface Opened {
  asked: string
  place: Place | undefined
  file: OpenFile
  closed: boolean
}

/** Folds '.' and '..'; nothing leads out of the mount. */
export function foldPath(path: string, asked: string): string {
  const parts: string[] = []
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue
    if (part !== '..') parts.push(part)
    else if (parts.pop() === undefined) throw new WeirError('files.outside_mount', `'${asked}' leaves its mount`)
  }
  return parts.join('/')
}

function fullPath(place: Place): string {
  return `${place.mount}:${place.path}`
}

function then<T, R>(value: Now<T>, use: (value: T) => R): Now<R> {
  return value instanceof Promise ? value.then(use) : use(value)
}

function info(path: string, entry: Entry): FileInfo {
  return { path, ...entry, identity: 0 }
}

const encoder = new TextEncoder()

/** In byte order of their paths. */
function inOrder(entries: FileInfo[]): FileInfo[] {
  return entries
    .map((entry) => ({ entry, bytes: encoder.encode(entry.path) }))
    .sort((a, b) => {
      const shared = Math.min(a.bytes.length, b.bytes.length)
      for (let i = 0; i < shared; i++) {
        const difference = (a.bytes[i] ?? 0) - (b.bytes[i] ?? 0)
        if (difference !== 0) return difference
      }
      return a.bytes.length - b.bytes.length
    })
    .map(({ entry }) => entry)
}

/** What opens the file again: a colon in a name would be read as the end of a mount's. */
function pathBelow(prefix: string, name: string): string {
  return prefix === '' && name.includes(':') ? `./${name}` : prefix + name
}

export class MountedFiles implements FileHost {
  private readonly opened = new Map<number, Opened>()
  private last = 0
  private seen_ = new SeenFiles()

  constructor(
    /** By name; `project` is where paths without a mount lead. */
    private mounts: ReadonlyMap<string, Folder>,
    private readonly makeTemporary: () => Now<OpenFile>
  ) {}

  /** For the next run; files of the last one are closed. */
  remount(mounts: ReadonlyMap<string, Folder>, seen = new SeenFiles()): void {
    for (const file of [...this.opened.keys()]) this.close(file)
    this.mounts = mounts
    this.seen_ = seen
  }

  get seen(): SeenFiles {
    return this.seen_
  }

  /** Throws `files.changed` or what else keeps a file that was read before from being read on. */
  async lookAgain(): Promise<void> {
    for (const { path, isRead } of this.seen_.list()) {
      if (!isRead) continue
      const place = this.place(path)
      this.seen_.read(path, await place.folder.stat(place.path))
    }
  }

  open(path: string, mode: FileMode): Now<number> {
    const place = this.place(path)
    if (mode !== 'read' && this.openedAt(place)) throw new WeirError('files.busy', `'${path}' is being written`, true)
    return then(place.folder.open(place.path, mode), (file) => {
      if (mode === 'read') this.noteRead(place, file)
      else this.seen_.write(fullPath(place))
      return this.add(path, mode === 'read' ? undefined : place, file)
    })
  }

  close(file: number): void {
    const one = this.opened.get(file)
    this.opened.delete(file)
    if (one && !one.closed) void one.file.close()
  }

  stat(file: number): FileInfo {
    const one = this.at(file)
    return info(one.asked, one.file.stat())
  }

  statPath(path: string): Now<FileInfo> {
    const place = this.place(path)
    return then(place.folder.stat(place.path), (entry) => {
      this.seen_.note(fullPath(place), entry)
      return info(path, entry)
    })
  }

  read(file: number, offset: number, into: () => Uint8Array): Now<number> {
    const one = this.at(file)
    const read = (): number => {
      try {
        return one.file.read(offset, into() as Uint8Array<ArrayBuffer>)
      } catch (reason) {
        throw fileError(one.asked, reason)
      }
    }
    return one.file.ready?.(offset, into().length)?.then(read) ?? read()
  }

  write(file: number, offset: number, bytes: () => Uint8Array): Now<number> {
    const one = this.at(file)
    try {
      return one.file.write(offset, bytes() as Uint8Array<ArrayBuffer>)
    } catch (reason) {
      throw fileError(one.asked, reason)
    }
  }

  cut(file: number, bytes: number): Now<void> {
    return this.at(file).file.cut(bytes)
  }

  sync(file: number): Now<void> {
    return this.at(file).file.sync()
  }

  async publish(from: string, to: string): Promise<void> {
    const [source, target] = [this.place(from), this.place(to)]
    if (source.folder !== target.folder) {
      throw new WeirError('files.io', `'${from}' and '${to}' are in two mounts: a rename stays in one`)
    }
    const open = this.openedAt(source)
    if (open && !open.closed) {
      open.closed = true
      await open.file.close()
    }
    await source.folder.publish(source.path, target.path)
    this.seen_.write(fullPath(target))
  }

  remove(path: string): Now<void> {
    const place = this.place(path)
    return place.folder.remove(place.path)
  }

  makeFolders(path: string): Now<void> {
    const place = this.place(path)
    return place.folder.makeFolders(place.path)
  }

  list(folder: string): Now<FileInfo[]> {
    const place = this.place(folder)
    const prefix = folder === '' || folder.endsWith('/') || folder.endsWith(':') ? folder : `${folder}/`
    return then(place.folder.list(place.path), (entries) =>
      inOrder(
        entries.map(({ name, ...entry }) => {
          this.seen_.note(fullPath(place) + (place.path === '' ? name : `/${name}`), entry)
          return info(pathBelow(prefix, name), entry)
        })
      )
    )
  }

  temporary(): Now<number> {
    return then(this.makeTemporary(), (file) => this.add('(temporary)', undefined, file))
  }

  private place(asked: string): Place {
    const colon = asked.indexOf(':')
    const named = colon > 1 && !asked.slice(0, colon).includes('/')
    if (!named && asked.startsWith('/')) {
      throw new WeirError('files.outside_mount', `'${asked}' is absolute: a page only sees folders that it was given`)
    }
    const name = named ? asked.slice(0, colon) : 'project'
    const folder = this.mounts.get(name)
    if (!folder) throw new WeirError('files.not_found', `there is no mount '${name}'; the page gives it with the run`)
    return { mount: name, folder, path: foldPath(named ? asked.slice(colon + 1) : asked, asked) }
  }

  private noteRead(place: Place, file: OpenFile): void {
    try {
      this.seen_.read(fullPath(place), file.stat())
    } catch (reason) {
      void file.close()
      throw reason
    }
  }

  private openedAt(place: Place): Opened | undefined {
    for (const one of this.opened.values()) {
      if (one.place?.folder === place.folder && one.place.path === place.path) return one
    }
    return undefined
  }

  private add(asked: string, place: Place | undefined, file: OpenFile): number {
    this.last += 1
    this.opened.set(this.last, { asked, place, file, closed: false })
    return this.last
  }

  private at(file: number): Opened {
    const one = this.opened.get(file)
    if (!one) throw new WeirError('files.io', `file ${file} is not open`)
    return one
  }
}
