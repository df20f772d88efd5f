// GivenFiles: files that a person has dropped or picked; they stay where they are and are read piece by piece.
import { WeirError } from '../../errors.ts'
import type { FileMode } from '../../hosts/host-calls.ts'
import { FOLDER, readOnly, type Entry, type Folder, type NamedEntry, type OpenFile } from './folder.ts'
import { ReadAhead } from './read-ahead.ts'

function entryOf(file: File): Entry {
  return { folder: false, sizeBytes: file.size, modifiedMicros: file.lastModified * 1000 }
}

/** A file that is only read. The platform refuses to read it once it has changed. */
export class GivenFile implements OpenFile {
  private readonly ahead: ReadAhead

  constructor(
    private readonly path: string,
    private readonly file: File
  ) {
    this.ahead = new ReadAhead(file)
  }

  stat(): Entry {
    return entryOf(this.file)
  }

  ready(offset: number, bytes: number): Promise<void> | undefined {
    return this.ahead.ready(offset, bytes)
  }

  read(offset: number, into: Uint8Array): number {
    const end = Math.min(this.file.size, offset + into.length)
    if (offset >= end) return 0
    if (this.ahead.copy(offset, into.subarray(0, end - offset))) return end - offset
    const bytes = new FileReaderSync().readAsArrayBuffer(this.file.slice(offset, end))
    // Where the platform does not refuse a file that was cut meanwhile, it gives less of it.
    if (bytes.byteLength < end - offset) throw new DOMException('', 'NotReadableError')
    into.set(new Uint8Array(bytes))
    return bytes.byteLength
  }

  write(): number {
    throw readOnly(this.path)
  }

  cut(): void {
    throw readOnly(this.path)
  }

  sync(): void {
    // Nothing was written.
  }

  close(): void {
    // A File holds nothing open.
  }
}

export class GivenFiles implements Folder {
  private readonly files = new Map<string, File>()
  /** By the folder's path; the empty one is the mount itself. */
  private readonly folders = new Map<string, Map<string, NamedEntry>>([['', new Map<string, NamedEntry>()]])

  constructor(files: readonly { path: string; file: File }[]) {
    for (const { path, file } of files) {
      this.files.set(path, file)
      this.addTo(path, entryOf(file))
    }
  }

  open(path: string, mode: FileMode): OpenFile {
    if (mode !== 'read') throw readOnly(path)
    const file = this.files.get(path)
    if (!file) throw this.missing(path)
    return new GivenFile(path, file)
  }

  stat(path: string): Entry {
    const file = this.files.get(path)
    if (file) return entryOf(file)
    if (this.isFolder(path)) return FOLDER
    throw this.missing(path)
  }

  list(path: string): NamedEntry[] {
    const entries = this.folders.get(path)
    if (!entries) throw new WeirError('files.not_found', `there is no folder '${path}'`)
    return [...entries.values()]
  }

  publish(_from: string, to: string): void {
    throw readOnly(to)
  }

  remove(path: string): void {
    throw readOnly(path)
  }

  makeFolders(path: string): void {
    throw readOnly(path)
  }

  /** The entry in its folder, and that one in its own, as far as they are not there. */
  private addTo(path: string, entry: Entry): void {
    const slash = path.lastIndexOf('/')
    const folder = path.slice(0, Math.max(0, slash))
    const name = path.slice(slash + 1)
    const known = this.folders.get(folder)
    if (known) {
      known.set(name, { name, ...entry })
      return
    }
    this.folders.set(folder, new Map([[name, { name, ...entry }]]))
    this.addTo(folder, FOLDER)
  }

  private isFolder(path: string): boolean {
    return this.folders.has(path)
  }

  private missing(path: string): WeirError {
    return this.isFolder(path)
      ? new WeirError('files.is_folder', `'${path}' is a folder`)
      : new WeirError('files.not_found', `'${path}' is not among the files that were given`)
  }
}
