// FolderSource: where the files of a mount are. It can be posted to a worker.

export interface NamedFile {
  path: string
  file: File
  /** With it the file can be opened again after a reload. */
  handle?: FileSystemFileHandle
}

export type FolderSource =
  /** Files that live as long as the run. */
  | { kind: 'memory'; files?: Record<string, string | Uint8Array> }
  /** Files that were dropped or picked; they are read in place, and cannot be written. */
  | {
      kind: 'files'
      files: NamedFile[]
      /** The folder that all of them lie in: permission is asked for it, once. */
      root?: FileSystemDirectoryHandle
    }
  /** A folder that was picked; the page has asked for permission. */
  | { kind: 'picked'; handle: FileSystemDirectoryHandle }
  /** A folder of the origin's private file system; it is made if it is not there. */
  | { kind: 'private'; path: string }
  /** A file is read from the first that has it; the first one takes what is written. */
  | { kind: 'layers'; layers: FolderSource[] }

/** The files of an input, by the paths that they have below the folder that was chosen. */
export function filesSource(files: Iterable<File>): FolderSource & { kind: 'files' } {
  const given = Array.from(files, (file) => {
    const inside = file.webkitRelativePath.split('/').slice(1).join('/')
    return { path: inside === '' ? file.name : inside, file }
  })
  return { kind: 'files', files: withOwnPaths(given) }
}

/** No file takes the place of another: of those with one path the second becomes `name (2).csv`. */
export function withOwnPaths(files: readonly NamedFile[]): NamedFile[] {
  const taken = new Set<string>()
  return files.map((given) => {
    const { path } = given
    let own = path
    const dot = path.indexOf('.', path.lastIndexOf('/') + 2)
    const [stem, ending] = dot < 0 ? [path, ''] : [path.slice(0, dot), path.slice(dot)]
    for (let i = 2; taken.has(own); i++) own = `${stem} (${i})${ending}`
    taken.add(own)
    return { ...given, path: own }
  })
}
