// Pasting: text becomes the nodes that it asks for, by readers that are tried in turn; and a report of what was made.
import type { FlowDocument } from '../document/flow-document.ts'
import { checkShape } from '../document/check-shape.ts'
import { migrateDocument } from '../document/migrate.ts'
import { flowShape } from '../document/shape.ts'
import { parseJson } from '../json/parse.ts'
import { countOf, fromPlain, isList, isObject } from '../json/value.ts'
import type { Json, JsonObject } from '../json/value.ts'
import { addNode } from '../operations/edits.ts'
import { addNote } from '../operations/canvas.ts'
import type { FreshIds } from '../operations/names.ts'
import type { Operation } from '../operations/operation.ts'
import { Problems } from '../problem.ts'
import type { Catalogue } from '../catalogue/catalogue.ts'
import { parseCurl } from './curl.ts'
import { pasteElements, readSelection } from './selection-text.ts'

/** Longer texts are for files, not for a document: they are refused with that advice. In UTF-16 units. */
export const kMostPasted = 4 * 1024 * 1024

export interface PasteContext {
  document: FlowDocument
  catalogue: Catalogue
  ids: FreshIds
  /** Where the first thing goes, in canvas units. */
  at: { x: number; y: number }
}

/** A file that has to be written for a pasted node to read. */
export interface PastedFile {
  /** A path in the mount `project`. */
  path: string
  text: string
}

export interface PasteResult {
  /** Which reader it was. */
  reader: string
  operations: Operation[]
  files: PastedFile[]
  /** For a person, a line each: "2 nodes, 1 edge". */
  report: string[]
  /** What could not be taken, and why. */
  warnings: string[]
}

export interface PasteReader {
  name: string
  /** Undefined: this text is for another reader. */
  read: (text: string, context: PasteContext) => Omit<PasteResult, 'reader'> | undefined
}

