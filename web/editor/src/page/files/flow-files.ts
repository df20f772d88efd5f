// FlowFiles: what the runs of a flow in this browser read and write: the folders that were given, and a folder of the flow's own.
import type { FolderSource } from '@weir/engine-client/browser'
import { memberOf, parseJson, textMember } from '@weir/flow-model'
import type { Json } from '@weir/flow-model'
import type { StartOptions, WrittenFile } from '../../run/shown-run.ts'
import type { GivenFolders } from './given-folders.ts'

const kOwn = 'flow-files'

/** `orders:out/a.csv` as `orders` and its parts; without a folder's name it is a file of the flow's own. */
function placeOf(path: string): { mount: string; parts: string[] } {
  const [, mount = 'project', rest = path] = /^([^:/]{2,}):(.*)$/.exec(path) ?? []
  return { mount, parts: rest.split('/').filter((part) => part !== '' && part !== '.') }
}

function ownPath(flow: string): string {
  return `${kOwn}/${encodeURIComponent(flow === '' ? 'flow' : flow)}`
}

/** Whether the browser lets a page keep files; where it does not, what a run writes is gone with it. */
async function keepsFiles(): Promise<boolean> {
  try {
    await navigator.storage.getDirectory()
    return true
  } catch {
    return false
  }
}

/** The folders into which the nodes of a document write that may. */
function writtenFolders(text: string, { kind, preview = kind === 'sample', writes }: StartOptions): Set<string> {
  const read = parseJson(text)
  const nodes = read.ok ? memberOf(read.value, 'nodes') : undefined
  const found = new Set<string>()
  for (const node of Array.isArray(nodes) ? (nodes as Json[]) : []) {
    const mayWrite = writes?.includes(textMember(node, 'id')) ?? !preview
    const path = textMember(memberOf(node, 'settings'), 'path')
    if (mayWrite && path !== '') found.add(placeOf(path).mount)
  }
  return found
}

async function fileIn(root: FileSystemDirectoryHandle, parts: readonly string[]): Promise<File> {
  let folder = root
  for (const part of parts.slice(0, -1)) folder = await folder.getDirectoryHandle(part)
  return (await folder.getFileHandle(parts.at(-1) ?? '')).getFile()
}

/** One for the page. */
export class FlowFiles {
  constructor(private readonly given: GivenFolders) {}

  /** For a run; called in the click that starts it, since the browser may ask whether the page may write. */
  async folders(text: string, options: StartOptions): Promise<Record<string, FolderSource>> {
    const read = parseJson(text)
    const flow = read.ok ? textMember(read.value, 'id') : ''
    const written = writtenFolders(text, options)
    for (const name of written) await this.given.mayWrite(name)
    const own: FolderSource = (await keepsFiles()) ? { kind: 'private', path: ownPath(flow) } : { kind: 'memory' }
    return { project: own, ...(await this.given.folders((name) => text.includes(`"${name}:`))) }
  }

  /** Any file that runs of the flow read or write, by its path; undefined if it cannot be read now. */
  async fileOf(flow: string, path: string): Promise<File | undefined> {
    const { mount, parts } = placeOf(path)
    if (parts.length === 0 || parts.includes('..')) return undefined
    try {
      if (mount === 'project') {
        const root = await ownRoot(flow)
        return root === undefined ? undefined : await fileIn(root, parts)
      }
      const source = (await this.given.folders((name) => name === mount))[mount]
      if (source?.kind === 'picked') return await fileIn(source.handle, parts)
      if (source?.kind !== 'files') return undefined
      const given = source.files.find((one) => one.path === parts.join('/'))?.file
      return given ?? (source.root === undefined ? undefined : await fileIn(source.root, parts))
    } catch {
      return undefined
    }
  }

  /** A file that a run of the flow has written; undefined if there is none. */
  async written(flow: string, path: string): Promise<WrittenFile | undefined> {
    const { mount, parts } = placeOf(path)
    if (parts.length === 0 || parts.includes('..')) return undefined
    const isOwn = mount === 'project'
    const root = isOwn ? await ownRoot(flow) : await this.given.handleOf(mount)
    if (root === undefined) return undefined
    const look = (): Promise<File> => fileIn(root, parts)
    try {
      const { size, lastModified } = await look()
      const where = isOwn ? `${parts.join(' / ')}, kept in this browser` : [mount, ...parts].join(' / ')
      return { path, name: parts.at(-1) ?? path, where, bytes: size, modifiedAt: lastModified, file: look }
    } catch {
      return undefined
    }
  }
}

async function ownRoot(flow: string): Promise<FileSystemDirectoryHandle | undefined> {
  try {
    const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle(kOwn)
    return await folder.getDirectoryHandle(ownPath(flow).slice(kOwn.length + 1))
  } catch {
    return undefined
  }
}
