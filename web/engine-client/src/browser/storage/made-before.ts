// MadeBefore: remembers beside the database that there was one, so that a browser that threw it away does not go unnoticed.
import { privateRoot } from './payload-files.ts'

const FOLDER = '.weir-databases'

/** A database of this name has just been made anew: whether there was one before, which is gone then. Never fails. */
export async function wasMadeBefore(name: string): Promise<boolean> {
  try {
    const folder = await (await privateRoot()).getDirectoryHandle(FOLDER, { create: true })
    const file = encodeURIComponent(name)
    for await (const [found] of folder as unknown as AsyncIterable<[string, FileSystemHandle]>) {
      if (found === file) return true
    }
    await folder.getFileHandle(file, { create: true })
    return false
  } catch {
    return false
  }
}
