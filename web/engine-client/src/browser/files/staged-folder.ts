// StagedFolder: what a run has not finished writing lies in the private file system, where it outlives the page.
import { WeirError } from '../../errors.ts'
import type { FileMode } from '../../hosts/host-calls.ts'
import type { Entry, Folder, NamedEntry, Now, OpenFile } from './folder.ts'
import { readOnly } from './folder.ts'
import type { HandleFolder } from './handle-folder.ts'

/** What the engine writes before it publishes it (FileSink). */
const PART = /(^|\/)\.[^/]+\.weir-part$/
const LONGEST_NAME = 200

/** One name for a path: no two paths have the same. */
async function nameOf(mount: string, path: string): Promise<string> {
  const name = encodeURIComponent(`${mount}:${path}`)
  if (name.length <= LONGEST_NAME) return name
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(name)))
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

export class StagedFolder implements Folder {
  constructor(
    private readonly mount: string,
    private readonly folder: Folder,
    /** One folder for all mounts of a run. */
    private readonly stage: HandleFolder
  ) {}

  open(path: string, mode: FileMode): Now<OpenFile> {
    if (!PART.test(path)) return this.folder.open(path, mode)
    if (!this.folder.take) throw readOnly(path)
    return nameOf(this.mount, path).then((name) => this.stage.open(name, mode))
  }

  stat(path: string): Now<Entry> {
    return PART.test(path) ? nameOf(this.mount, path).then((name) => this.stage.stat(name)) : this.folder.stat(path)
  }

  list(path: string): Now<NamedEntry[]> {
    return this.folder.list(path)
  }

  /** It goes to its place whole; where the platform cannot rename it there, it stays here until the copy is whole. */
  async publish(from: string, to: string): Promise<void> {
    if (!PART.test(from)) return this.folder.publish(from, to)
    if (!this.folder.take) throw readOnly(to)
    const name = await nameOf(this.mount, from)
    const handle = await this.stage.handleOf(name)
    const isMoved = await this.folder.take(handle, to)
    if (isMoved) return
    await Promise.resolve(this.stage.remove(name)).catch((reason: unknown) => {
      if (!(reason instanceof WeirError) || reason.code !== 'files.not_found') throw reason
    })
  }

  remove(path: string): Now<void> {
    return PART.test(path) ? nameOf(this.mount, path).then((name) => this.stage.remove(name)) : this.folder.remove(path)
  }

  makeFolders(path: string): Now<void> {
    return this.folder.makeFolders(path)
  }
}
