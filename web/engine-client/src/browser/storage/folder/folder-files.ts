// FolderFiles: the flow files of a linked folder, and what is remembered of each since it was last the same as its flow.
import { WeirError } from '../../../errors.ts'
import { answerOf } from '../database.ts'
import { isNamed, type Connection } from '../connection.ts'
import { FOLDER_FILES, FOLDERS } from '../schema.ts'

const LINKED = 'linked'
export const ENDING = '.flow.json'

/** A file as it was when it and its flow were last the same. */
export interface KnownFile {
  file: string
  /** Empty: the person wants none of it. */
  flow: string
  text: string
  modified: number
  /** Of the flow. */
  revision: number
}

export interface FoundFile {
  file: string
  text: string
  modified: number
}

/** Permissions are not in the types of the language yet. */
interface PermissionHandle extends FileSystemDirectoryHandle {
  queryPermission?(how: { mode: 'readwrite' }): Promise<PermissionState>
  requestPermission?(how: { mode: 'readwrite' }): Promise<PermissionState>
}

export class FolderFiles {
  constructor(private readonly connection: Connection) {}

  handle(): Promise<PermissionHandle | undefined> {
    return this.connection.read([FOLDERS], async (transaction) => {
      return (await answerOf(transaction.objectStore(FOLDERS).get(LINKED))) as PermissionHandle | undefined
    })
  }

  /** What was known of the files of another folder is forgotten. */
  async link(handle: FileSystemDirectoryHandle | undefined): Promise<void> {
    await this.connection.write([FOLDERS, FOLDER_FILES], { what: 'the linked folder' }, (transaction) => {
      transaction.objectStore(FOLDER_FILES).clear()
      if (handle) transaction.objectStore(FOLDERS).put(handle, LINKED)
      else transaction.objectStore(FOLDERS).delete(LINKED)
      return Promise.resolve()
    })
  }

  known(): Promise<KnownFile[]> {
    return this.connection.read([FOLDER_FILES], (transaction) => {
      return answerOf(transaction.objectStore(FOLDER_FILES).getAll()) as Promise<KnownFile[]>
    })
  }

  async remember(known: KnownFile): Promise<void> {
    const purpose = { what: `what is known of '${known.file}'`, bytes: known.text.length }
    await this.connection.write([FOLDER_FILES], purpose, (transaction) => {
      transaction.objectStore(FOLDER_FILES).put(known)
      return Promise.resolve()
    })
  }

  async forget(file: string): Promise<void> {
    await this.connection.write([FOLDER_FILES], { what: `what is known of '${file}'` }, (transaction) => {
      transaction.objectStore(FOLDER_FILES).delete(file)
      return Promise.resolve()
    })
  }

  /** Flow files right in the folder. */
  async list(): Promise<string[]> {
    const names: string[] = []
    for await (const [name, entry] of (await this.folder()) as unknown as AsyncIterable<[string, FileSystemHandle]>) {
      if (entry.kind === 'file' && name.endsWith(ENDING)) names.push(name)
    }
    return names.sort()
  }

  /** undefined: there is no such file. */
  async read(file: string): Promise<FoundFile | undefined> {
    const folder = await this.folder()
    return inFolder(file, async () => {
      try {
        const found = await (await folder.getFileHandle(file)).getFile()
        return { file, text: await found.text(), modified: found.lastModified }
      } catch (reason) {
        if (isNamed(reason, 'NotFoundError')) return undefined
        throw reason
      }
    })
  }

  /** Only if the file is still as `before` says; otherwise throws storage.folder_changed and leaves it as it is. */
  async write(file: string, text: string, before: FoundFile | undefined): Promise<FoundFile> {
    const folder = await this.folder()
    return inFolder(file, async () => {
      const handle = await folder.getFileHandle(file, { create: true })
      const writable = await handle.createWritable()
      try {
        await writable.write(text)
        // What was written appears with close(); somebody may have been quicker meanwhile.
        const now = await handle.getFile()
        const isSame = before ? now.lastModified === before.modified : now.size === 0
        if (!isSame && (await now.text()) !== (before?.text ?? '')) throw changedMeanwhile(file)
        await writable.close()
      } catch (reason) {
        await writable.abort().catch(() => undefined)
        throw reason
      }
      return { file, text, modified: (await handle.getFile()).lastModified }
    })
  }

  async remove(file: string): Promise<void> {
    const folder = await this.folder()
    await inFolder(file, async () => {
      await folder.removeEntry(file)
    })
  }

  private async folder(): Promise<FileSystemDirectoryHandle> {
    const handle = await this.handle()
    if (!handle) throw new WeirError('storage.not_found', 'no folder is linked; link one first')
    if ((await permissionOf(handle)) === 'granted') return handle
    throw new WeirError('storage.folder_denied', `the browser must be allowed again to use the folder '${handle.name}'`)
  }
}

/** Handles of the private file system need no permission. */
export async function permissionOf(handle: PermissionHandle): Promise<PermissionState> {
  return (await handle.queryPermission?.({ mode: 'readwrite' })) ?? 'granted'
}

/** In a click of the person only. */
export async function askFor(handle: PermissionHandle): Promise<boolean> {
  if ((await permissionOf(handle)) === 'granted') return true
  return (await handle.requestPermission?.({ mode: 'readwrite' })) === 'granted'
}

export function changedMeanwhile(file: string): WeirError {
  return new WeirError('storage.folder_changed', `'${file}' was changed by somebody else; look at the folder again`)
}

async function inFolder<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (reason) {
    if (reason instanceof WeirError) throw reason
    const words = reason instanceof Error || reason instanceof DOMException ? reason.message : String(reason)
    const code = isNamed(reason, 'NotAllowedError') ? 'storage.folder_denied' : 'storage.unavailable'
    throw new WeirError(code, `'${file}' in the linked folder cannot be used: ${words}`, true)
  }
}