function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`
}

function ofElements(from: JsonObject, context: PasteContext): Omit<PasteResult, 'reader'> {
  const { operations, ids, skipped } = pasteElements(context.document, from, context.at, context.ids)
  const words = { nodes: 'node', edges: 'edge', groups: 'box', notes: 'note', widgets: 'widget' } as const
  const parts = (['nodes', 'edges', 'groups', 'notes', 'widgets'] as const)
    .filter((kind) => ids[kind].length > 0)
    .map((kind) =>
      kind === 'groups' && ids.groups.length !== 1
        ? `${ids.groups.length} boxes`
        : counted(ids[kind].length, words[kind])
    )
  return { operations, files: [], report: [parts.join(', ')], warnings: skipped }
}

const selectionReader: PasteReader = {
  name: 'selection',
  read: (text, context) => {
    const selection = readSelection(text)
    return selection === undefined ? undefined : ofElements(selection, context)
  }
}

const flowReader: PasteReader = {
  name: 'flow',
  read: (text, context) => {
    if (!/^\s*\{/.test(text) || !text.includes('"nodes"')) return undefined
    const read = parseJson(text)
    if (!read.ok || !isObject(read.value) || !isList(read.value.get('nodes'))) return undefined
    const problems = new Problems()
    const { root } = migrateDocument(read.value, problems)
    if (!problems.failed) checkShape(root, flowShape, '', problems)
    const made = ofElements(isObject(root) ? root : read.value, context)
    const said = problems.list.slice(0, 3).map((problem) => problem.message)
    const parameters = countOf(read.value.get('parameters'))
    if (parameters > 0) said.push(`its ${counted(parameters, 'parameter')} and its own settings were left out.`)
    return { ...made, warnings: [...made.warnings, ...said] }
  }
}

/** A node of the newest version of a type; undefined if the catalogue has none. */
function nodeOf(
  context: PasteContext,
  typeId: string,
  base: string,
  settings: Record<string, unknown>
): Operation | undefined {
  const type = context.catalogue.newest(typeId)
  if (type === undefined) return undefined
  const known = new Set(type.settings.map((spec) => spec.name))
  const given = Object.entries(settings).filter(([key, value]) => value !== undefined && known.has(key))
  return addNode({
    id: context.ids.id('nodes', base),
    typeId: type.id,
    version: type.version,
    settings: fromPlain(Object.fromEntries(given)) as JsonObject,
    at: context.at
  })
}

function fileOf(context: PasteContext, ending: string, text: string): PastedFile {
  let number = 1
  const taken = context.document.nodes().map((node) => node.settings.get('path'))
  while (taken.includes(pathOf(number, ending))) ++number
  return { path: pathOf(number, ending), text }
}

function pathOf(number: number, ending: string): string {
  return `pasted/${number === 1 ? 'rows' : `rows-${number}`}.${ending}`
}

const urlReader: PasteReader = {
  name: 'url',
  read: (text, context) => {
    const url = text.trim()
    if (!/^(https?|wss?):\/\/\S+$/i.test(url)) return undefined
    const stream = /^ws/i.test(url)
    const operation = stream
      ? nodeOf(context, 'websocket/read', 'stream', { url })
      : (nodeOf(context, 'http/poll', 'poll', { url }) ?? nodeOf(context, 'http/request', 'request', { url }))
    if (operation === undefined) return undefined
    return { operations: [operation], files: [], report: [`a node that reads ${url.slice(0, 80)}`], warnings: [] }
  }
}

const curlReader: PasteReader = {
  name: 'curl',
  read: (text, context) => {
    const request = parseCurl(text)
    if (request === undefined) return undefined
    const warnings = request.ignored.map((option) => `${option} was left out.`)
    const headers = new Map<string, Json>()
    for (const [name, value] of request.headers) {
      const secret = /^(authorization|x-api-key|cookie|proxy-authorization)$/i.test(name)
      headers.set(name, secret ? `\${secret:${secretName(name)}}` : value)
      if (secret) warnings.push(`the value of ${name} was left out: keep it as the secret ${secretName(name)}.`)
    }
    const [user, password] = request.user.split(':')
    if (password !== undefined) warnings.push('the password was left out: keep it as the secret HTTP_PASSWORD.')
    const operation = nodeOf(context, 'http/request', 'request', {
      url: request.url,
      method: request.method === 'GET' ? undefined : request.method,
      headers: headers.size === 0 ? undefined : headers,
      ...(request.user === '' ? {} : { auth: 'basic', user, secret: '${secret:HTTP_PASSWORD}' }),
      bodyFrom: request.body === '' ? undefined : JSON.stringify(request.body),
      bodyType: request.body === '' ? undefined : 'text'
    })
    if (operation === undefined) return undefined
    return {
      operations: [operation],
      files: [],
      report: [`a node that asks ${request.method} ${request.url.slice(0, 80)}`],
      warnings
    }
  }
}

function secretName(header: string): string {
  return header.toUpperCase().replace(/[^A-Z0-9]+/g, '_')
}

/** Rows from JSON: a list of objects, or an object a line. */
function jsonRows(text: string): { count: number; lines: boolean } | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined
  const whole = parseJson(text)
  if (whole.ok) {
    if (!isList(whole.value) || whole.value.length === 0 || !whole.value.every(isObject)) return undefined
    return { count: whole.value.length, lines: false }
  }
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '')
  const good = lines.length > 1 && lines.every((line) => line.trimStart().startsWith('{') && parseJson(line).ok)
  return good ? { count: lines.length, lines: true } : undefined
}

const jsonReader: PasteReader = {
  name: 'json',
  read: (text, context) => {
    const rows = jsonRows(text)
    if (rows === undefined) return undefined
    const file = fileOf(context, rows.lines ? 'ndjson' : 'json', text)
    const operation = nodeOf(context, 'files/json-read', 'rows', { path: file.path })
    if (operation === undefined) return undefined
    return {
      operations: [operation],
      files: [file],
      report: [`a reader of ${counted(rows.count, 'row')} in ${file.path}`],
      warnings: []
    }
  }
}

const kDelimiters = ['\t', ';', ',', '|']

/** The delimiter by which all of the first lines have as many fields as the first, at least two. */
export function delimiterOf(text: string): string | undefined {
  const lines = text.split(/\r?\n/, 50).filter((line) => line.trim() !== '')
  if (lines.length < 2) return undefined
  const fields = (line: string, delimiter: string): number =>
    line.replace(/"(?:[^"]|"")*"/g, '').split(delimiter).length
  return kDelimiters.find((delimiter) => {
    const first = fields(lines[0] ?? '', delimiter)
    return first > 1 && lines.every((line) => fields(line, delimiter) === first)
  })
}

const csvReader: PasteReader = {
  name: 'csv',
  read: (text, context) => {
    const delimiter = delimiterOf(text)
    if (delimiter === undefined) return undefined
    const file = fileOf(context, delimiter === '\t' ? 'tsv' : 'csv', text)
    const operation = nodeOf(context, 'files/csv-read', 'table', { path: file.path })
    if (operation === undefined) return undefined
    const count = text.split(/\r?\n/).filter((line) => line.trim() !== '').length - 1
    return {
      operations: [operation],
      files: [file],
      report: [`a reader of ${counted(count, 'row')} in ${file.path}`],
      warnings: []
    }
  }
}

const noteReader: PasteReader = {
  name: 'note',
  read: (text, context) => {
    if (text.trim() === '' || text.length > 20_000) return undefined
    const id = context.ids.id('notes', 'note')
    const box = { ...context.at, width: 206, height: 100 }
    return { operations: [addNote({ id, text }, box)], files: [], report: ['a note'], warnings: [] }
  }
}

/** The readers in the order in which they are tried. Others (of other tools' flows) are put before them. */
export const kPasteReaders: readonly PasteReader[] = [
  selectionReader,
  flowReader,
  curlReader,
  urlReader,
  jsonReader,
  csvReader,
  noteReader
]

/** Never throws. Undefined: nothing is made of this text, and `reason` of `refusePaste` says why. */
export function paste(
  text: string,
  context: PasteContext,
  readers: readonly PasteReader[] = kPasteReaders
): PasteResult | undefined {
  if (refusePaste(text) !== '') return undefined
  for (const reader of readers) {
    const made = reader.read(text, context)
    if (made !== undefined) return { reader: reader.name, ...made }
  }
  return undefined
}

/** Why a text is not looked at; empty if it is. */
export function refusePaste(text: string): string {
  if (text.length <= kMostPasted) return ''
  const megabytes = Math.round(text.length / 1024 / 1024)
  return `This text has ${megabytes} MB. Save it as a file, and drop the file on the canvas.`
}
