// GivenFolders: the folders and files that a person gave to the engine of this browser, by names that paths of flows begin with.
import type { Dropped, FolderSource } from '@weir/engine-client/browser'
import { freeOf } from './readers.ts'

/** What of a handle is used; not every browser asks for permissions. */
type Handle = FileSystemDirectoryHandle & {
  queryPermission?: (how: { mode: 'read' }) => Promise<PermissionState>
  requestPermission?: (how: { mode: 'read' }) => Promise<PermissionState>
}

interface KeptFolder {
  name: string
  handle: Handle
}

const kDatabase = 'weir-folders'

function answer<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => {
      resolve(request.result)
    }
    request.onerror = () => {
      reject(request.error ?? new Error('the browser keeps no folders'))
    }
  })
}

function opened(name: string): Promise<IDBDatabase> {
  const request = indexedDB.open(name, 1)
  request.onupgradeneeded = () => {
    request.result.createObjectStore('folders', { keyPath: 'name' })
  }
  return answer(request)
}

/** A name that a path can begin with: letters, digits, hyphens. */
function mountName(given: Dropped): string {
  const [only] = given.files
  const name = given.root?.name ?? (given.files.length === 1 ? (only?.path ?? '') : 'files')
  const plain = name
    .replace(/\.[^.]*$/, '')
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-+|-+$/g, '')
  return plain === '' ? 'files' : plain.slice(0, 40)
}

/** One for the page. Folders are known after a reload where the browser lets a page come back to them; files are not. */
export class GivenFolders {
  private readonly sources = new Map<string, FolderSource>()
  private readonly listeners = new Set<() => void>()

  constructor(private readonly database = kDatabase) {}

  /** Takes what was dropped; the path before the files, such as `orders:`. */
  async take(given: Dropped): Promise<string> {
    const kept = await this.kept()
    const same = await sameFolder(kept, given.root)
    const taken = new Set([...this.sources.keys(), ...kept.map((folder) => folder.name)])
    const name = same ?? freeOf(mountName(given), taken)
    this.sources.set(name, {
      kind: 'files',
      files: given.files,
      ...(given.root === undefined ? {} : { root: given.root })
    })
    if (given.root !== undefined) await this.keep({ name, handle: given.root })
    this.tell()
    return `${name}:`
  }

  /** All that can be read now, as a run is given it. */
  async folders(): Promise<Record<string, FolderSource>> {
    const found = new Map(this.sources)
    for (const { name, handle } of await this.kept()) {
      if (!found.has(name) && (await permissionOf(handle)) === 'granted') found.set(name, { kind: 'picked', handle })
    }
    return Object.fromEntries(found)
  }

  /** Of these names those that wait for the person's permission. */
  async waiting(names: readonly string[]): Promise<string[]> {
    const found: string[] = []
    for (const { name, handle } of await this.kept()) {
      if (!names.includes(name) || this.sources.has(name)) continue
      if ((await permissionOf(handle)) === 'prompt') found.push(name)
    }
    return found
  }

  /** Asks for all of them; in a click only. */
  async allow(names: readonly string[]): Promise<void> {
    const kept = await this.kept()
    for (const { name, handle } of kept) if (names.includes(name)) await handle.requestPermission?.({ mode: 'read' })
    this.tell()
  }

  /** Called when a folder more can be read. Gives what ends that. */
  subscribe(listener: () => void): () => void {
    this.listeners.add(listener)
    return () => {
      this.listeners.delete(listener)
    }
  }

  private tell(): void {
    for (const listener of this.listeners) listener()
  }

  private async keep(folder: KeptFolder): Promise<void> {
    try {
      const database = await opened(this.database)
      await answer(database.transaction('folders', 'readwrite').objectStore('folders').put(folder))
      database.close()
    } catch {
      // It can be read as long as the page is there.
    }
  }

  private async kept(): Promise<KeptFolder[]> {
    try {
      const database = await opened(this.database)
      const all = database.transaction('folders').objectStore('folders').getAll() as IDBRequest<KeptFolder[]>
      const found = await answer(all)
      database.close()
      return found
    } catch {
      return []
    }
  }
}

async function permissionOf(handle: Handle): Promise<PermissionState> {
  return (await handle.queryPermission?.({ mode: 'read' })) ?? 'granted'
}

/** The name under which a folder is known already. */
async function sameFolder(kept: readonly KeptFolder[], root: Dropped['root']): Promise<string | undefined> {
  if (root === undefined) return undefined
  for (const { name, handle } of kept) if (await root.isSameEntry(handle)) return name
  return undefined
}
