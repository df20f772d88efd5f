// Import: reads the file of an export. All of it is checked before anything is written.
import { BlobReader, ZipReader, type Entry, type FileEntry } from '@zip.js/zip.js/lib/zip-core-native.js'
import { WeirError } from '../../../errors.ts'
import type { StorageParts } from '../browser-storage.ts'
import { estimate, fullError, isNamed } from '../connection.ts'
import { isFlowHead, isVersionHead, type FlowHead, type StoredVersion, type WholeFlow } from '../flow-records.ts'
import { takeIn, type Clash, type TakenIn } from '../flow-transfer.ts'
import { isRecording, type Recording } from '../recordings.ts'
import { isStoredRun, type StoredRun } from '../run-history.ts'
import { damaged, digestOf, jsonOf, MANIFEST, manifestOf, MOST_ENTRY_BYTES, type Manifest } from './format.ts'

export type { Clash, TakenIn } from '../flow-transfer.ts'

export interface ImportOptions {
  /** For a flow whose id is taken by another one; `both` by default. A function is asked for each. */
  onClash?: Clash | ((mine: FlowHead, theirs: FlowHead) => Clash)
  onProgress?: (done: { checked: number; stored: number; of: number }) => void
}

export interface ImportReport {
  flows: TakenIn[]
  runs: number
  recordings: number
  settings: number
}

/**
 * Throws storage.archive_damaged or storage.archive_newer before anything is written, storage.full if there is no room.
 * What was stored before a failure stays, whole; importing again goes on behind it.
 */
export async function importAll(parts: StorageParts, file: Blob, options: ImportOptions = {}): Promise<ImportReport> {
  const archive = await Checked.open(file, options)
  try {
    return await archive.store(parts)
  } finally {
    await archive.close()
  }
}

/** What is in the file of an export, for a person to look at before it is imported. */
export async function describeArchive(file: Blob): Promise<Pick<Manifest, 'createdAt' | 'counts'>> {
  const archive = await Checked.open(file, {})
  await archive.close()
  return { createdAt: archive.manifest.createdAt, counts: archive.manifest.counts }
}

class Checked {
  private stored = 0

  private constructor(
    private readonly zip: ZipReader<unknown>,
    private readonly files: Map<string, FileEntry>,
    readonly manifest: Manifest,
    private readonly options: ImportOptions
  ) {}

  static async open(file: Blob, options: ImportOptions): Promise<Checked> {
    const zip = new ZipReader(new BlobReader(file), { useWebWorkers: false })
    try {
      const entries = await zip.getEntries()
      const files = new Map(entries.filter(isFile).map((entry) => [entry.filename, entry]))
      const manifest = manifestOf(textOf(await bytesOf(files.get(MANIFEST), MANIFEST)))
      const archive = new Checked(zip, files, manifest, options)
      await archive.check()
      return archive
    } catch (reason) {
      await zip.close().catch(() => undefined)
      throw asDamage(reason)
    }
  }

  async close(): Promise<void> {
    await this.zip.close().catch(() => undefined)
  }

  async store(parts: StorageParts): Promise<ImportReport> {
    await this.checkRoom()
    const report: ImportReport = { flows: [], runs: 0, recordings: 0, settings: 0 }
    const { onClash = 'both' } = this.options
    const choose = typeof onClash === 'function' ? onClash : (): Clash => onClash
    for (const name of this.heads('flows/')) {
      const taken = await takeIn(parts.connection, await this.flow(name), choose, parts.now())
      report.flows.push(taken)
      parts.notices.say({ kind: 'flow', id: taken.id, revision: 0 })
      this.progress()
    }
    for (const name of this.names('runs/')) {
      report.runs += await parts.runs.takeIn((await this.json(name)) as StoredRun[])
      this.progress()
    }
    for (const name of this.heads('recordings/')) {
      report.recordings += (await this.storeRecording(parts, (await this.json(name)) as Recording)) ? 1 : 0
      this.progress()
    }
    const settings = (await this.json('settings.json')) as Record<string, unknown>
    const present = await parts.settings.all()
    for (const [name, value] of Object.entries(settings)) {
      if (name in present && onClash !== 'replace') continue
      await parts.settings.set(name, value)
      report.settings += 1
    }
    return report
  }

