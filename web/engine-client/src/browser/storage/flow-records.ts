// The records of flows and their versions: what they look like in the database, and outside.
import { WeirError } from '../../errors.ts'

export const MOST_DOCUMENT_BYTES = 64 * 1024 * 1024
const MOST_NAME = 400
const MOST_TAGS = 100

/** What is known of a flow without its document. Times are milliseconds since 1970. */
export interface FlowHead {
  id: string
  /** Such as team/reports; the root if there is none. */
  folder?: string
  name: string
  description: string
  tags: string[]
  /** Grows with each change of any flow of the database; one number never stands for two states. */
  revision: number
  createdAt: number
  changedAt: number
  /** When it was put into the bin; null: it is not there. */
  binnedAt: number | null
  /** Of the document, in UTF-8. */
  bytes: number
  /** Numbers of versions; 0: none. */
  latestVersion: number
  publishedVersion: number
}

export interface StoredFlow extends FlowHead {
  document: string
}

export interface VersionHead {
  flow: string
  /** 1 for the first of a flow, and so on. */
  number: number
  /** The flow's own version, such as 1.4.0; may be empty. */
  label: string
  message: string
  published: boolean
  createdAt: number
  bytes: number
}

export interface StoredVersion extends VersionHead {
  document: string
}

/** As stored: indexes need keys, and neither null nor booleans are keys. */
export interface FlowRecord extends Omit<FlowHead, 'binnedAt'> {
  binned: 0 | 1
  binnedAt: number
  folded: string
}

export function folded(text: string): string {
  return text.normalize('NFKC').toLowerCase()
}

export function headOf(record: FlowRecord): FlowHead {
  const { id, name, description, tags, revision, createdAt, changedAt, bytes, latestVersion, publishedVersion } = record
  const binnedAt = record.binned === 1 ? record.binnedAt : null
  return {
    id,
    name,
    description,
    tags: [...tags],
    revision,
    createdAt,
    changedAt,
    binnedAt,
    bytes,
    latestVersion,
    publishedVersion,
    ...(record.folder === undefined ? {} : { folder: record.folder })
  }
}

/** A flow with everything that belongs to it, on its way from or to a file. */
export interface WholeFlow {
  head: FlowHead
  document: string
  versions: StoredVersion[]
  /** What was done since it was saved last. */
  edits: unknown[]
}

export function recordOf(head: FlowHead): FlowRecord {
  const binned = head.binnedAt === null ? 0 : 1
  return { ...head, binned, binnedAt: head.binnedAt ?? 0, folded: folded(head.name) }
}

const isText = (value: unknown): value is string => typeof value === 'string'
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0

export function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every(isText)
}

/** Whether a value of the database, or of an import, is what it should be. */
export function isFlowHead(value: unknown): value is FlowHead {
  const head = value as Partial<FlowHead> | null
  if (typeof head !== 'object' || head === null) return false
  const numbers = [head.revision, head.createdAt, head.changedAt, head.bytes, head.latestVersion, head.publishedVersion]
  if (!isText(head.id) || head.id === '' || !isText(head.name) || !isText(head.description)) return false
  if (head.folder !== undefined && !isText(head.folder)) return false
  return isTexts(head.tags) && numbers.every(isCount) && (head.binnedAt === null || isCount(head.binnedAt))
}

export function isFlowRecord(value: unknown): value is FlowRecord {
  const record = value as Partial<FlowRecord> | null
  return isFlowHead(value) && (record?.binned === 0 || record?.binned === 1) && isText(record.folded)
}

export function isVersionHead(value: unknown): value is VersionHead {
  const head = value as Partial<VersionHead> | null
  if (typeof head !== 'object' || head === null) return false
  const texts = [head.flow, head.label, head.message]
  return texts.every(isText) && [head.number, head.createdAt, head.bytes].every(isCount) && isBoolean(head.published)
}

function isBoolean(value: unknown): value is boolean {
  return typeof value === 'boolean'
}

/** Bytes of a document in UTF-8; throws for one that is too large. */
export function sizeOf(document: string): number {
  const bytes = new TextEncoder().encode(document).length
  if (bytes <= MOST_DOCUMENT_BYTES) return bytes
  throw new WeirError('storage.too_large', `the document has ${bytes} bytes; at most ${MOST_DOCUMENT_BYTES} are stored`)
}

/** The part of a flow that people type; throws for what is no name or no list of tags. */
export interface FlowLabels {
  folder?: string
  name?: string
  description?: string
  tags?: string[]
}

export function checkedLabels({ folder, name, description, tags }: FlowLabels): FlowLabels {
  if (folder !== undefined && !isText(folder)) throw invalid('the folder of a flow is a text such as team/reports')
  if (name !== undefined && (!isText(name) || name.trim() === '' || name.length > MOST_NAME)) {
    throw invalid(`the name of a flow has 1 to ${MOST_NAME} characters`)
  }
  if (description !== undefined && !isText(description)) throw invalid('the description of a flow is a text')
  if (tags !== undefined && (!isTexts(tags) || tags.length > MOST_TAGS)) {
    throw invalid(`the tags of a flow are a list of ${MOST_TAGS} texts at most`)
  }
  const labels: FlowLabels = {}
  if (folder !== undefined) labels.folder = folder
  if (name !== undefined) labels.name = name
  if (description !== undefined) labels.description = description
  if (tags !== undefined) labels.tags = [...new Set(tags.map((tag) => tag.trim()).filter((tag) => tag !== ''))]
  return labels
}

export function invalid(message: string): WeirError {
  return new WeirError('storage.invalid', message)
}
