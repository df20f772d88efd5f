// @weir/engine-client/storage/archive: everything of this browser as one file, and back.
import type { BrowserStorage } from '../browser-storage.ts'
import * as reading from './read-archive.ts'
import * as writing from './write-archive.ts'

export { describeArchive, type Clash, type ImportOptions, type ImportReport, type TakenIn } from './read-archive.ts'
export type { ExportOptions } from './write-archive.ts'

/** A zip of everything but secrets, written while it is read; for a download or a picked file. */
export function exportAll(storage: BrowserStorage, options?: writing.ExportOptions): ReadableStream<Uint8Array> {
  return writing.exportAll(storage.parts, options)
}

/** Takes in the file of an export. A damaged one, and one of a newer format, is refused before anything is written. */
export function importAll(
  storage: BrowserStorage,
  file: Blob,
  options?: reading.ImportOptions
): Promise<reading.ImportReport> {
  return reading.importAll(storage.parts, file, options)
}

/** Such as weir-export-2026-01-31.zip. */
export function exportName(now = new Date()): string {
  return `weir-export-${now.toISOString().slice(0, 10)}.zip`
}
