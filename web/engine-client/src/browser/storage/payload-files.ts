// PayloadFiles: large bytes in the private file system of this site, each payload as parts that are whole on disk.
import { WeirError } from '../../errors.ts'
import { failureOf } from './connection.ts'

/** Where payloads are kept: parts are numbered from 0, and a part is there as a whole or not at all. */
export interface Payloads {
  writePart(id: string, part: number, bytes: Uint8Array<ArrayBuffer>): Promise<void>
  /** undefined: there is no such part. */
  readPart(id: string, part: number): Promise<Blob | undefined>
  remove(id: string): Promise<void>
  /** Every payload with its bytes and parts. */
  list(): Promise<{ id: string; bytes: number; parts: number }[]>
}

type Entries = AsyncIterable<[string, FileSystemHandle]>

const partName = (part: number): string => `${String(part).padStart(8, '0')}.part`

export class PrivatePayloads implements Payloads {
  private folder: Promise<FileSystemDirectoryHandle> | undefined

  constructor(private readonly name = '.weir-recordings') {}

  async writePart(id: string, part: number, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    await this.attempt(`part ${part} of recording '${id}'`, bytes.length, async () => {
      const folder = await (await this.root()).getDirectoryHandle(id, { create: true })
      const file = await folder.getFileHandle(partName(part), { create: true })
      await writeWhole(file, bytes)
    })
  }

  async readPart(id: string, part: number): Promise<Blob | undefined> {
    return this.attempt(`recording '${id}'`, 0, async () => {
      try {
        const folder = await (await this.root()).getDirectoryHandle(id)
        return await (await folder.getFileHandle(partName(part))).getFile()
      } catch (reason) {
        if (isAbsent(reason)) return undefined
        throw reason
      }
    })
  }

  async remove(id: string): Promise<void> {
    await this.attempt(`recording '${id}'`, 0, async () => {
      try {
        await (await this.root()).removeEntry(id, { recursive: true })
      } catch (reason) {
        if (!isAbsent(reason)) throw reason
      }
    })
  }

  async list(): Promise<{ id: string; bytes: number; parts: number }[]> {
    return this.attempt('the recordings', 0, async () => {
      const found: { id: string; bytes: number; parts: number }[] = []
      for await (const [id, handle] of (await this.root()) as unknown as Entries) {
        if (handle.kind !== 'directory') continue
        const payload = { id, bytes: 0, parts: 0 }
        for await (const [name, file] of handle as unknown as Entries) {
          if (file.kind !== 'file' || !name.endsWith('.part')) continue
          payload.bytes += (await (file as FileSystemFileHandle).getFile()).size
          payload.parts += 1
        }
        found.push(payload)
      }
      return found
    })
  }

  private root(): Promise<FileSystemDirectoryHandle> {
    this.folder ??= privateRoot()
      .then((root) => root.getDirectoryHandle(this.name, { create: true }))
      .catch((reason: unknown) => {
        this.folder = undefined
        throw reason
      })
    return this.folder
  }

  private async attempt<T>(what: string, bytes: number, work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (reason) {
      throw await failureOf(reason, { what, bytes })
    }
  }
}

function isAbsent(reason: unknown): boolean {
  return reason instanceof DOMException && reason.name === 'NotFoundError'
}

/** The private file system of this site. */
export async function privateRoot(): Promise<FileSystemDirectoryHandle> {
  const storage = (globalThis.navigator as Partial<Navigator> | undefined)?.storage
  if (typeof storage?.getDirectory === 'function') return storage.getDirectory()
  throw new WeirError('storage.unavailable', 'this browser has no private file system for large data')
}

/** A full disk shows in Chromium now and then as a broken pipe to the process that writes: the next try says which it is. */
const TRIES = 3

/** The file has the old bytes until all of the new ones are there. */
async function writeWhole(file: FileSystemFileHandle, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  if (typeof (file as Partial<FileSystemFileHandle>).createWritable !== 'function') {
    throw new WeirError('storage.unavailable', 'this browser cannot write large data from here; use a newer one')
  }
  for (let tries = 1; ; tries++) {
    const writable = await file.createWritable()
    try {
      await writable.write(bytes)
      await writable.close()
      return
    } catch (reason) {
      await writable.abort().catch(() => undefined)
      const isBroken = reason instanceof Error && reason.message.includes('data pipe')
      if (isBroken && tries === TRIES) throw new DOMException(reason.message, 'QuotaExceededError')
      if (!isBroken) throw reason
    }
  }
}
