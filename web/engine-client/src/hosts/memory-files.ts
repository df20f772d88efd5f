// MemoryFiles: files that live as long as the page; for examples, tests and temporary files.
import { WeirError } from '../errors.ts'
import type { FileHost, FileInfo, FileMode } from './host-calls.ts'

class MemoryFile {
  bytes = new Uint8Array(0)
  size = 0
  modifiedMicros = Date.now() * 1000

  room(size: number): void {
    if (size <= this.bytes.length) return
    const larger = new Uint8Array(Math.max(size, this.bytes.length * 2))
    larger.set(this.bytes.subarray(0, this.size))
    this.bytes = larger
  }
}

function clean(path: string): string {
  const colon = path.indexOf(':')
  const mount = colon > 0 && !path.slice(0, colon).includes('/') ? path.slice(0, colon) : 'project'
  const parts: string[] = []
  for (const part of (mount === 'project' && colon < 0 ? path : path.slice(colon + 1)).split('/')) {
    if (part === '' || part === '.') continue
    if (part !== '..') parts.push(part)
    else if (parts.pop() === undefined)
      throw new WeirError('files.outside_mount', `'${path}' leads outside the mount '${mount}'`)
  }
  return `${mount}:${parts.join('/')}`
}

function compareBytes(a: FileInfo, b: FileInfo): number {
  return a.path < b.path ? -1 : a.path > b.path ? 1 : 0
}

export class MemoryFiles implements FileHost {
  private readonly files = new Map<string, MemoryFile>()
  private readonly open_ = new Map<number, { path: string; file: MemoryFile; writes: boolean }>()
  private last = 0

  /** Puts a file there before a run, or replaces one. */
  put(path: string, content: string | Uint8Array): void {
    const file = new MemoryFile()
    file.bytes = typeof content === 'string' ? new TextEncoder().encode(content) : new Uint8Array(content)
    file.size = file.bytes.length
    this.files.set(clean(path), file)
  }

  get(path: string): Uint8Array | undefined {
    const file = this.files.get(clean(path))
    return file?.bytes.subarray(0, file.size)
  }

  paths(): string[] {
    return [...this.files.keys()].sort()
  }

  /** As at the end of a process: what was open is not held any more. */
  closeAll(): void {
    this.open_.clear()
  }

  open(path: string, mode: FileMode): number {
    const name = clean(path)
    let file = this.files.get(name)
    if (mode === 'read' && !file) {
      if (this.isFolder(name)) throw new WeirError('files.is_folder', `'${path}' is a folder`)
      throw new WeirError('files.not_found', `there is no file '${path}'`)
    }
    if (mode !== 'read') {
      for (const one of this.open_.values()) {
        if (one.writes && one.path === name) throw new WeirError('files.busy', `'${path}' is being written`, true)
      }
    }
    if (!file || mode === 'create') {
      file = new MemoryFile()
      this.files.set(name, file)
    }
    return this.add(name, file, mode !== 'read')
  }

  close(file: number): void {
    this.open_.delete(file)
  }

  stat(file: number): FileInfo {
    const one = this.opened(file)
    return this.info(one.path, one.file)
  }

  statPath(path: string): FileInfo {
    const name = clean(path)
    const file = this.files.get(name)
    if (file) return this.info(name, file)
    if (this.isFolder(name)) return { path: name, folder: true, sizeBytes: 0, modifiedMicros: 0, identity: 0 }
    throw new WeirError('files.not_found', `there is no file '${path}'`)
  }

  read(file: number, offset: number, into: () => Uint8Array): number {
    const one = this.opened(file).file
    const target = into()
    const bytes = one.bytes.subarray(offset, Math.min(one.size, offset + target.length))
    target.set(bytes)
    return bytes.length
  }

  write(file: number, offset: number, bytes: () => Uint8Array): number {
    const one = this.opened(file).file
    const from = bytes()
    one.room(offset + from.length)
    one.bytes.set(from, offset)
    one.size = Math.max(one.size, offset + from.length)
    one.modifiedMicros = Date.now() * 1000
    return from.length
  }

  cut(file: number, bytes: number): void {
    const one = this.opened(file).file
    one.room(bytes)
    one.bytes.fill(0, Math.min(bytes, one.size))
    one.size = bytes
  }

  sync(): void {
    // There is nothing safer than memory here.
  }

  publish(from: string, to: string): void {
    const file = this.files.get(clean(from))
    if (!file) throw new WeirError('files.not_found', `there is no file '${from}'`)
    this.files.delete(clean(from))
    this.files.set(clean(to), file)
  }

  remove(path: string): void {
    if (!this.files.delete(clean(path))) throw new WeirError('files.not_found', `there is no file '${path}'`)
  }

  makeFolders(): void {
    // A folder is there when a file is in it.
  }

  list(folder: string): FileInfo[] {
    const name = clean(folder)
    const prefix = name.endsWith(':') ? name : `${name}/`
    const entries = new Map<string, FileInfo>()
    for (const [path, file] of this.files) {
      if (!path.startsWith(prefix)) continue
      const rest = path.slice(prefix.length)
      const slash = rest.indexOf('/')
      if (slash < 0) entries.set(path, this.info(path, file))
      else {
        const inner = prefix + rest.slice(0, slash)
        entries.set(inner, { path: inner, folder: true, sizeBytes: 0, modifiedMicros: 0, identity: 0 })
      }
    }
    if (entries.size === 0 && !name.endsWith(':')) {
      if (this.files.has(name)) throw new WeirError('files.not_folder', `'${folder}' is a file`)
      throw new WeirError('files.not_found', `there is no folder '${folder}'`)
    }
    // As they were asked for: below the folder's own name.
    const asked = folder === '' || folder.endsWith('/') || folder.endsWith(':') ? folder : `${folder}/`
    const named = [...entries.values()].map((entry) => ({ ...entry, path: asked + entry.path.slice(prefix.length) }))
    return named.sort(compareBytes)
  }

  temporary(): number {
    return this.add('', new MemoryFile(), true)
  }

  private add(path: string, file: MemoryFile, writes: boolean): number {
    this.last += 1
    this.open_.set(this.last, { path, file, writes })
    return this.last
  }

  private opened(file: number): { path: string; file: MemoryFile } {
    const one = this.open_.get(file)
    if (!one) throw new WeirError('files.io', `file ${file} is not open`)
    return one
  }

  private isFolder(name: string): boolean {
    if (name.endsWith(':')) return true
    for (const path of this.files.keys()) if (path.startsWith(`${name}/`)) return true
    return false
  }

  private info(path: string, file: MemoryFile): FileInfo {
    return { path, folder: false, sizeBytes: file.size, modifiedMicros: file.modifiedMicros, identity: 0 }
  }
}
