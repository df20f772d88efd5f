// BrowserHome: flows in the database of this browser.
import { findPointer, openFlow, parseJson } from '@weir/flow-model'
import type { BrowserStorage, FlowHead, FlowLabels } from '@weir/engine-client/storage'
import { FlowGone, FlowMovedOn, FlowTaken } from './flow-home.ts'
import type { FlowHome, HomeRights, KeptFlow, KeptHead, KeptVersion } from './flow-home.ts'

const kEverything: HomeRights = { edit: true, publish: true, run: true }

/** Description and tags of a document; what it does not say is left as it is. */
export function labelsOf(text: string): FlowLabels {
  const read = parseJson(text)
  if (!read.ok) return {}
  const description = findPointer(read.value, '/metadata/description')
  const tags = findPointer(read.value, '/metadata/tags')
  return {
    ...(typeof description === 'string' ? { description } : {}),
    ...(Array.isArray(tags) ? { tags: tags.filter((tag): tag is string => typeof tag === 'string') } : {})
  }
}

function headOf(head: FlowHead): KeptHead {
  const { id, name, folder = '', revision, changedAt, latestVersion, publishedVersion } = head
  return { id, name, folder, revision: String(revision), changedAt, latestVersion, publishedVersion }
}

/** What a code of the storage means here. */
function meant(error: unknown): never {
  const code = (error as { code?: unknown } | null)?.code
  const words = error instanceof Error ? error.message : String(error)
  if (code === 'storage.not_found' || code === 'storage.in_bin') throw new FlowGone(words, { cause: error })
  if (code === 'storage.changed') throw new FlowMovedOn(words, { cause: error })
  if (code === 'storage.exists') throw new FlowTaken(words, { cause: error })
  throw error
}

export class BrowserHome implements FlowHome {
  readonly kind = 'browser'
  readonly name = 'this browser'
  readonly key = 'browser'

  constructor(private readonly storage: BrowserStorage) {}

  rights(): HomeRights {
    return kEverything
  }

  async list(): Promise<readonly KeptHead[]> {
    const { flows } = await this.storage.flows.list({ limit: 500 })
    return flows.map(headOf)
  }

  async read(flow: string): Promise<KeptFlow> {
    const found = await this.storage.flows.read(flow).catch(meant)
    if (found.binnedAt !== null) throw new FlowGone(`flow '${flow}' is in the bin`)
    return { ...headOf(found), text: found.document }
  }

  async write(flow: string, text: string, revision: string): Promise<KeptHead> {
    const change = { ...labelsOf(text), document: text }
    return headOf(await this.storage.flows.replace(flow, Number(revision), change).catch(meant))
  }

  async create(text: string, folder: string): Promise<KeptHead> {
    const opened = openFlow(text)
    const id = opened.state === 'broken' ? '' : opened.document.id
    const made = {
      ...labelsOf(text),
      document: text,
      ...(folder === '' ? {} : { folder }),
      ...(id === '' ? {} : { id })
    }
    return headOf(await this.storage.flows.create(made).catch(meant))
  }

  versions(flow: string): Promise<readonly KeptVersion[]> {
    return this.storage.flows.listVersions(flow, { limit: 200 }).catch(meant)
  }

  async version(flow: string, number: number): Promise<string> {
    return (await this.storage.flows.getVersion(flow, number).catch(meant)).document
  }

  async keepVersion(flow: string, options: { label: string; message: string }): Promise<KeptVersion> {
    const { label, message } = options
    return this.storage.flows.appendVersion(flow, { label, message }).catch(meant)
  }

  async bin(flow: string, revision: string): Promise<void> {
    await this.storage.flows.bin(flow, Number(revision)).catch(meant)
  }
}
