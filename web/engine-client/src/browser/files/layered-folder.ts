// LayeredFolder: several folders as one: read from the first that has the file, written to the first.
import { WeirError } from '../../errors.ts'
import type { FileMode } from '../../hosts/host-calls.ts'
import type { Entry, Folder, NamedEntry, Now, OpenFile } from './folder.ts'

function isMissing(reason: unknown): boolean {
  return reason instanceof WeirError && (reason.code === 'files.not_found' || reason.code === 'files.is_folder')
}

export class LayeredFolder implements Folder {
  /** Which layer had a file when it was listed, or was written: asked first, so that 10,000 files are not looked for twice. */
  private readonly known = new Map<string, Folder>()

  readonly take?: (file: FileSystemFileHandle, to: string) => Promise<boolean>

  constructor(
    private readonly top: Folder,
    private readonly layers: readonly Folder[]
  ) {
    const take = top.take?.bind(top)
    if (!take) return
    this.take = (file, to) => {
      this.known.set(to, top)
      return take(file, to)
    }
  }

  open(path: string, mode: FileMode): Now<OpenFile> {
    if (mode === 'read') return this.firstOf(path, (layer) => layer.open(path, mode))
    this.known.set(path, this.top)
    return this.top.open(path, mode)
  }

  stat(path: string): Now<Entry> {
    return this.firstOf(path, (layer) => layer.stat(path))
  }

  async list(path: string): Promise<NamedEntry[]> {
    const found = new Map<string, NamedEntry>()
    let missing: unknown
    let some = false
    for (const layer of this.layers) {
      try {
        for (const entry of await layer.list(path)) {
          if (found.has(entry.name)) continue
          found.set(entry.name, entry)
          if (!entry.folder) this.known.set(path === '' ? entry.name : `${path}/${entry.name}`, layer)
        }
        some = true
      } catch (reason) {
        if (!isMissing(reason)) throw reason
        missing ??= reason
      }
    }
    if (!some) throw missing as WeirError
    return [...found.values()]
  }

  publish(from: string, to: string): Now<void> {
    this.known.delete(from)
    this.known.set(to, this.top)
    return this.top.publish(from, to)
  }

  remove(path: string): Now<void> {
    this.known.delete(path)
    return this.top.remove(path)
  }

  makeFolders(path: string): Now<void> {
    return this.top.makeFolders(path)
  }

  private firstOf<T>(path: string, use: (layer: Folder) => Now<T>): Now<T> {
    const known = this.known.get(path)
    if (!known) return this.search(use)
    const others = (reason: unknown): Promise<T> => {
      if (!isMissing(reason)) throw reason
      return this.search(use)
    }
    try {
      const found = use(known)
      return found instanceof Promise ? found.catch(others) : found
    } catch (reason) {
      return others(reason)
    }
  }

  private async search<T>(use: (layer: Folder) => Now<T>): Promise<T> {
    let missing: unknown
    for (const layer of this.layers) {
      try {
        return await use(layer)
      } catch (reason) {
        if (!isMissing(reason)) throw reason
        missing ??= reason
      }
    }
    throw missing as WeirError
  }
}
