// Folders and files that a person chooses in the browser's own dialog; with handles where it gives them.
import { filesSource } from '@weir/engine-client/browser'
import type { Dropped, NamedFile } from '@weir/engine-client/browser'

type Picker = (how: { mode: 'read'; id: string }) => Promise<FileSystemDirectoryHandle>
interface Walked {
  values(): AsyncIterable<FileSystemHandle>
}

/** As many as are taken of what is dropped. */
const kMostFiles = 50_000
const kMostDepth = 32

/** The dialog that gives a folder which the page can come back to; undefined: this browser has none. */
export function folderPicker(): (() => Promise<FileSystemDirectoryHandle>) | undefined {
  const pick = (globalThis as { showDirectoryPicker?: Picker }).showDirectoryPicker
  return pick === undefined ? undefined : () => pick.call(globalThis, { mode: 'read', id: 'weir-files' })
}

/** All files of a folder, folders within it too; what is hidden is left out. */
export async function filesOfFolder(root: FileSystemDirectoryHandle): Promise<Dropped> {
  const files: NamedFile[] = []
  const unreadable: string[] = []
  let more = false
  const open = async (handle: FileSystemFileHandle, path: string): Promise<void> => {
    try {
      files.push({ path, file: await handle.getFile(), handle })
    } catch {
      unreadable.push(path)
    }
  }
  const walk = async (folder: FileSystemDirectoryHandle, path: string, depth: number): Promise<void> => {
    if (depth > kMostDepth) {
      more = true
      return
    }
    for await (const handle of (folder as unknown as Walked).values()) {
      if (handle.name.startsWith('.')) continue
      if (handle.kind === 'directory')
        await walk(handle as FileSystemDirectoryHandle, `${path}${handle.name}/`, depth + 1)
      else if (files.length < kMostFiles) await open(handle as FileSystemFileHandle, path + handle.name)
      else more = true
    }
  }
  await walk(root, '', 0)
  files.sort((a, b) => (a.path < b.path ? -1 : 1))
  return { files, root, name: root.name, unreadable, more }
}

/** What an input of the page gave: plain files, which are gone with the page. */
export function filesOfInput(files: readonly File[]): Dropped {
  const given = filesSource(files).files
  const [folder, ...rest] = files[0]?.webkitRelativePath.split('/') ?? []
  return {
    files: given,
    unreadable: [],
    more: false,
    ...(rest.length > 0 && folder !== undefined ? { name: folder } : {})
  }
}