  /** Every entry is what the manifest says, and can be read as what it should be. */
  private async check(): Promise<void> {
    const names = new Set(this.manifest.entries.map(({ name }) => name))
    let checked = 0
    for (const { name, bytes, sha256 } of this.manifest.entries) {
      const found = await this.bytes(name)
      if (found.length !== bytes || (await digestOf(found)) !== sha256) throw damaged(`'${name}' is not as it was`)
      checked += 1
      this.options.onProgress?.({ checked, stored: 0, of: this.manifest.entries.length })
    }
    if (!names.has('settings.json')) throw damaged('it has no settings')
    for (const name of this.heads('flows/')) await this.flow(name)
    for (const name of this.names('runs/')) {
      const runs = await this.json(name)
      if (!Array.isArray(runs) || !runs.every(isStoredRun)) throw damaged(`'${name}' holds no runs`)
    }
    for (const name of this.heads('recordings/')) {
      const recording = await this.json(name)
      if (!isRecording(recording)) throw damaged(`'${name}' is no recording`)
      for (let part = 0; part < recording.parts; part++) {
        if (!names.has(partName(recording.id, part))) throw damaged(`recording '${recording.id}' is not complete`)
      }
    }
  }

  private async checkRoom(): Promise<void> {
    const bytes = this.manifest.entries.reduce((sum, entry) => sum + entry.bytes, 0)
    const { usage, quota } = await estimate()
    if (usage === undefined || quota === undefined || usage + bytes <= quota) return
    throw await fullError({ what: 'the import', bytes })
  }

  private async flow(name: string): Promise<WholeFlow> {
    const head = (await this.json(name)) as FlowHead & { edits?: unknown }
    if (!isFlowHead(head) || !Array.isArray(head.edits)) throw damaged(`'${name}' is no flow`)
    const { edits, ...rest } = head as FlowHead & { edits: unknown[] }
    const base = name.slice(0, -'.json'.length)
    const versions: StoredVersion[] = []
    for (const path of this.heads(`${base}/versions/`)) {
      const version = await this.json(path)
      if (!isVersionHead(version)) throw damaged(`'${path}' is no version`)
      versions.push({ ...version, document: await this.text(documentOf(path)) })
    }
    return { head: rest, document: await this.text(documentOf(name)), versions, edits }
  }

  /** One that is there already is the same: ids are given once. */
  private async storeRecording(parts: StorageParts, recording: Recording): Promise<boolean> {
    const { id, name, flow, run, node, port, format } = recording
    try {
      const writer = await parts.recordings.create({ id, name, flow, run, node, port, format })
      writer.rows = recording.rows
      const writing = writer.writable.getWriter()
      for (let part = 0; part < recording.parts; part++) await writing.write(await this.bytes(partName(id, part)))
      await writing.close()
      await parts.recordings.change(id, { isPinned: recording.isPinned, createdAt: recording.createdAt })
      return true
    } catch (reason) {
      if (reason instanceof WeirError && reason.code === 'storage.exists') return false
      throw reason
    }
  }

  private names(folder: string): string[] {
    const rest = this.manifest.entries.map(({ name }) => name).filter((name) => name.startsWith(folder))
    return rest.filter((name) => !name.slice(folder.length).includes('/'))
  }

  private heads(folder: string): string[] {
    return this.names(folder).filter((name) => name.endsWith('.json') && !name.endsWith('.flow.json'))
  }

  private bytes(name: string): Promise<Uint8Array<ArrayBuffer>> {
    return bytesOf(this.files.get(name), name)
  }

  private async text(name: string): Promise<string> {
    return textOf(await this.bytes(name))
  }

  private async json(name: string): Promise<unknown> {
    return jsonOf(await this.text(name), name)
  }

  private progress(): void {
    this.stored += 1
    const of = this.manifest.entries.length
    this.options.onProgress?.({ checked: of, stored: this.stored, of })
  }
}

function isFile(entry: Entry): entry is FileEntry {
  return !entry.directory
}

function partName(id: string, part: number): string {
  return `recordings/${id}/${String(part).padStart(6, '0')}.part`
}

function documentOf(name: string): string {
  return `${name.slice(0, -'.json'.length)}.flow.json`
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
}

/** Never more than an entry may have, whatever its head says. */
async function bytesOf(entry: FileEntry | undefined, name: string): Promise<Uint8Array<ArrayBuffer>> {
  if (!entry) throw damaged(`'${name}' is missing`)
  if (entry.uncompressedSize > MOST_ENTRY_BYTES) throw damaged(`'${name}' is too large`)
  const bytes = new Uint8Array(entry.uncompressedSize)
  let at = 0
  const into = new WritableStream<Uint8Array>({
    write(chunk) {
      if (at + chunk.length > bytes.length) throw damaged(`'${name}' is larger than it says`)
      bytes.set(chunk, at)
      at += chunk.length
    }
  })
  await entry.getData(into, { checkSignature: true })
  if (at < bytes.length) throw damaged(`'${name}' is cut off`)
  return bytes
}

/** What the zip library and the decoder throw for a file that is no archive, or a damaged one. */
function asDamage(reason: unknown): WeirError {
  if (reason instanceof WeirError) return reason
  if (isNamed(reason, 'NotReadableError'))
    return damaged('it was changed or deleted after it was chosen; choose it again')
  return damaged(reason instanceof Error ? reason.message : String(reason))
}
