// LayeredFolder: several folders as one: read from the first that has the file, written to the first.
import { WeirError } from '../../errors.ts'
import type { FileMode } from '../../hosts/host-calls.ts'
import type { Entry, Folder, NamedEntry, Now, OpenFile } from './folder.ts'

function isMissing(reason: unknown): boolean {
  return reason instanceof WeirError && (reason.code === 'files.not_found' || reason.code === 'files.is_folder')
}

export class LayeredFolder implements Folder {
  readonly take?: (file: FileSystemFileHandle, to: string) => Promise<boolean>

  constructor(
    private readonly top: Folder,
    private readonly layers: readonly Folder[]
  ) {
    if (top.take) this.take = top.take.bind(top)
  }

  open(path: string, mode: FileMode): Now<OpenFile> {
    return mode === 'read' ? this.firstOf((layer) => layer.open(path, mode)) : this.top.open(path, mode)
  }

  stat(path: string): Promise<Entry> {
    return this.firstOf((layer) => layer.stat(path))
  }

  async list(path: string): Promise<NamedEntry[]> {
    const found = new Map<string, NamedEntry>()
    let missing: unknown
    let some = false
    for (const layer of this.layers) {
      try {
        for (const entry of await layer.list(path)) if (!found.has(entry.name)) found.set(entry.name, entry)
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
    return this.top.publish(from, to)
  }

  remove(path: string): Now<void> {
    return this.top.remove(path)
  }

  makeFolders(path: string): Now<void> {
    return this.top.makeFolders(path)
  }

  private async firstOf<T>(use: (layer: Folder) => Now<T>): Promise<T> {
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
