// The file of an export: a zip with readable files, and a manifest with the checksum of each.
import { WeirError } from '../../../errors.ts'

export const FORMAT = 'weir-export'
export const FORMAT_VERSION = 1
export const MANIFEST = 'manifest.json'
/** No entry is larger: documents and parts of recordings are bounded. */
export const MOST_ENTRY_BYTES = 80 * 1024 * 1024

export interface ManifestEntry {
  name: string
  bytes: number
  sha256: string
}

export interface Manifest {
  format: typeof FORMAT
  version: number
  about: string
  createdAt: string
  counts: { flows: number; versions: number; runs: number; recordings: number; settings: number }
  entries: ManifestEntry[]
}

export function damaged(what: string): WeirError {
  return new WeirError('storage.archive_damaged', `the file cannot be imported, and nothing was: ${what}`)
}

/** Throws storage.archive_damaged, or storage.archive_newer for one of a later format. */
export function manifestOf(text: string): Manifest {
  const manifest = jsonOf(text, MANIFEST) as Partial<Manifest> | null
  if (typeof manifest !== 'object' || manifest?.format !== FORMAT) throw damaged('it is no export of Weir')
  if (typeof manifest.version !== 'number') throw damaged('its manifest has no version')
  if (manifest.version > FORMAT_VERSION) {
    throw new WeirError(
      'storage.archive_newer',
      `the file has format ${manifest.version}, and this page reads up to ${FORMAT_VERSION}; reload the page to get a newer one, then import again`
    )
  }
  const { entries } = manifest
  if (!Array.isArray(entries) || !entries.every(isEntry)) throw damaged('its manifest is not readable')
  return manifest as Manifest
}

function isEntry(value: unknown): value is ManifestEntry {
  const entry = value as Partial<ManifestEntry> | null
  return typeof entry?.name === 'string' && typeof entry.bytes === 'number' && typeof entry.sha256 === 'string'
}

export function jsonOf(text: string, name: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw damaged(`'${name}' is not readable`)
  }
}

export async function digestOf(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
