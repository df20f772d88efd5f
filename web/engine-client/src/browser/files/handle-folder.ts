// HandleFolder: a folder of the private file system, or one that a person has picked.
import { WeirError } from '../../errors.ts'
import type { FileMode } from '../../hosts/host-calls.ts'
import { fileErrors, FOLDER, type Entry, type Folder, type NamedEntry, type OpenFile } from './folder.ts'
import { GivenFile } from './given-files.ts'
import { SyncFile, WritableFile } from './handle-files.ts'

type MovableHandle = FileSystemFileHandle & { move?(to: FileSystemDirectoryHandle, name: string): Promise<void> }

function splitPath(path: string): { folders: string[]; name: string } {
  const folders = path.split('/').filter((part) => part !== '')
  return { folders, name: folders.pop() ?? '' }
}

function entryOf(file: File): Entry {
  return { folder: false, sizeBytes: file.size, modifiedMicros: file.lastModified * 1000 }
}

/** Files of a folder that are asked for their size together. */
const AT_ONCE = 64

interface Walked {
  values(): AsyncIterable<FileSystemHandle>
}

async function namedEntry(handle: FileSystemHandle): Promise<NamedEntry> {
  const isFile = handle.kind === 'file'
  return { name: handle.name, ...(isFile ? entryOf(await (handle as FileSystemFileHandle).getFile()) : FOLDER) }
}

export class HandleFolder implements Folder {
  constructor(
    private readonly root: FileSystemDirectoryHandle,
    /** In the private file system files are written at once, and renamed whole. */
    private readonly isPrivate: boolean
  ) {}

  open(path: string, mode: FileMode): Promise<OpenFile> {
    return fileErrors(path, async () => {
      const handle = await this.file(path, mode !== 'read')
      if (mode === 'read') return this.reading(path, handle)
      if (this.isPrivate) return SyncFile.open(handle, mode === 'create')
      return WritableFile.open(handle, mode === 'append')
    })
  }

  stat(path: string): Promise<Entry> {
    return fileErrors(path, async () => {
      if (path === '') return FOLDER
      try {
        return entryOf(await (await this.file(path, false)).getFile())
      } catch (reason) {
        if (!(reason instanceof DOMException) || reason.name !== 'TypeMismatchError') throw reason
        await this.folder(path.split('/'), false)
        return FOLDER
      }
    })
  }

  list(path: string): Promise<NamedEntry[]> {
    return fileErrors(path, async () => {
      const folder = await this.folder(path.split('/'), false)
      const found: FileSystemHandle[] = []
      for await (const handle of (folder as unknown as Walked).values()) found.push(handle)
      const entries: NamedEntry[] = []
      for (let i = 0; i < found.length; i += AT_ONCE) {
        entries.push(...(await Promise.all(found.slice(i, i + AT_ONCE).map(namedEntry))))
      }
      return entries
    })
  }

  publish(from: string, to: string): Promise<void> {
    return fileErrors(to, async () => {
      if (!(await this.take(await this.file(from, false), to))) await this.remove(from)
    })
  }

  take(file: FileSystemFileHandle, to: string): Promise<boolean> {
    return fileErrors(to, async () => {
      const source: MovableHandle = file
      const { folders, name } = splitPath(to)
      const folder = await this.folder(folders, true)
      if (this.isPrivate && source.move) {
        await source.move(folder, name)
        return true
      }
      // A picked folder cannot rename over a file; what createWritable has taken appears whole when it is closed.
      const target = await folder.getFileHandle(name, { create: true })
      await (await source.getFile()).stream().pipeTo(await target.createWritable())
      return false
    })
  }

  /** Of a file that is there. */
  handleOf(path: string): Promise<FileSystemFileHandle> {
    return fileErrors(path, () => this.file(path, false))
  }

  remove(path: string): Promise<void> {
    return fileErrors(path, async () => {
      const { folders, name } = splitPath(path)
      await (await this.folder(folders, false)).removeEntry(name)
    })
  }

  makeFolders(path: string): Promise<void> {
    return fileErrors(path, async () => {
      await this.folder(path.split('/'), true)
    })
  }

  private async reading(path: string, handle: FileSystemFileHandle): Promise<OpenFile> {
    if (!this.isPrivate) return new GivenFile(path, await handle.getFile())
    return (await SyncFile.openToRead(handle)) ?? new GivenFile(path, await handle.getFile())
  }

  private async file(path: string, create: boolean): Promise<FileSystemFileHandle> {
    const { folders, name } = splitPath(path)
    if (name === '') throw new WeirError('files.is_folder', `'${path}' is a folder`)
    return (await this.folder(folders, create)).getFileHandle(name, { create })
  }

  private async folder(parts: string[], create: boolean): Promise<FileSystemDirectoryHandle> {
    let folder = this.root
    for (const part of parts) if (part !== '') folder = await folder.getDirectoryHandle(part, { create })
    return folder
  }
}
