// KeptRun: what is kept of a run so that it can go on after a reload, a crash or in another tab.
import type { RunOptions } from '../../engine.ts'
import type { FolderSource } from '../files/folder-source.ts'
import type { SeenFile } from '../files/seen-files.ts'

export const CHECKPOINT_EVERY_MS = 5_000

/** How a run is kept; by default every five seconds where it can go on at all. */
export interface KeepOptions {
  everyMs?: number
  /** Where the browser has no room for a checkpoint: the run goes on without (`continue`, the default), or ends. */
  ifFull?: 'continue' | 'stop'
  /** What the page wants to know again when it is asked whether the run goes on; it can be cloned. */
  note?: unknown
}

/** Whether a run can go on after its page is gone, said when it starts. */
export type Keeping =
  | { isKept: true; everyMs: number }
  /** Sentences for the person: what stands against it, and what to do. */
  | { isKept: false; reasons: string[] }

/** Bytes of the sources; a total of 0 is not known. */
export interface Progress {
  doneBytes: number
  totalBytes: number
}

/** Told when a checkpoint was stored, or could not be. */
export interface CheckpointNews {
  at: number
  progress: Progress
  error?: { code: string; message: string }
}

/** Why a run did not end well by itself. */
export interface Interruption {
  code: string
  message: string
  /** Bytes that its sources had read at its last checkpoint. */
  atBytes: number
  /** How often the engine trapped at this place. */
  traps: number
}

/** The record of a run in the database; handles of folders and files are kept with it. */
export interface KeptRecord {
  key: string
  /** The run's id: what a resumed run is called as well. */
  id: string
  flow: string
  flowId: string
  options: RunOptions
  folders: Record<string, FolderSource>
  /** Mounts that were given to be written. */
  writable: string[]
  everyMs: number
  ifFull: 'continue' | 'stop'
  startedAt: number
  note?: unknown
  interruption?: Interruption
}

/** What a checkpoint says of the files. */
export interface KeptFiles {
  at: number
  progress: Progress
  files: SeenFile[]
}

/** A run that can be gone on with, as a page shows it. */
export interface InterruptedRun {
  id: string
  flowId: string
  startedAt: number
  /** Of its last checkpoint; not there: it had none, and begins anew. */
  checkpointAt?: number
  progress: Progress
  /** What it takes of the browser's storage. */
  storedBytes: number
  /** The browser will ask whether the page may open its folders. */
  asksPermission: boolean
  interruption?: Interruption
  note?: unknown
}

/** What the page tells the worker of a run that is kept. */
export interface KeepOrder {
  key: string
  everyMs: number
  ifFull: 'continue' | 'stop'
  resumes: boolean
}

/** The part of the state database that holds its checkpoints. */
export const stateKeyOf = (key: string): string => `run:${key}`
/** The folder of the private file system that holds what it has not finished writing. */
export const RUNS_FOLDER = '.weir-runs'
export const FILES_KEY = new TextEncoder().encode('run/files')

export function keptFilesOf(bytes: Uint8Array | undefined): KeptFiles | undefined {
  if (!bytes) return undefined
  try {
    return JSON.parse(new TextDecoder().decode(bytes)) as KeptFiles
  } catch {
    return undefined
  }
}
