// Finding text in all flows of a home: each is read once and looked through as findInFlow does.
import { openFlow } from '@weir/flow-model'
import type { Catalogue } from '@weir/flow-model'
import type { OtherFlows } from '../../page/parts.ts'
import { findInFlow } from './find-in-flow.ts'
import type { Found } from './find-in-flow.ts'

export interface FoundIn {
  flow: string
  name: string
  found: Found[]
}

export interface Progress {
  results: readonly FoundIn[]
  /** Flows looked through, and flows that there are. */
  looked: number
  all: number
  /** Flows that could not be read. */
  failed: number
}

const kAtOnce = 4
const kMostOfOne = 20
const kMostKept = 500

/** Reads each revision of a flow once. */
export class FlowReader {
  private readonly kept = new Map<string, { revision: string; text: string }>()

  constructor(private readonly flows: OtherFlows) {}

  async text(id: string, revision: string): Promise<string> {
    const known = this.kept.get(id)
    if (known?.revision === revision) return known.text
    const text = await this.flows.text(id)
    if (this.kept.size < kMostKept) this.kept.set(id, { revision, text })
    return text
  }
}

export interface Wanted {
  flows: OtherFlows
  reader: FlowReader
  catalogue: Catalogue
  text: string
}

/** Tells as it goes on; ends early when `signal` says so. @throws what listing the flows throws */
export async function findEverywhere(
  wanted: Wanted,
  signal: AbortSignal,
  tell: (progress: Progress) => void
): Promise<void> {
  const heads = [...(await wanted.flows.list())]
  const results: FoundIn[] = []
  const progress = { looked: 0, all: heads.length, failed: 0 }
  const say = (): void => {
    if (!signal.aborted) tell({ ...progress, results: [...results] })
  }
  say()
  const look = async (): Promise<void> => {
    for (let head = heads.shift(); head !== undefined && !signal.aborted; head = heads.shift()) {
      try {
        const opened = openFlow(await wanted.reader.text(head.id, head.revision))
        const found =
          opened.state === 'open' ? findInFlow(opened.document, wanted.catalogue, wanted.text, kMostOfOne) : []
        if (opened.state !== 'open') ++progress.failed
        if (found.length > 0) results.push({ flow: head.id, name: head.name, found })
      } catch {
        ++progress.failed
      }
      ++progress.looked
      say()
    }
  }
  await Promise.all(Array.from({ length: kAtOnce }, look))
}
