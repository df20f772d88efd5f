// What of the folders of this browser has to go with a flow: the files that its readers match, and why some cannot.
import { isList, memberOf, textMember } from '@weir/flow-model'
import type { FlowDocument } from '@weir/flow-model'
import { bytes as sizeOf } from '@weir/ui/figures/figures.ts'

/** A file by its path below its mount. */
export interface UploadFile {
  path: string
  bytes: number
}

export interface RefusedFile {
  path: string
  /** For a person, behind the path. */
  why: string
}

/** The files of one mount. */
export interface UploadPlan {
  mount: string
  /** The folder among the own files there that takes them; empty for `project`, whose files keep their paths. */
  into: string
  files: readonly UploadFile[]
  /** What the other home takes from nobody. */
  refused: readonly RefusedFile[]
  /** Of `files`. */
  bytes: number
  /** Paths that only a run knows, such as those with a parameter. */
  unknown: readonly string[]
}

/** The files of this browser, as runs of the flow see them. */
export interface UploadSource {
  /** What globs match, by paths as a node names them. */
  list: (globs: readonly string[]) => Promise<readonly UploadFile[]>
  /** A file by such a path, not read yet; undefined: it cannot be opened. */
  open: (path: string) => Promise<File | undefined>
}

/** The most that a server takes as one file. */
export const kMostFileBytes = 64 * 1024 * 1024
/** As the service has them. */
const kMost = { pathBytes: 1024, partBytes: 200, parts: 32 }
const kReaders = new Set(
  ['csv-read', 'json-read', 'text-read', 'arrow-read', 'blob-read', 'list'].map((one) => `files/${one}`)
)
const kMount = /^([^:/]{2,}):(.*)$/s
/** No text has more than these bytes in UTF-8. */
const utf8 = new TextEncoder()

/** `orders:2026/a.csv` as `orders` and `2026/a.csv`; without a mount it is of `project`. */
function placeOf(path: string): { mount: string; rest: string } {
  const [, mount = 'project', rest = path] = kMount.exec(path) ?? []
  return { mount, rest }
}

/** What the readers of a document look for, by mount; whole paths are of no folder of a browser. */
export function readGlobs(document: FlowDocument): Map<string, string[]> {
  const found = new Map<string, Set<string>>()
  for (const node of document.nodes()) {
    if (!kReaders.has(node.typeId)) continue
    const more = memberOf(node.settings, 'morePaths')
    const paths = [textMember(node.settings, 'path'), ...(isList(more) ? more : [])]
    for (const path of paths) {
      if (typeof path !== 'string' || path === '' || path.startsWith('/')) continue
      const { mount } = placeOf(path)
      const isDeep = node.typeId === 'files/list' && memberOf(node.settings, 'recursive') === true
      found.set(mount, (found.get(mount) ?? new Set()).add(isDeep ? inAllFolders(path) : path))
    }
  }
  return new Map([...found].map(([mount, globs]) => [mount, [...globs]]))
}

/** What a list *with all folders below* looks for. */
function inAllFolders(path: string): string {
  return path.includes('**') ? path : path.replace(/[^/:]*[*?[{][^/:]*$/, '**/$&')
}

/** A folder of its own for each mount, by a name that no glob reads as anything else. */
export function foldersThere(mounts: readonly string[]): Map<string, string> {
  const taken = new Set<string>()
  const found = new Map<string, string>()
  for (const mount of mounts) {
    const plain = mount.replace(/[^\p{L}\p{N}_-]+/gu, '-').replace(/^-+|-+$/g, '')
    const name = Array.from(plain === '' ? 'files' : plain)
      .slice(0, 40)
      .join('')
    let own = name
    for (let i = 2; taken.has(own); ++i) own = `${name}-${i}`
    taken.add(own)
    found.set(mount, own)
  }
  return found
}

/** Why a server takes no such file; empty if it does. */
export function whyNot(path: string, bytes: number): string {
  if (bytes > kMostFileBytes) return `is ${sizeOf(bytes)}: a server takes files of ${sizeOf(kMostFileBytes)} at most`
  if (utf8.encode(path).length > kMost.pathBytes) return 'has a path of more than 1,024 bytes'
  if (/[\u0000-\u001f\u007f\\]/.test(path)) return 'has a control character or a \\ in its name'
  const parts = path.split('/')
  if (parts.length > kMost.parts) return 'lies in more than 32 folders'
  if (parts.includes('')) return 'has a part without a name in its path'
  if (parts.some((part) => part.startsWith('.'))) return 'is hidden: a name begins with a dot'
  if (parts.some((part) => utf8.encode(part).length > kMost.partBytes)) return 'has a name of more than 200 bytes'
  return ''
}

/** The path of a file there. */
export function pathThere(into: string, path: string): string {
  return into === '' ? path : `${into}/${path}`
}

/** The files of a mount that a flow reads; a mount that it only writes into has none. @throws what the listing throws */
export async function planUpload(
  mount: string,
  into: string,
  globs: readonly string[],
  source: UploadSource
): Promise<UploadPlan> {
  const known = globs.filter((glob) => !glob.includes('${'))
  const found = known.length === 0 ? [] : await source.list(known)
  const files: UploadFile[] = []
  const refused: RefusedFile[] = []
  for (const { path, bytes } of found) {
    const place = placeOf(path)
    if (place.mount !== mount) continue
    const why = whyNot(pathThere(into, place.rest), bytes)
    if (why === '') files.push({ path: place.rest, bytes })
    else refused.push({ path: place.rest, why })
  }
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
  return { mount, into, files, refused, bytes, unknown: globs.filter((glob) => glob.includes('${')) }
}
