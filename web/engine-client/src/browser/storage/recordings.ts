// Recordings: streams that were recorded, large payloads beside the database; bounded in bytes, and read back as streams.
import { WeirError } from '../../errors.ts'
import { answerOf } from './database.ts'
import type { ChangeNotices } from './change-notices.ts'
import type { Connection } from './connection.ts'
import { invalid } from './flow-records.ts'
import type { Payloads } from './payload-files.ts'
import { RECORDINGS } from './schema.ts'
import { randomId } from '../../random-id.ts'

const PART_BYTES = 4 * 1024 * 1024
const LOCK = 'recording:'

/** What is known of a recording without its bytes. Times are milliseconds since 1970. */
export interface Recording {
  id: string
  name: string
  flow: string
  run: string
  node: string
  port: string
  /** What the bytes are: `arrow` (IPC stream), `batches` (this package's frames), `weir` (the engine's own recording). */
  format: string
  createdAt: number
  bytes: number
  parts: number
  rows: number
  /** false: it is being written, or its tab went away; what is there can be read. */
  isComplete: boolean
  /** Kept however old it is. */
  isPinned: boolean
}

export interface NewRecording {
  id?: string
  name?: string
  flow: string
  run?: string
  node?: string
  port?: string
  format: string
}

export interface RecordingWriter {
  readonly id: string
  /** Bytes are on disk, part by part, at the latest when this is closed; a tab that is killed loses the last part only. */
  readonly writable: WritableStream<Uint8Array>
  /** Shown in lists. */
  rows: number
}

export function isRecording(value: unknown): value is Recording {
  const one = value as Partial<Recording> | null
  if (typeof one !== 'object' || one === null) return false
  const texts = [one.id, one.name, one.flow, one.run, one.node, one.port, one.format]
  const numbers = [one.createdAt, one.bytes, one.parts, one.rows]
  const flags = [one.isComplete, one.isPinned]
  if (!texts.every((text) => typeof text === 'string') || !isPlainId(one.id ?? '')) return false
  return numbers.every(Number.isFinite) && flags.every((flag) => typeof flag === 'boolean')
}

/** Ids of recordings are names of folders. */
function isPlainId(id: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/u.test(id)
}

export class Recordings {
  constructor(
    private readonly connection: Connection,
    private readonly notices: ChangeNotices,
    private readonly payloads: Payloads,
    private readonly now: () => number,
    /** All complete recordings together; the oldest go. */
    readonly mostBytes = 2 * 1024 * 1024 * 1024,
    private readonly partBytes = PART_BYTES
  ) {}

  async create(options: NewRecording): Promise<RecordingWriter> {
    const { id = randomId(), name = '', flow, run = '', node = '', port = '', format } = options
    if (!isPlainId(id)) throw invalid(`'${id}' is no id of a recording: letters, digits, dots and dashes`)
    const sizes = { bytes: 0, parts: 0, rows: 0 }
    const made: Recording = {
      ...{ id, name, flow, run, node, port, format, createdAt: this.now() },
      ...sizes,
      isComplete: false,
      isPinned: false
    }
    await this.connection.write([RECORDINGS], { what: `recording '${id}'` }, async (transaction) => {
      const store = transaction.objectStore(RECORDINGS)
      if ((await answerOf(store.getKey(id))) !== undefined) {
        throw new WeirError('storage.exists', `there is a recording '${id}' already`)
      }
      store.put(made)
    })
    const writer: RecordingWriter = { id, rows: 0, writable: new WritableStream() }
    return Object.assign(writer, { writable: this.writableTo(writer) })
  }

  get(id: string): Promise<Recording> {
    return this.connection.read([RECORDINGS], (transaction) => existing(transaction, id))
  }

  /** The newest first; all of them, or those of one flow. */
  list(flow?: string): Promise<Recording[]> {
    return this.connection.read([RECORDINGS], async (transaction) => {
      const index = transaction.objectStore(RECORDINGS).index(flow === undefined ? 'byCreation' : 'byFlow')
      const range = flow === undefined ? undefined : IDBKeyRange.bound([flow], [flow, []])
      const all: unknown[] = await answerOf(index.getAll(range))
      return all.filter(isRecording).reverse()
    })
  }

  /** Its bytes, read part by part as they are asked for. */
  async open(id: string): Promise<ReadableStream<Uint8Array>> {
    const { parts, isComplete } = await this.get(id)
    let part = 0
    let current: ReadableStreamDefaultReader<Uint8Array> | undefined
    return new ReadableStream<Uint8Array>(
      {
        pull: async (controller) => {
          for (;;) {
            if (!current) {
              const blob = await this.payloads.readPart(id, part)
              if (!blob && part < parts && isComplete) throw lost(id, part)
              if (!blob) {
                controller.close()
                return
              }
              part += 1
              current = blob.stream().getReader()
            }
            const { value, done } = await current.read()
            if (!done) {
              controller.enqueue(value)
              return
            }
            current = undefined
          }
        },
        cancel: () => current?.cancel()
      },
      { highWaterMark: 0 }
    )
  }

