// Makes the seal of a run that has ended in this browser: reads once more the files that it has read and written.
import { isList, memberOf, meaningOf, openFlow, parseJson, textMember, toPlain } from '@weir/flow-model'
import type { Catalogue, Json } from '@weir/flow-model'
import { flowTexts } from '../run/flow-texts.ts'
import type { RunPlace, ShownRun } from '../run/shown-run.ts'
import { RowCount } from './row-difference.ts'
import { kKeptBytes, kKeptTextBytes, SealError } from './seal.ts'
import type { Seal, SealedFile } from './seal.ts'
import { sha256Of, sha256OfFile } from './sha256.ts'

/** Of the engine that this page is built with. */
export const kEngine = '1.0.0'

/** How a place finds the files of a flow's runs, by their names in a seal. */
export type FileOf = (name: string) => Promise<File | undefined>

/** The name that a file has in a seal, of `mount:path`. */
export function sealedName(path: string): string {
  const plain = path.replace(/^project:/, '')
  return /^[^/]*:/.test(plain) && plain !== path ? path : plain
}

function impossible(why: string): SealError {
  return new SealError(`The run cannot be sealed: ${why}.`)
}

/** Empty if it can be; `live` and what reaches outside are known without asking the engine. */
export function whyNotSealed(documentText: string, catalogue: Catalogue): string {
  const read = parseJson(documentText)
  const nodes = read.ok ? memberOf(read.value, 'nodes') : undefined
  for (const node of isList(nodes) ? nodes : []) {
    const type =
      catalogue.find(textMember(node, 'typeId'), textMember(node, 'version')) ??
      catalogue.newest(textMember(node, 'typeId'))
    const name = textMember(node, 'name') || textMember(node, 'id')
    if (type?.unbounded === true) return `the source ${name} is live`
    const outside = type?.needs.find((need) => need !== 'files')
    if (outside !== undefined) return `${name} reaches outside of the files that can be compared (${outside})`
  }
  return ''
}

/** SHA-256 of a document's meaning. */
export function meaningDigest(documentText: string): string {
  const opened = openFlow(documentText)
  if (opened.state === 'broken') throw impossible('its flow cannot be read')
  return sha256Of(meaningOf(opened.document.toJson()))
}

