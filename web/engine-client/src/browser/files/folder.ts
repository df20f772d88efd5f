// Folder: the files of one mount, as a run in a worker sees them; paths are relative and folded.
import { WeirError } from '../../errors.ts'
import type { FileMode } from '../../hosts/host-calls.ts'

export type Now<T> = T | Promise<T>

export interface Entry {
  folder: boolean
  sizeBytes: number
  modifiedMicros: number
}

export interface NamedEntry extends Entry {
  name: string
}

/** Reads and writes end at once, except where the platform can only write asynchronously. */
export interface OpenFile {
  stat(): Entry
  /** Resolves when `read` gives these bytes without waiting; undefined: it does so now. */
  ready?(offset: number, bytes: number): Promise<void> | undefined
  read(offset: number, into: Uint8Array<ArrayBuffer>): number
  /** `bytes` may be gone once it returns. */
  write(offset: number, bytes: Uint8Array<ArrayBuffer>): Now<number>
  cut(bytes: number): Now<void>
  sync(): Now<void>
  /** After it, `close` may still be called. */
  close(): Now<void>
}

/** Failures are WeirError `files.*`. */
export interface Folder {
  open(path: string, mode: FileMode): Now<OpenFile>
  stat(path: string): Now<Entry>
  list(path: string): Now<NamedEntry[]>
  /** `from` is closed. A reader sees the old file or the whole new one. */
  publish(from: string, to: string): Now<void>
  /** The same for a closed file of the private file system; true: it was moved, false: copied. Only where one can write. */
  take?(file: FileSystemFileHandle, to: string): Promise<boolean>
  remove(path: string): Now<void>
  makeFolders(path: string): Now<void>
}

export const FOLDER: Entry = { folder: true, sizeBytes: 0, modifiedMicros: 0 }

export function readOnly(path: string): WeirError {
  return new WeirError('files.denied', `'${path}' cannot be written: its folder was only given for reading`)
}

const BY_NAME: Record<string, [code: string, what: string]> = {
  NotFoundError: ['files.not_found', 'is not there'],
  TypeMismatchError: ['files.is_folder', 'is a folder where a file was expected, or a file where a folder was'],
  NotAllowedError: ['files.denied', 'may not be opened: the page has no permission for it'],
  SecurityError: ['files.denied', 'may not be opened by this page'],
  NoModificationAllowedError: ['files.busy', 'is being written by another run'],
  QuotaExceededError: ['files.disk_full', 'has no room: the browser gives this site no more storage'],
  NotReadableError: ['files.changed', 'cannot be read any more: it was changed or removed after it was chosen']
}

/** What the platform says of a file, in the words of the list of error codes. */
export function fileError(path: string, reason: unknown): WeirError {
  if (reason instanceof WeirError) return reason
  const name = reason instanceof Error || reason instanceof DOMException ? reason.name : ''
  const [code, what] = BY_NAME[name] ?? ['files.io', 'cannot be used: ' + String(reason)]
  return new WeirError(code, `'${path}' ${what}`, code === 'files.busy')
}

export async function fileErrors<T>(path: string, use: () => Promise<T>): Promise<T> {
  try {
    return await use()
  } catch (reason) {
    throw fileError(path, reason)
  }
}
