// Fresh storage for each test, over IndexedDB in memory, with a clock that the test moves.
import 'fake-indexeddb/auto'
import { BrowserStorage, type BrowserStorageOptions } from '@weir/engine-client/storage'

let made = 0

export interface Clock {
  now: number
}

export function freshName(): string {
  made += 1
  return `test-${made}-${Math.random()}`
}

export function freshStorage(options: BrowserStorageOptions = {}): {
  storage: BrowserStorage
  clock: Clock
  name: string
} {
  const clock = { now: 1_000 }
  const name = options.name ?? freshName()
  return { storage: new BrowserStorage({ ...options, name, now: () => clock.now }), clock, name }
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
