// Permission: whether the page may still open the folders and files of a run, and asking for it again.
import { WeirError } from '../../errors.ts'
import { fileErrors } from '../files/folder.ts'
import type { FolderSource } from '../files/folder-source.ts'
import type { KeptRecord } from './kept-run.ts'

type Mode = 'read' | 'readwrite'
type AskedHandle = FileSystemHandle & {
  queryPermission?(what: { mode: Mode }): Promise<PermissionState>
  requestPermission?(what: { mode: Mode }): Promise<PermissionState>
}

function handlesIn(source: FolderSource): FileSystemHandle[] {
  switch (source.kind) {
    case 'memory':
    case 'private':
      return []
    case 'picked':
      return [source.handle]
    case 'files':
      return source.root ? [source.root] : source.files.flatMap((one) => (one.handle ? [one.handle] : []))
    case 'layers':
      return source.layers.flatMap(handlesIn)
  }
}

/** What takes what a mount is written. */
function topOf(source: FolderSource): FolderSource | undefined {
  return source.kind === 'layers' ? source.layers[0] && topOf(source.layers[0]) : source
}

/** Names of the mounts that may be written now: the same will be asked for again. */
export async function grantedNow(folders: Record<string, FolderSource>): Promise<string[]> {
  const names: string[] = []
  for (const [name, source] of Object.entries(folders)) {
    const top = topOf(source)
    if (top?.kind !== 'picked') continue
    const state = await (top.handle as AskedHandle).queryPermission?.({ mode: 'readwrite' })
    if (state === undefined || state === 'granted') names.push(name)
  }
  return names
}

/** Asks for what is missing (`files.denied` if it is refused); or only says whether something is. */
export async function permitted(record: KeptRecord, asks = true): Promise<boolean> {
  for (const [name, source] of Object.entries(record.folders)) {
    const top = topOf(source)
    for (const handle of handlesIn(source)) {
      const isTop = top?.kind === 'picked' && top.handle === handle
      const mode: Mode = isTop && record.writable.includes(name) ? 'readwrite' : 'read'
      const asked = handle as AskedHandle
      let state = (await asked.queryPermission?.({ mode })) ?? 'granted'
      if (state !== 'granted' && !asks) return false
      if (state === 'prompt') state = (await asked.requestPermission?.({ mode })) ?? 'granted'
      if (state === 'granted') continue
      throw new WeirError(
        'files.denied',
        `'${handle.name}' may not be opened: the page was not permitted to; go on with the run once more and allow it`
      )
    }
  }
  return true
}

/** The same folders as the database keeps them: files that have a handle without their bytes, which it would copy. */
export function withoutBytes(source: FolderSource): FolderSource {
  if (source.kind === 'layers') return { kind: 'layers', layers: source.layers.map(withoutBytes) }
  if (source.kind !== 'files') return source
  return { ...source, files: source.files.map((one) => ({ ...one, file: new File([], one.file.name) })) }
}

/** The same folders with files as they are now. */
export async function opened(folders: Record<string, FolderSource>): Promise<Record<string, FolderSource>> {
  const now: Record<string, FolderSource> = {}
  for (const [name, source] of Object.entries(folders)) now[name] = await openedSource(source)
  return now
}

async function openedSource(source: FolderSource): Promise<FolderSource> {
  if (source.kind === 'layers') return { kind: 'layers', layers: await Promise.all(source.layers.map(openedSource)) }
  if (source.kind !== 'files') return source
  const files = await Promise.all(
    source.files.map(async ({ path, file, handle }) =>
      handle ? { path, file: await fileErrors(path, () => handle.getFile()), handle } : { path, file }
    )
  )
  return { ...source, files }
}
