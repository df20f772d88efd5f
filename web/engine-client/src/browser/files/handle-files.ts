// Files behind FileSystemFileHandle: SyncFile in the private file system, WritableFile in a picked folder.
import type { Entry, OpenFile } from './folder.ts'

type Mode = 'readwrite' | 'read-only'
type SyncHandles = FileSystemFileHandle & {
  createSyncAccessHandle(options?: { mode: Mode }): Promise<FileSystemSyncAccessHandle>
}

/** Reads and writes at once, straight from and into the engine's memory. Held alone while it is written. */
export class SyncFile implements OpenFile {
  private modifiedMicros = Date.now() * 1000

  private constructor(private readonly handle: FileSystemSyncAccessHandle) {}

  static async open(handle: FileSystemFileHandle, empty: boolean): Promise<SyncFile> {
    const file = new SyncFile(await handle.createSyncAccessHandle())
    if (empty) file.cut(0)
    return file
  }

  /** Nothing where the platform cannot hold a file for several readers, or where it is being written. */
  static async openToRead(handle: FileSystemFileHandle): Promise<SyncFile | undefined> {
    const { lastModified } = await handle.getFile()
    try {
      const file = new SyncFile(await (handle as SyncHandles).createSyncAccessHandle({ mode: 'read-only' }))
      file.modifiedMicros = lastModified * 1000
      return file
    } catch (reason) {
      if (reason instanceof DOMException && reason.name === 'NotFoundError') throw reason
      return undefined
    }
  }

  stat(): Entry {
    return { folder: false, sizeBytes: this.handle.getSize(), modifiedMicros: this.modifiedMicros }
  }

  read(offset: number, into: Uint8Array<ArrayBuffer>): number {
    let done = 0
    while (done < into.length) {
      const got = this.handle.read(into.subarray(done), { at: offset + done })
      if (got === 0) break
      done += got
    }
    return done
  }

  write(offset: number, bytes: Uint8Array<ArrayBuffer>): number {
    let done = 0
    while (done < bytes.length) {
      const wrote = this.handle.write(bytes.subarray(done), { at: offset + done })
      if (wrote === 0) throw new DOMException('no room', 'QuotaExceededError')
      done += wrote
    }
    // A browser without room may say that it wrote what is not there afterwards.
    if (this.handle.getSize() < offset + done) throw new DOMException('no room', 'QuotaExceededError')
    this.modifiedMicros = Date.now() * 1000
    return done
  }

  cut(bytes: number): void {
    this.handle.truncate(bytes)
  }

  sync(): void {
    this.handle.flush()
  }

  close(): void {
    this.handle.close()
  }
}

/** Written to a copy that the platform puts in place when the file is closed. */
export class WritableFile implements OpenFile {
  private closed = false

  private constructor(
    private readonly handle: FileSystemFileHandle,
    private readonly writable: FileSystemWritableFileStream,
    private size: number
  ) {}

  static async open(handle: FileSystemFileHandle, append: boolean): Promise<WritableFile> {
    const size = append ? (await handle.getFile()).size : 0
    return new WritableFile(handle, await handle.createWritable({ keepExistingData: append }), size)
  }

  stat(): Entry {
    return { folder: false, sizeBytes: this.size, modifiedMicros: Date.now() * 1000 }
  }

  read(): number {
    throw new DOMException(`'${this.handle.name}' is being written`, 'NoModificationAllowedError')
  }

  async write(offset: number, bytes: Uint8Array): Promise<number> {
    const data = new Uint8Array(bytes)
    await this.writable.write({ type: 'write', position: offset, data })
    this.size = Math.max(this.size, offset + data.length)
    return data.length
  }

  async cut(bytes: number): Promise<void> {
    await this.writable.truncate(bytes)
    this.size = bytes
  }

  sync(): void {
    // The platform makes it safe when it is closed.
  }

  async close(): Promise<void> {
    if (this.closed) return
    this.closed = true
    await this.writable.close()
  }
}
