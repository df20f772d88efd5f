// FlowCalls: flows and versions that the place keeps, as the module's calls ask for them (apps/wasm/page-store.cpp).
import type { CallAnswer } from '../wasm/engine-module.ts'
import { WireWriter, type WireReader } from '../wasm/wire.ts'

export const FlowCallKind = {
  flowCreate: 60,
  flowRead: 61,
  flowReplace: 62,
  flowBin: 63,
  flowRestore: 64,
  flowPurge: 65,
  flowList: 66,
  versionAppend: 67,
  versionList: 68,
  versionRead: 69
} as const

interface HeadOfFlow {
  id: string
  /** Such as team/reports; the root if there is none. */
  folder?: string
  name: string
  description: string
  tags: string[]
  revision: number
  createdAt: number
  changedAt: number
  binnedAt: number | null
  bytes: number
  latestVersion: number
  publishedVersion: number
}

interface HeadOfVersion {
  number: number
  label: string
  message: string
  published: boolean
  createdAt: number
  bytes: number
}

interface Labels {
  folder?: string
  name?: string
  description?: string
  tags?: string[]
}

/** What keeps flows; FlowStore of @weir/engine-client/browser is one. Refusals are WeirError `storage.*`. */
export interface FlowHost {
  create(flow: Labels & { id: string; document: string }): Promise<HeadOfFlow>
  read(id: string): Promise<HeadOfFlow & { document: string }>
  replace(id: string, ifRevision: number, change: Labels & { document?: string }): Promise<HeadOfFlow>
  bin(id: string, ifRevision?: number): Promise<HeadOfFlow>
  restore(id: string, ifRevision?: number): Promise<HeadOfFlow>
  purge(id: string, ifRevision?: number): Promise<void>
  list(query: {
    search: string
    tags: string[]
    /** It is there or below. */
    folder?: string
    bin: boolean
    order: 'changed' | 'name'
    limit: number
    cursor?: string
  }): Promise<{ flows: HeadOfFlow[]; cursor: string | null }>
  appendVersion(
    flow: string,
    version: { label: string; message: string; published: boolean; ifRevision?: number }
  ): Promise<HeadOfVersion>
  listVersions(flow: string, page: { before?: number; limit: number }): Promise<HeadOfVersion[]>
  getVersion(flow: string, number: number): Promise<HeadOfVersion & { document: string }>
}

function writeHead(wire: WireWriter, head: HeadOfFlow): WireWriter {
  wire.text(head.id).text(head.name).text(head.description).word(head.tags.length)
  for (const tag of head.tags) wire.text(tag)
  wire.number(head.revision).number(head.createdAt).number(head.changedAt)
  wire.flag(head.binnedAt !== null).number(head.binnedAt ?? 0)
  wire.number(head.bytes).number(head.latestVersion).number(head.publishedVersion)
  return wire.text(head.folder ?? '')
}

function writeVersion(wire: WireWriter, head: HeadOfVersion): WireWriter {
  wire.number(head.number).text(head.label).text(head.message).flag(head.published)
  return wire.number(head.createdAt).number(head.bytes)
}

function textsOf(args: WireReader): string[] {
  return Array.from({ length: args.word() }, () => args.text())
}

function changeOf(args: WireReader): Labels & { document?: string } {
  const change: Labels & { document?: string } = {}
  for (const key of ['folder', 'name', 'description', 'document'] as const) {
    const isGiven = args.flag()
    const text = args.text()
    if (isGiven) change[key] = text
  }
  const hasTags = args.flag()
  const tags = textsOf(args)
  if (hasTags) change.tags = tags
  return change
}

export function flowCall(flows: FlowHost, kind: number, args: WireReader): CallAnswer {
  if (kind === FlowCallKind.flowList) return listed(flows, args)
  const id = args.text()
  const hasRevision = args.flag()
  const given = args.number()
  const revision = hasRevision ? given : undefined
  const head = (found: HeadOfFlow): WireWriter => writeHead(new WireWriter(), found)
  switch (kind) {
    case FlowCallKind.flowCreate: {
      const { document = '', ...labels } = changeOf(args)
      return flows.create({ ...labels, id, document }).then(head)
    }
    case FlowCallKind.flowRead:
      return flows.read(id).then((flow) => head(flow).text(flow.document))
    case FlowCallKind.flowReplace:
      return flows.replace(id, given, changeOf(args)).then(head)
    case FlowCallKind.flowBin:
      return flows.bin(id, revision).then(head)
    case FlowCallKind.flowRestore:
      return flows.restore(id, revision).then(head)
    case FlowCallKind.flowPurge:
      return flows.purge(id, revision).then(() => undefined)
    default:
      return versionCall(flows, kind, args, id, revision)
  }
}

function versionCall(
  flows: FlowHost,
  kind: number,
  args: WireReader,
  id: string,
  revision: number | undefined
): CallAnswer {
  if (kind === FlowCallKind.versionAppend) {
    const version = { label: args.text(), message: args.text(), published: args.flag() }
    const asked = revision === undefined ? version : { ...version, ifRevision: revision }
    return flows.appendVersion(id, asked).then((made) => writeVersion(new WireWriter(), made))
  }
  if (kind === FlowCallKind.versionRead) {
    return flows.getVersion(id, args.number()).then((found) => {
      return writeVersion(new WireWriter(), found).text(found.document)
    })
  }
  const before = args.number()
  const limit = args.number()
  return flows.listVersions(id, before === 0 ? { limit } : { before, limit }).then((found) => {
    const wire = new WireWriter()
    for (const version of found) writeVersion(wire, version)
    return wire
  })
}

function listed(flows: FlowHost, args: WireReader): CallAnswer {
  const search = args.text()
  const tags = textsOf(args)
  const folder = args.text()
  const bin = args.flag()
  const order = args.flag() ? 'name' : 'changed'
  const cursor = args.text()
  const limit = args.number()
  const query = { search, tags, bin, order, limit, ...(folder === '' ? {} : { folder }) } as const
  return flows.list(cursor === '' ? query : { ...query, cursor }).then((page) => {
    const wire = new WireWriter().text(page.cursor ?? '')
    for (const flow of page.flows) writeHead(wire, flow)
    return wire
  })
}
