// openSource: makes the folder that a FolderSource describes. In workers only.
import { WeirError } from '../../errors.ts'
import { fileErrors, type Folder, type OpenFile } from './folder.ts'
import type { FolderSource } from './folder-source.ts'
import { GivenFiles } from './given-files.ts'
import { HandleFolder } from './handle-folder.ts'
import { SyncFile } from './handle-files.ts'
import { LayeredFolder } from './layered-folder.ts'
import { MemoryFile, MemoryFolder } from './memory-folder.ts'

const TEMPORARY = '.weir-temporary'

export async function openSource(source: FolderSource): Promise<Folder> {
  switch (source.kind) {
    case 'memory':
      return new MemoryFolder(source.files)
    case 'files':
      return new GivenFiles(source.files)
    case 'picked':
      return new HandleFolder(source.handle, false)
    case 'private':
      return new HandleFolder(await privateFolder(source.path), true)
    case 'layers': {
      const layers = await Promise.all(source.layers.map(openSource))
      const top = layers[0]
      if (!top) throw new WeirError('settings.invalid', 'a folder of layers has at least one')
      return new LayeredFolder(top, layers)
    }
  }
}

/** A folder of the origin's private file system; it is made if it is not there. */
export function privateFolder(path: string): Promise<FileSystemDirectoryHandle> {
  return fileErrors(path, async () => {
    let folder = await navigator.storage.getDirectory()
    for (const part of path.split('/').filter((one) => one !== '')) {
      folder = await folder.getDirectoryHandle(part, { create: true })
    }
    return folder
  })
}

/** Gives files for spilling, on disk where there is one. What a worker leaves behind the next one takes away. */
export class TemporaryFiles {
  private folder: Promise<FileSystemDirectoryHandle | undefined> | undefined
  private last = 0

  constructor(private readonly worker: string) {}

  async make(): Promise<OpenFile> {
    this.folder ??= this.start().catch(() => undefined)
    const folder = await this.folder
    if (!folder) return new MemoryFile()
    const name = String(++this.last)
    const file = await SyncFile.open(await folder.getFileHandle(name, { create: true }), true)
    const close = file.close.bind(file)
    file.close = () => {
      close()
      void folder.removeEntry(name).catch(() => undefined)
    }
    return file
  }

  /** The lock says that this worker lives; folders without one are those of workers that ended. */
  private async start(): Promise<FileSystemDirectoryHandle> {
    const all = await privateFolder(TEMPORARY)
    const name = (worker: string): string => `${TEMPORARY}/${worker}`
    void navigator.locks.request(name(this.worker), () => new Promise(() => undefined))
    const { held = [] } = await navigator.locks.query()
    const alive = new Set(held.map((lock) => lock.name))
    for await (const [worker] of all as unknown as AsyncIterable<[string, FileSystemHandle]>) {
      if (worker === this.worker || alive.has(name(worker))) continue
      await all.removeEntry(worker, { recursive: true }).catch(() => undefined)
    }
    return all.getDirectoryHandle(this.worker, { create: true })
  }
}
