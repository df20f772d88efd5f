// GivenFolders: the folders and files that a person gave to the engine of this browser, by names that paths of flows begin with.
import type { Dropped, FolderSource } from '@weir/engine-client/browser'
import { askFor, askToWrite, KeptFolders, permissionOf } from './kept-folders.ts'
import type { KeptFolder } from './kept-folders.ts'
import { freeOf } from './readers.ts'

const kDatabase = 'weir-folders'
/** More files than these are asked for again as a folder: a browser asks for each of them. */
const kMostKeptFiles = 10

/** A name that a path can begin with: letters, digits, hyphens; two of them at least. */
function mountName(given: Dropped): string {
  const [only] = given.files
  const name = given.root?.name ?? given.name ?? (given.files.length === 1 ? (only?.path ?? '') : 'files')
  const plain = name
    .replace(/\.[^.]*$/, '')
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-+|-+$/g, '')
  return plain.length < 2 ? `files${plain === '' ? '' : `-${plain}`}` : plain.slice(0, 40)
}

/** What a browser can come back to of it. */
function keptOf(name: string, { root, files }: Dropped): KeptFolder {
  if (root !== undefined) return { name, handle: root }
  const kept = files.flatMap(({ path, handle }) => (handle === undefined ? [] : [{ path, handle }]))
  return kept.length === files.length && kept.length <= kMostKeptFiles ? { name, files: kept } : { name }
}

function isGone({ handle, files }: KeptFolder): boolean {
  return handle === undefined && files === undefined
}

/** What a run reads of a folder that may be read. */
async function sourceOf({ handle, files = [] }: KeptFolder): Promise<FolderSource> {
  if (handle !== undefined) return { kind: 'picked', handle }
  const opened = await Promise.all(
    files.map(async (each) => ({ path: each.path, handle: each.handle, file: await each.handle.getFile() }))
  )
  return { kind: 'files', files: opened }
}

/** One for the page. Folders are known after a reload where the browser lets a page come back to them; others are asked for. */
export class GivenFolders {
  private readonly sources = new Map<string, FolderSource>()
  private readonly listeners = new Set<() => void>()
  private readonly kept: KeptFolders

  constructor(database = kDatabase) {
    this.kept = new KeptFolders(database)
  }

  /** Takes what was dropped; the path before the files, such as `orders:`. A folder that is known keeps its name. */
  async take(given: Dropped): Promise<string> {
    const kept = await this.kept.list()
    const same = await sameFolder(kept, given.root)
    const taken = new Set([...this.sources.keys(), ...kept.map((folder) => folder.name), 'project'])
    const name = same ?? freeOf(mountName(given), taken)
    await this.give(name, given)
    return `${name}:`
  }

  /** What a name stands for from now on: of a folder that flows name and that is not here. */
  async give(name: string, given: Dropped): Promise<void> {
    const { files, root } = given
    this.sources.set(name, { kind: 'files', files, ...(root === undefined ? {} : { root }) })
    await this.kept.keep(keptOf(name, given))
    this.tell()
  }

  /** What can be read now, as a run is given it; of all names, or those that are wanted. */
  async folders(isWanted: (name: string) => boolean = () => true): Promise<Record<string, FolderSource>> {
    const found = new Map([...this.sources].filter(([name]) => isWanted(name)))
    for (const folder of await this.kept.list()) {
      if (found.has(folder.name) || !isWanted(folder.name) || isGone(folder)) continue
      if ((await permissionOf(folder)) !== 'granted') continue
      // A file that is there no more is missed by the run, which names it.
      const source = await sourceOf(folder).catch(() => undefined)
      if (source !== undefined) found.set(folder.name, source)
    }
    return Object.fromEntries(found)
  }

  /** Of these names those that wait for the person's permission. */
  async waiting(names: readonly string[]): Promise<string[]> {
    return (await this.missing(names, (state) => state === 'prompt')).map((folder) => folder.name)
  }

  /** Of these names those that have to be chosen again: never given here, given as files alone, or refused. */
  async lost(names: readonly string[]): Promise<string[]> {
    const known = new Map((await this.kept.list()).map((folder) => [folder.name, folder]))
    const found: string[] = []
    for (const name of names) {
      const folder = known.get(name)
      if (this.sources.has(name)) continue
      if (folder === undefined || isGone(folder) || (await permissionOf(folder)) === 'denied') found.push(name)
    }
    return found
  }

  /** Asks for all of them; in a click only. */
  async allow(names: readonly string[]): Promise<void> {
    for (const folder of await this.missing(names, (state) => state === 'prompt')) await askFor(folder)
    this.tell()
  }

  /** Has the browser ask whether the page may write into a folder; in a click only. False: it may not. */
  async mayWrite(name: string): Promise<boolean> {
    const handle = await this.handleOf(name)
    if (handle === undefined || !(await askToWrite(handle))) return false
    this.sources.set(name, { kind: 'picked', handle })
    return true
  }

  /** The folder itself, where the browser gives it. */
  async handleOf(name: string): Promise<FileSystemDirectoryHandle | undefined> {
    const source = this.sources.get(name)
    if (source?.kind === 'files') return source.root
    if (source?.kind === 'picked') return source.handle
    return (await this.kept.list()).find((folder) => folder.name === name)?.handle
  }

  /** Called when a folder more can be read. Gives what ends that. */
  subscribe(listener: () => void): () => void {
    this.listeners.add(listener)
    return () => {
      this.listeners.delete(listener)
    }
  }

  private async missing(names: readonly string[], wanted: (state: PermissionState) => boolean): Promise<KeptFolder[]> {
    const found: KeptFolder[] = []
    for (const folder of await this.kept.list()) {
      if (!names.includes(folder.name) || this.sources.has(folder.name) || isGone(folder)) continue
      if (wanted(await permissionOf(folder))) found.push(folder)
    }
    return found
  }

  private tell(): void {
    for (const listener of this.listeners) listener()
  }
}

/** The name under which a folder is known already. */
async function sameFolder(kept: readonly KeptFolder[], root: Dropped['root']): Promise<string | undefined> {
  if (root === undefined) return undefined
  for (const { name, handle } of kept) if (handle !== undefined && (await root.isSameEntry(handle))) return name
  return undefined
}
