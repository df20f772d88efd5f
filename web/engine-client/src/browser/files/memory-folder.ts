// MemoryFolder: files that live as long as the run.
import { WeirError } from '../../errors.ts'
import type { FileMode } from '../../hosts/host-calls.ts'
import { FOLDER, type Entry, type Folder, type NamedEntry, type OpenFile } from './folder.ts'

export class MemoryFile implements OpenFile {
  private bytes: Uint8Array<ArrayBuffer>
  private size: number
  private modifiedMicros = Date.now() * 1000

  constructor(content: Uint8Array = new Uint8Array(0)) {
    this.bytes = new Uint8Array(content)
    this.size = content.length
  }

  stat(): Entry {
    return { folder: false, sizeBytes: this.size, modifiedMicros: this.modifiedMicros }
  }

  read(offset: number, into: Uint8Array): number {
    const part = this.bytes.subarray(offset, Math.min(this.size, offset + into.length))
    into.set(part)
    return part.length
  }

  write(offset: number, bytes: Uint8Array): number {
    this.room(offset + bytes.length)
    this.bytes.set(bytes, offset)
    this.size = Math.max(this.size, offset + bytes.length)
    this.modifiedMicros = Date.now() * 1000
    return bytes.length
  }

  cut(bytes: number): void {
    this.room(bytes)
    this.bytes.fill(0, Math.min(bytes, this.size))
    this.size = bytes
  }

  sync(): void {
    // Memory is as safe as it gets here.
  }

  close(): void {
    // The folder keeps it.
  }

  private room(size: number): void {
    if (size <= this.bytes.length) return
    const larger = new Uint8Array(Math.max(size, this.bytes.length * 2))
    larger.set(this.bytes.subarray(0, this.size))
    this.bytes = larger
  }
}

/** What lies in `folder` of a flat list of paths. */
export function entriesBelow(folder: string, paths: Iterable<[string, Entry]>): NamedEntry[] {
  const prefix = folder === '' ? '' : `${folder}/`
  const found = new Map<string, NamedEntry>()
  for (const [path, entry] of paths) {
    if (!path.startsWith(prefix)) continue
    const [name = '', ...deeper] = path.slice(prefix.length).split('/')
    found.set(name, deeper.length === 0 ? { name, ...entry } : { name, ...FOLDER })
  }
  if (found.size === 0 && folder !== '') throw new WeirError('files.not_found', `there is no folder '${folder}'`)
  return [...found.values()]
}

export class MemoryFolder implements Folder {
  private readonly files = new Map<string, MemoryFile>()

  constructor(files: Record<string, string | Uint8Array> = {}) {
    for (const [path, content] of Object.entries(files)) {
      this.files.set(path, new MemoryFile(typeof content === 'string' ? new TextEncoder().encode(content) : content))
    }
  }

  open(path: string, mode: FileMode): OpenFile {
    const found = this.files.get(path)
    if (found && mode !== 'create') return found
    if (mode === 'read') throw this.missing(path)
    const made = new MemoryFile()
    this.files.set(path, made)
    return made
  }

  stat(path: string): Entry {
    const found = this.files.get(path)
    if (found) return found.stat()
    if (this.isFolder(path)) return FOLDER
    throw this.missing(path)
  }

  list(path: string): NamedEntry[] {
    return entriesBelow(
      path,
      Array.from(this.files, ([name, file]) => [name, file.stat()])
    )
  }

  publish(from: string, to: string): void {
    const file = this.files.get(from)
    if (!file) throw this.missing(from)
    this.files.delete(from)
    this.files.set(to, file)
  }

  remove(path: string): void {
    if (!this.files.delete(path)) throw this.missing(path)
  }

  makeFolders(): void {
    // A folder is there when a file is in it.
  }

  private isFolder(path: string): boolean {
    return path === '' || [...this.files.keys()].some((one) => one.startsWith(`${path}/`))
  }

  private missing(path: string): WeirError {
    return this.isFolder(path)
      ? new WeirError('files.is_folder', `'${path}' is a folder`)
      : new WeirError('files.not_found', `there is no file '${path}'`)
  }
}
