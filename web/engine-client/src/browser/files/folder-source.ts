// FolderSource: where the files of a mount are. It can be posted to a worker.

export type FolderSource =
  /** Files that live as long as the run. */
  | { kind: 'memory'; files?: Record<string, string | Uint8Array> }
  /** Files that were dropped or picked; they are read in place, and cannot be written. With a handle they can be opened again after a reload. */
  | { kind: 'files'; files: { path: string; file: File; handle?: FileSystemFileHandle }[] }
  /** A folder that was picked; the page has asked for permission. */
  | { kind: 'picked'; handle: FileSystemDirectoryHandle }
  /** A folder of the origin's private file system; it is made if it is not there. */
  | { kind: 'private'; path: string }
  /** A file is read from the first that has it; the first one takes what is written. */
  | { kind: 'layers'; layers: FolderSource[] }

/** The files of an input or of a drop, by the paths that they have below the folder that was chosen. */
export function filesSource(files: Iterable<File>): FolderSource {
  return {
    kind: 'files',
    files: Array.from(files, (file) => {
      const inside = file.webkitRelativePath.split('/').slice(1).join('/')
      return { path: inside === '' ? file.name : inside, file }
    })
  }
}
