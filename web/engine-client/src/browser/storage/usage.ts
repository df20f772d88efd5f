// Usage: how much of this site's room is used, by what, and how much there is.
import { answerOf } from './database.ts'
import { estimate, failureOf, type Connection } from './connection.ts'
import { privateRoot } from './payload-files.ts'
import { isFlowRecord, isVersionHead } from './flow-records.ts'
import { isEditRecord } from './edit-log.ts'
import { RUNS_FOLDER } from '../kept/kept-run.ts'
import { isRecording } from './recordings.ts'
import { EDITS, FLOWS, RECORDINGS, RUNS, VERSIONS } from './schema.ts'

/** What the entry of a run takes, about. */
const RUN_BYTES = 400

export interface StorageUsage {
  /** As the browser counts; 0: it does not say. It counts all of the site, in its own way: the parts add up to less. */
  usedBytes: number
  /** What the browser gives this site; 0: it does not say. */
  quotaBytes: number
  /** The browser deletes nothing of it by itself when the disk is nearly full. */
  isPersistent: boolean
  parts: StoragePart[]
}

export interface StoragePart {
  name: 'flows' | 'runs' | 'recordings' | 'outputs' | 'checkpoints' | 'caches'
  /** Flows, runs, recordings, files; 0 for caches. */
  count: number
  bytes: number
}

/** Never fails: a part that cannot be measured has 0 bytes. */
export async function measureUsage(connection: Connection): Promise<StorageUsage> {
  const none = { count: 0, bytes: 0 }
  const [{ usage = 0, quota = 0, ...rest }, isPersistent, ofDatabase, files] = await Promise.all([
    estimate(),
    isKept(),
    databaseParts(connection).catch(() => ({ flows: none, runs: none, recordings: none })),
    fileParts().catch(() => ({ outputs: none, checkpoints: none }))
  ])
  const details = (rest as { usageDetails?: { caches?: number } }).usageDetails
  const caches = { count: 0, bytes: details?.caches ?? 0 }
  const parts = Object.entries({ ...ofDatabase, ...files, caches })
  return {
    usedBytes: usage,
    quotaBytes: quota,
    isPersistent,
    parts: parts.map(([name, size]) => ({ name: name as StoragePart['name'], ...size }))
  }
}

interface Size {
  count: number
  bytes: number
}

function databaseParts(connection: Connection): Promise<{ flows: Size; runs: Size; recordings: Size }> {
  return connection.read([FLOWS, VERSIONS, EDITS, RUNS, RECORDINGS], async (transaction) => {
    const sum = async (store: string, isOne: (value: unknown) => value is { bytes: number }): Promise<Size> => {
      const size = { count: 0, bytes: 0 }
      const request = transaction.objectStore(store).openCursor()
      for (let at = await answerOf(request); at; at = await answerOf(request)) {
        const value: unknown = at.value
        size.count += 1
        if (isOne(value)) size.bytes += value.bytes
        at.continue()
      }
      return size
    }
    const flows = await sum(FLOWS, isFlowRecord)
    const others = [await sum(VERSIONS, isVersionHead), await sum(EDITS, isEditRecord)]
    const runs = await answerOf(transaction.objectStore(RUNS).count())
    return {
      flows: { count: flows.count, bytes: others.reduce((all, { bytes }) => all + bytes, flows.bytes) },
      runs: { count: runs, bytes: runs * RUN_BYTES },
      recordings: await sum(RECORDINGS, isRecording)
    }
  })
}

/** Folders of the private file system are outputs of flows, except for those that begin with a dot, which are Weir's own. */
async function fileParts(): Promise<{ outputs: Size; checkpoints: Size }> {
  const parts = { outputs: { count: 0, bytes: 0 }, checkpoints: { count: 0, bytes: 0 } }
  for await (const [name, handle] of (await privateRoot()) as unknown as AsyncIterable<[string, FileSystemHandle]>) {
    const isCheckpoint = name === RUNS_FOLDER
    if (name.startsWith('.') && !isCheckpoint) continue
    await addFiles(handle, isCheckpoint ? parts.checkpoints : parts.outputs)
  }
  return parts
}

async function addFiles(handle: FileSystemHandle, size: Size): Promise<void> {
  if (handle.kind === 'file') {
    // A file that somebody writes cannot be looked at now.
    const file = await (handle as FileSystemFileHandle).getFile().catch(() => undefined)
    size.count += 1
    size.bytes += file?.size ?? 0
    return
  }
  for await (const [, inner] of handle as unknown as AsyncIterable<[string, FileSystemHandle]>) {
    await addFiles(inner, size)
  }
}

/** Deletes the outputs of flows that are kept in this browser; resolves with the names of their folders. */
export async function deleteOutputs(): Promise<string[]> {
  try {
    const root = await privateRoot()
    const gone: string[] = []
    for await (const [name] of root as unknown as AsyncIterable<[string, FileSystemHandle]>) {
      if (name.startsWith('.')) continue
      await root.removeEntry(name, { recursive: true })
      gone.push(name)
    }
    return gone
  } catch (reason) {
    throw await failureOf(reason, { what: 'the deletion of outputs' })
  }
}

async function isKept(): Promise<boolean> {
  const storage = (globalThis.navigator as Partial<Navigator> | undefined)?.storage
  return typeof storage?.persisted === 'function' && storage.persisted().catch(() => false)
}

/**
 * Asks the browser to delete nothing of this site by itself. Best after the first thing that the person would miss was
 * saved; some browsers ask the person then. Resolves with whether it is so.
 */
export async function askToPersist(): Promise<boolean> {
  if (await isKept()) return true
  const storage = (globalThis.navigator as Partial<Navigator> | undefined)?.storage
  return typeof storage?.persist === 'function' && storage.persist().catch(() => false)
}
