// privateFolder: a folder of the origin's private file system.
import { fileErrors } from './folder.ts'

/** It is made if it is not there. */
export function privateFolder(path: string): Promise<FileSystemDirectoryHandle> {
  return fileErrors(path, async () => {
    let folder = await navigator.storage.getDirectory()
    for (const part of path.split('/').filter((one) => one !== '')) {
      folder = await folder.getDirectoryHandle(part, { create: true })
    }
    return folder
  })
}
