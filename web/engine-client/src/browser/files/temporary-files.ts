// TemporaryFiles: files for spilling, as many as nodes want, inside one file of the private file system.
import type { Entry, OpenFile } from './folder.ts'
import { SyncFile } from './handle-files.ts'
import { MemoryFile } from './memory-folder.ts'
import { privateFolder } from './private-folder.ts'

const FOLDER = '.weir-temporary'
const BLOCK_BYTES = 256 << 10

/**
 * What a worker's temporary files share: a handle that reads and writes at once can only be had asynchronously, and the
 * engine wants its files at once. It is made before a run, in blocks that are used again; where there is no private
 * file system, temporary files are in memory.
 */
export class TemporaryFiles {
  /** Never rejects. A run may make files from then on. */
  readonly ready: Promise<void>
  private store: SyncFile | undefined
  private readonly free: number[] = []
  private used = 0
  private blocks = 0

  constructor(private readonly worker: string) {
    this.ready = this.start().catch(() => undefined)
  }

  make(): OpenFile {
    return this.store ? new TemporaryFile(this, this.store) : new MemoryFile()
  }

  /** Where a block lies. */
  take(): number {
    this.used += 1
    return this.free.pop() ?? this.blocks++ * BLOCK_BYTES
  }

  give(blocks: number[]): void {
    this.used -= blocks.length
    this.free.push(...blocks)
    if (this.used > 0) return
    this.free.length = 0
    this.blocks = 0
    this.store?.cut(0)
  }

  /** The lock says that this worker lives; folders without one are those of workers that ended. */
  private async start(): Promise<void> {
    const all = await privateFolder(FOLDER)
    const name = (worker: string): string => `${FOLDER}/${worker}`
    void navigator.locks.request(name(this.worker), () => new Promise(() => undefined))
    const folder = await all.getDirectoryHandle(this.worker, { create: true })
    this.store = await SyncFile.open(await folder.getFileHandle('blocks', { create: true }), true)
    void this.clear(all, name).catch(() => undefined)
  }

  private async clear(all: FileSystemDirectoryHandle, name: (worker: string) => string): Promise<void> {
    const { held = [] } = await navigator.locks.query()
    const alive = new Set(held.map((lock) => lock.name))
    for await (const [worker] of all as unknown as AsyncIterable<[string, FileSystemHandle]>) {
      if (worker === this.worker || alive.has(name(worker))) continue
      await all.removeEntry(worker, { recursive: true }).catch(() => undefined)
    }
  }
}

class TemporaryFile implements OpenFile {
  private readonly blocks: number[] = []
  private size = 0

  constructor(
    private readonly owner: TemporaryFiles,
    private readonly store: SyncFile
  ) {}

  stat(): Entry {
    return { folder: false, sizeBytes: this.size, modifiedMicros: 0 }
  }

  read(offset: number, into: Uint8Array<ArrayBuffer>): number {
    const wanted = Math.max(0, Math.min(into.length, this.size - offset))
    return this.each(offset, into.subarray(0, wanted), (at, part) => this.store.read(at, part))
  }

  write(offset: number, bytes: Uint8Array<ArrayBuffer>): number {
    const end = offset + bytes.length
    while (this.blocks.length * BLOCK_BYTES < end) this.blocks.push(this.owner.take())
    this.each(offset, bytes, (at, part) => this.store.write(at, part))
    this.size = Math.max(this.size, end)
    return bytes.length
  }

  cut(bytes: number): void {
    this.owner.give(this.blocks.splice(Math.ceil(bytes / BLOCK_BYTES)))
    this.size = Math.min(this.size, bytes)
  }

  sync(): void {
    // Nobody looks for it after a crash.
  }

  close(): void {
    this.cut(0)
  }

  /** Goes through the blocks that `bytes` lie in; ends where one gives less than was asked. */
  private each(
    offset: number,
    bytes: Uint8Array<ArrayBuffer>,
    move: (at: number, part: Uint8Array<ArrayBuffer>) => number
  ): number {
    let done = 0
    while (done < bytes.length) {
      const within = (offset + done) % BLOCK_BYTES
      const block = this.blocks[Math.floor((offset + done) / BLOCK_BYTES)] ?? 0
      const part = bytes.subarray(done, Math.min(bytes.length, done + BLOCK_BYTES - within))
      const moved = move(block + within, part)
      done += moved
      if (moved < part.length) break
    }
    return done
  }
}
