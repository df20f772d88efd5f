// Export: everything that this site keeps in this browser, as one zip that is written while it is read.
import { Uint8ArrayReader, ZipWriter } from '@zip.js/zip.js/lib/zip-core-native.js'
import type { StorageParts } from '../browser-storage.ts'
import type { FlowPage } from '../flow-query.ts'
import type { WholeFlow } from '../flow-records.ts'
import { wholeFlow } from '../flow-transfer.ts'
import type { RunPage } from '../run-history.ts'
import { digestOf, FORMAT, FORMAT_VERSION, MANIFEST, type Manifest } from './format.ts'

const PAGE = 200
const ABOUT =
  'An export of Weir: flows with their versions, runs, recordings and settings of one browser. Secrets are not in it.'

export interface ExportOptions {
  /** Recordings are left out with `false`; they are most of the bytes. */
  recordings?: boolean
  onProgress?: (done: { flows: number; recordings: number; bytes: number }) => void
}

/** A file to be downloaded or written. Errors of reading end the stream with them. */
export function exportAll(parts: StorageParts, options: ExportOptions = {}): ReadableStream<Uint8Array> {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
  const archive = new Archive(new ZipWriter(writable, { useWebWorkers: false }), options)
  writeAll(parts, archive, options).catch(async (reason: unknown) => {
    await writable.abort(reason).catch(() => undefined)
  })
  return readable
}

async function writeAll(parts: StorageParts, archive: Archive, { recordings = true }: ExportOptions): Promise<void> {
  for (const bin of [false, true]) {
    let page: FlowPage | undefined
    do {
      page = await parts.flows.list({ bin, limit: PAGE, ...(page?.cursor ? { cursor: page.cursor } : {}) })
      for (const { id } of page.flows) {
        const flow = await wholeFlow(parts.connection, id)
        if (flow) await archive.addFlow(flow)
      }
    } while (page.cursor !== null)
  }
  await addRuns(parts, archive)
  if (recordings) await addRecordings(parts, archive)
  const settings = await parts.settings.all()
  archive.counts.settings = Object.keys(settings).length
  await archive.addJson('settings.json', settings)
  await archive.close()
}

async function addRuns(parts: StorageParts, archive: Archive): Promise<void> {
  let page: RunPage | undefined
  for (let number = 1; page?.cursor !== null; number++) {
    page = await parts.runs.list({ limit: PAGE, ...(page?.cursor ? { cursor: page.cursor } : {}) })
    archive.counts.runs += page.runs.length
    if (page.runs.length > 0) await archive.addJson(`runs/${padded(number)}.json`, page.runs)
  }
}

async function addRecordings(parts: StorageParts, archive: Archive): Promise<void> {
  for (const recording of await parts.recordings.list()) {
    if (!recording.isComplete) continue
    for (let part = 0; part < recording.parts; part++) {
      const bytes = await parts.payloads.readPart(recording.id, part)
      if (!bytes) break
      const name = `recordings/${recording.id}/${padded(part)}.part`
      await archive.add(name, new Uint8Array(await bytes.arrayBuffer()), 0)
    }
    await archive.addJson(`recordings/${recording.id}.json`, recording)
    archive.counts.recordings += 1
  }
}

class Archive {
  readonly counts: Manifest['counts'] = { flows: 0, versions: 0, runs: 0, recordings: 0, settings: 0 }
  private readonly entries: Manifest['entries'] = []
  private bytes = 0

  constructor(
    private readonly zip: ZipWriter<unknown>,
    private readonly options: ExportOptions
  ) {}

  /** Its documents are files that can be used as they are. */
  async addFlow({ head, document, versions, edits }: WholeFlow): Promise<void> {
    this.counts.flows += 1
    const name = `flows/${padded(this.counts.flows)}-${slug(head.id)}`
    await this.addText(`${name}.flow.json`, document)
    for (const { document, ...version } of versions) {
      this.counts.versions += 1
      const path = `${name}/versions/${padded(version.number)}`
      await this.addText(`${path}.flow.json`, document)
      await this.addJson(`${path}.json`, version)
    }
    await this.addJson(`${name}.json`, { ...head, edits })
  }

  addJson(name: string, value: unknown): Promise<void> {
    return this.addText(name, `${JSON.stringify(value, null, 1)}\n`)
  }

  async add(name: string, bytes: Uint8Array<ArrayBuffer>, level: number): Promise<void> {
    this.entries.push({ name, bytes: bytes.length, sha256: await digestOf(bytes) })
    await this.zip.add(name, new Uint8ArrayReader(bytes), { level })
    this.bytes += bytes.length
    const { flows, recordings } = this.counts
    this.options.onProgress?.({ flows, recordings, bytes: this.bytes })
  }

  /** The manifest comes last: a file without one was cut off. */
  async close(): Promise<void> {
    const head = { format: FORMAT, version: FORMAT_VERSION, about: ABOUT, createdAt: new Date().toISOString() } as const
    const manifest: Manifest = { ...head, counts: this.counts, entries: this.entries }
    await this.zip.add(MANIFEST, new Uint8ArrayReader(new TextEncoder().encode(JSON.stringify(manifest, null, 1))))
    await this.zip.close()
  }

  private addText(name: string, text: string): Promise<void> {
    return this.add(name, new TextEncoder().encode(text), 6)
  }
}

function padded(number: number): string {
  return String(number).padStart(6, '0')
}

function slug(id: string): string {
  return id.replace(/[^A-Za-z0-9]+/gu, '-').slice(0, 60)
}
