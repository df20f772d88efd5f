// Fresh storage for each test, over IndexedDB in memory, with a clock that the test moves.
import 'fake-indexeddb/auto'
import { WeirError } from '@weir/engine-client'
import { BrowserStorage, type BrowserStorageOptions, type Payloads } from '@weir/engine-client/storage'

let made = 0

export interface Clock {
  now: number
}

/** Locks of a browser, as far as the stores ask for them: Node.js 20 has none. */
const held = new Set<string>()
const locks = {
  query: () => Promise.resolve({ held: [...held].map((name) => ({ name })) }),
  request: async (name: string, ...rest: unknown[]) => {
    held.add(name)
    await (rest.at(-1) as () => Promise<void>)()
    held.delete(name)
  }
}
Object.defineProperty(globalThis, 'navigator', { value: { locks }, configurable: true })

export function freshName(): string {
  made += 1
  return `test-${made}-${Math.random()}`
}

export interface Fresh {
  storage: BrowserStorage
  clock: Clock
  name: string
  payloads: MemoryPayloads
}

export function freshStorage(options: BrowserStorageOptions & { payloads?: MemoryPayloads } = {}): Fresh {
  const clock = { now: 1_000 }
  const { name = freshName(), payloads = new MemoryPayloads() } = options
  return { storage: new BrowserStorage({ ...options, name, payloads, now: () => clock.now }), clock, name, payloads }
}

/** What it throws, as the code and the words. */
export async function failureOf(work: Promise<unknown>): Promise<{ code: string; message: string }> {
  try {
    await work
  } catch (reason) {
    const { code, message } = reason as { code: string; message: string }
    return { code, message }
  }
  return { code: 'none', message: 'nothing was thrown' }
}

/** Recordings in memory: Node.js has no private file system. */
export class MemoryPayloads implements Payloads {
  readonly parts = new Map<string, Map<number, Uint8Array<ArrayBuffer>>>()
  /** More bytes than these do not fit. */
  room = Number.POSITIVE_INFINITY

  writePart(id: string, part: number, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    const used = [...this.parts.values()].flatMap((all) => [...all.values()]).reduce((sum, one) => sum + one.length, 0)
    if (used + bytes.length > this.room) return Promise.reject(new WeirError('storage.full', 'no room', true))
    const all = this.parts.get(id) ?? new Map<number, Uint8Array<ArrayBuffer>>()
    this.parts.set(id, all.set(part, bytes))
    return Promise.resolve()
  }

  readPart(id: string, part: number): Promise<Blob | undefined> {
    const bytes = this.parts.get(id)?.get(part)
    return Promise.resolve(bytes && new Blob([bytes]))
  }

  remove(id: string): Promise<void> {
    this.parts.delete(id)
    return Promise.resolve()
  }

  list(): Promise<{ id: string; bytes: number; parts: number }[]> {
    const all = [...this.parts].map(([id, parts]) => {
      const bytes = [...parts.values()].reduce((sum, one) => sum + one.length, 0)
      return { id, bytes, parts: parts.size }
    })
    return Promise.resolve(all)
  }
}
