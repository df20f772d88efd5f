// The page of the storage tests: puts the storage where a test can reach it, and counts what the policy refuses.
import * as storage from '@weir/engine-client/storage'
import * as archive from '@weir/engine-client/storage/archive'
import { storeComplaints } from '../../engine-client/test/storage/store-suite.ts'

const violations: string[] = []
document.addEventListener('securitypolicyviolation', (event) => {
  violations.push(`${event.violatedDirective} ${event.blockedURI}`)
})

const opened = new Map<string, storage.BrowserStorage>()

/** The storage of this page; one for each name. */
function open(options: storage.BrowserStorageOptions = {}): storage.BrowserStorage {
  const name = options.name ?? 'weir'
  const made = opened.get(name) ?? new storage.BrowserStorage(options)
  opened.set(name, made)
  return made
}

/** Code and words of what `work` throws. */
async function failureOf(work: Promise<unknown>): Promise<{ code: string; message: string }> {
  try {
    await work
  } catch (reason) {
    const { code, message } = reason as { code: string; message: string }
    return { code, message }
  }
  return { code: 'none', message: 'nothing was thrown' }
}

/** What tests leave here between two calls of one page. */
const kept: {
  locks?: storage.FlowLocks
  hold?: storage.FlowHold
  folder?: storage.LinkedFolder
  handle?: FileSystemDirectoryHandle
  said: string[]
} = { said: [] }

export const vault = { ...storage, ...archive, open, failureOf, storeComplaints, violations, kept }
export type Vault = typeof vault
Object.assign(globalThis, { vault })
