// The folders that this browser remembers between visits: their names, and handles where the browser gives them.

/** What of a handle is used; not every browser asks for permissions. */
export type Permitted<Handle> = Handle & {
  queryPermission?: (how: { mode: 'read' | 'readwrite' }) => Promise<PermissionState>
  requestPermission?: (how: { mode: 'read' | 'readwrite' }) => Promise<PermissionState>
}

export interface KeptFile {
  path: string
  handle: Permitted<FileSystemFileHandle>
}

/** With neither a folder nor files only its name is known: what it held is gone with the page that had it. */
export interface KeptFolder {
  name: string
  handle?: Permitted<FileSystemDirectoryHandle>
  files?: readonly KeptFile[]
}

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

/** A browser that keeps nothing has none, and that is no error: what was given is there as long as the page is. */
export class KeptFolders {
  constructor(private readonly database: string) {}

  async keep(folder: KeptFolder): Promise<void> {
    try {
      const database = await opened(this.database)
      await answer(database.transaction('folders', 'readwrite').objectStore('folders').put(folder))
      database.close()
    } catch {
      // It can be read as long as the page is there.
    }
  }

  async list(): Promise<KeptFolder[]> {
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

function handlesOf({ handle, files = [] }: KeptFolder): Permitted<FileSystemHandle>[] {
  return handle === undefined ? files.map((file) => file.handle) : [handle]
}

/** Of all that is in it: what still has to be asked for comes first. */
export async function permissionOf(folder: KeptFolder): Promise<PermissionState> {
  let worst: PermissionState = 'granted'
  for (const handle of handlesOf(folder)) {
    const state = (await handle.queryPermission?.({ mode: 'read' })) ?? 'granted'
    if (state === 'prompt') return state
    if (state === 'denied') worst = state
  }
  return worst
}

/** Has the browser ask; in a click only. */
export async function askFor(folder: KeptFolder): Promise<void> {
  for (const handle of handlesOf(folder)) await handle.requestPermission?.({ mode: 'read' })
}

/** The same for writing into a folder; whether the page may. */
export async function askToWrite(folder: Permitted<FileSystemDirectoryHandle>): Promise<boolean> {
  const how = { mode: 'readwrite' } as const
  if ((await folder.queryPermission?.(how)) === 'granted') return true
  // Outside of a click a browser refuses to ask.
  return (await folder.requestPermission?.(how).catch(() => 'denied')) === 'granted'
}