  async change(id: string, change: { name?: string; isPinned?: boolean; createdAt?: number }): Promise<Recording> {
    return this.update(id, change)
  }

  /** Its room is free once this resolves. */
  async remove(id: string): Promise<void> {
    await this.payloads.remove(id)
    await this.connection.write([RECORDINGS], { what: `the deletion of recording '${id}'` }, (transaction) => {
      transaction.objectStore(RECORDINGS).delete(id)
      return Promise.resolve()
    })
    this.notices.say({ kind: 'recording', id, revision: 0 })
  }

  /** Deletes the oldest that are not pinned until all together have at most `mostBytes`; resolves with the ids. */
  async retain(mostBytes = this.mostBytes): Promise<string[]> {
    const all = await this.list()
    let left = all.reduce((sum, { bytes }) => sum + bytes, 0)
    const gone: string[] = []
    for (const { id, bytes, isComplete, isPinned } of all.reverse()) {
      if (left <= mostBytes) break
      if (isPinned || !isComplete) continue
      await this.remove(id)
      left -= bytes
      gone.push(id)
    }
    return gone
  }

  /**
   * At the start: recordings whose tab went away are completed with the parts that are on disk; parts that belong to no
   * recording are deleted, and recordings without any part.
   */
  async sweep(): Promise<{ completed: string[]; removed: string[] }> {
    const { held = [] } = await navigator.locks.query()
    const alive = new Set(held.map((lock) => lock.name))
    const onDisk = new Map((await this.payloads.list()).map((payload) => [payload.id, payload]))
    const known = await this.list()
    const completed: string[] = []
    const removed: string[] = []
    for (const { id, isComplete } of known) {
      const payload = onDisk.get(id)
      onDisk.delete(id)
      if (isComplete || alive.has(LOCK + id)) continue
      if (payload && payload.parts > 0) {
        await this.update(id, { bytes: payload.bytes, parts: payload.parts, isComplete: true })
        completed.push(id)
      } else {
        await this.remove(id)
        removed.push(id)
      }
    }
    for (const id of onDisk.keys()) {
      if (alive.has(LOCK + id)) continue
      await this.payloads.remove(id)
      removed.push(id)
    }
    return { completed, removed }
  }

  private writableTo(writer: RecordingWriter): WritableStream<Uint8Array> {
    const { id } = writer
    const part = new Uint8Array(this.partBytes)
    let held = 0
    let parts = 0
    let bytes = 0
    const release = holdLock(LOCK + id)
    const flush = async (): Promise<void> => {
      if (held === 0) return
      await this.payloads.writePart(id, parts, part.slice(0, held))
      parts += 1
      bytes += held
      held = 0
    }
    const finish = async (isComplete: boolean): Promise<void> => {
      await this.update(id, { bytes, parts, rows: writer.rows, isComplete }).finally(release)
    }
    return new WritableStream<Uint8Array>({
      write: async (chunk) => {
        try {
          for (let from = 0; from < chunk.length;) {
            const taken = chunk.subarray(from, from + part.length - held)
            part.set(taken, held)
            held += taken.length
            from += taken.length
            if (held === part.length) await flush()
          }
        } catch (reason) {
          // What is on disk stays, and can be read.
          await finish(true).catch(() => undefined)
          throw reason
        }
      },
      close: async () => {
        try {
          await flush()
        } finally {
          await finish(true)
        }
        await this.retain()
      },
      abort: async () => {
        release()
        await this.remove(id)
      }
    })
  }

  private async update(id: string, change: Partial<Recording>): Promise<Recording> {
    const changed = await this.connection.write([RECORDINGS], { what: `recording '${id}'` }, async (transaction) => {
      const next = { ...(await existing(transaction, id)), ...change }
      transaction.objectStore(RECORDINGS).put(next)
      return next
    })
    this.notices.say({ kind: 'recording', id, revision: 0 })
    return changed
  }
}

/** Held until the answer is called; goes with the tab. */
function holdLock(name: string): () => void {
  let release = (): void => undefined
  const held = new Promise<void>((done) => {
    release = done
  })
  navigator.locks.request(name, { ifAvailable: true }, () => held).catch(() => undefined)
  return release
}

async function existing(transaction: IDBTransaction, id: string): Promise<Recording> {
  const found: unknown = await answerOf(transaction.objectStore(RECORDINGS).get(id))
  if (isRecording(found)) return found
  if (found === undefined) throw new WeirError('storage.not_found', `there is no recording '${id}'`)
  throw new WeirError('storage.corrupt', `recording '${id}' is stored in a form that cannot be read`)
}

function lost(id: string, part: number): WeirError {
  return new WeirError('storage.corrupt', `part ${part} of recording '${id}' is not there any more`)
}