function parametersOf(root: Json, given: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const declared = memberOf(root, 'parameters')
  const named = (isList(declared) ? declared : []).flatMap((parameter): [string, unknown][] => {
    const name = textMember(parameter, 'name')
    const initial = memberOf(parameter, 'default')
    if (name in given) return [[name, given[name]]]
    return initial === undefined ? [] : [[name, toPlain(initial)]]
  })
  return Object.fromEntries(named.sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** How a node of the flow writes this file as CSV; by its ending if none of them names it. */
function csvOf(root: Json, name: string, parameters: Readonly<Record<string, unknown>>): SealedFile['csv'] {
  const nodes = memberOf(root, 'nodes')
  for (const node of isList(nodes) ? nodes : []) {
    const settings = memberOf(node, 'settings')
    const path = textMember(settings, 'path').replace(/\$\{(\w+)\}/g, (whole, key: string) =>
      key in parameters ? String(parameters[key]) : whole
    )
    if (textMember(node, 'typeId') !== 'files/csv-write' || sealedName(path.replace(/^\.\//, '')) !== name) continue
    const delimiter = textMember(settings, 'delimiter') || ','
    if (delimiter !== 'tab' && delimiter.length !== 1) return undefined
    return { delimiter: delimiter === 'tab' ? '\t' : delimiter, header: memberOf(settings, 'header') !== false }
  }
  if (name.endsWith('.csv')) return { delimiter: ',', header: true }
  return name.endsWith('.tsv') ? { delimiter: '\t', header: true } : undefined
}

/** Length, digest, and rows of a file. */
export async function measure(name: string, csv: SealedFile['csv'], file: File): Promise<SealedFile> {
  const form = { name, ...(csv !== undefined && { csv }) }
  const count = new RowCount(form)
  const sha256 = await sha256OfFile(file, (piece) => {
    count.add(piece)
  })
  const { rows } = count
  return { name, bytes: file.size, ...(rows !== undefined && { rows }), sha256, ...(csv !== undefined && { csv }) }
}

/** What a small file holds, if it is UTF-8. */
async function keptText(file: File): Promise<string | undefined> {
  if (file.size > kKeptTextBytes) return undefined
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(await file.arrayBuffer())
  } catch {
    return undefined
  }
}

async function inputsOf(run: ShownRun, fileOf: FileOf): Promise<SealedFile[]> {
  const inputs: SealedFile[] = []
  const used = run.filesUsed?.()
  const written = new Set(used?.written.map(sealedName))
  for (const { path, bytes, modifiedMicros } of used?.read ?? []) {
    const name = sealedName(path)
    if (written.has(name)) throw impossible(`${name} is read, and then written by the same run`)
    const file = await fileOf(name)
    if (file === undefined) throw impossible(`${name}, which it has read, cannot be read any more`)
    if (file.size !== bytes || Math.abs(file.lastModified * 1000 - modifiedMicros) >= 1000)
      throw impossible(`${name} was changed after the run had opened it`)
    inputs.push(await measure(name, undefined, file))
  }
  return inputs.sort((a, b) => (a.name < b.name ? -1 : 1))
}

async function outputsOf(
  run: ShownRun,
  fileOf: FileOf,
  csv: (name: string) => SealedFile['csv']
): Promise<SealedFile[]> {
  const outputs: SealedFile[] = []
  let kept = 0
  for (const path of run.filesUsed?.()?.written ?? []) {
    const name = sealedName(path)
    const file = await fileOf(name)
    // A file that is only written if there are rows.
    if (file === undefined) continue
    const text = await keptText(file)
    const measured = await measure(name, csv(name), file)
    if (text !== undefined) kept += file.size
    outputs.push(text !== undefined && kept <= kKeptBytes ? { ...measured, text } : measured)
  }
  return outputs.sort((a, b) => (a.name < b.name ? -1 : 1))
}

async function usesOf(documentText: string, read: RunPlace['readFlow']): Promise<Record<string, string>> {
  if (read === undefined) return {}
  const texts = Object.entries(await flowTexts(documentText, read)).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(texts.map(([id, text]) => [id, meaningDigest(text)]))
}

/** @throws SealError that says why it cannot be sealed */
export async function makeSeal(run: ShownRun, place: RunPlace, catalogue: Catalogue): Promise<Seal> {
  const { documentText, status, result } = run.facts.getState()
  const why = whyNotSealed(documentText, catalogue)
  if (why !== '') throw impossible(why)
  if (status !== 'done' || result?.outcome !== 'done') throw impossible('it did not end as it should')
  const [back] = await run.heldBack()
  if (back !== undefined) throw impossible(`it has held back what ${back.node} writes`)
  const { fileOf } = place
  if (fileOf === undefined || run.filesUsed?.() === undefined) throw impossible('its files are not in this browser')
  const [reason] = (await place.whyNotSame?.(documentText)) ?? []
  if (reason !== undefined) throw impossible(reason)
  const opened = openFlow(documentText)
  if (opened.state === 'broken') throw impossible('its flow cannot be read')
  const { id } = opened.document
  const root = opened.document.toJson()
  const find: FileOf = (name) => fileOf(id, name)
  const parameters = parametersOf(root, run.parameters ?? {})
  const outputs = await outputsOf(run, find, (name) => csvOf(root, name, parameters))
  if (outputs.length === 0) throw impossible('it has written no files')
  const uses = await usesOf(documentText, place.readFlow)
  const codes = Object.entries(result.errorsByCode).sort(([a], [b]) => (a < b ? -1 : 1))
  return {
    engine: kEngine,
    flow: { id, meaning: sha256Of(meaningOf(root)), ...(Object.keys(uses).length > 0 && { uses }) },
    parameters,
    inputs: await inputsOf(run, find),
    outputs,
    setAside: { rows: result.deadLetters, byCode: Object.fromEntries(codes) }
  }
}
