// Seal: what a finished run says about its flow, its inputs and its outputs; the same document as that of `weir run --seal`.
import { fromPlain, writeJson } from '@weir/flow-model'
import { sha256Of } from './sha256.ts'

export const kSealVersion = 1
/** An output that is no larger is kept in the seal itself, so that the cell that differs can be shown. */
export const kKeptTextBytes = 64 << 10
/** All outputs together. */
export const kKeptBytes = 1 << 20

export interface SealedFile {
  /** With its mount, unless that is `project`: `out/a.csv`, `orders:2024.csv`. */
  name: string
  bytes: number
  /** Of an output whose rows are lines. */
  rows?: number
  sha256: string
  /** Of an output that is CSV. */
  csv?: { delimiter: string; header: boolean }
  /** The output itself. */
  text?: string
}

export interface Seal {
  engine: string
  flow: { id: string; meaning: string; uses?: Record<string, string> }
  parameters: Record<string, unknown>
  inputs: SealedFile[]
  outputs: SealedFile[]
  setAside: { rows: number; byCode: Record<string, number> }
}

/** A file that is no seal, or one that cannot be read here; the message is for a person. */
export class SealError extends Error {}

function fileOf({ name, bytes, rows, sha256, csv, text }: SealedFile, withText: boolean): object {
  return {
    name,
    bytes,
    ...(rows !== undefined && { rows }),
    sha256,
    ...(csv !== undefined && { csv: { delimiter: csv.delimiter, header: csv.header } }),
    ...(withText && text !== undefined && { text })
  }
}

function bodyOf({ flow, parameters, inputs, outputs, setAside }: Seal, withText: boolean): Record<string, unknown> {
  const { id, meaning, uses } = flow
  return {
    flow: { id, meaning, ...(uses !== undefined && Object.keys(uses).length > 0 && { uses }) },
    parameters,
    inputs: inputs.map((file) => fileOf(file, withText)),
    outputs: outputs.map((file) => fileOf(file, withText)),
    setAside: { rows: setAside.rows, byCode: setAside.byCode }
  }
}

/** Of everything but the engine's version and kept texts. */
export function digestOf(seal: Seal): string {
  return sha256Of(writeJson(fromPlain(bodyOf(seal, false))))
}

/** The first twelve digits. */
export function shortDigest(digest: string): string {
  return digest.slice(0, 12)
}

export function sealText(seal: Seal): string {
  const { engine } = seal
  return `${JSON.stringify({ weirSeal: kSealVersion, digest: digestOf(seal), engine, ...bodyOf(seal, true) }, null, 2)}\n`
}

function unfit(what: string): SealError {
  return new SealError(`This is no seal, or a damaged one: ${what}.`)
}

function objectIn(value: unknown, what: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw unfit(`${what} is to be an object`)
  return value as Record<string, unknown>
}

function textIn(value: unknown, what: string): string {
  if (typeof value !== 'string') throw unfit(`${what} is to be a text`)
  return value
}

function digestIn(value: unknown, what: string): string {
  if (!/^[0-9a-f]{64}$/.test(textIn(value, what))) throw unfit(`${what} is to be 64 hexadecimal digits`)
  return value as string
}

function countIn(value: unknown, what: string): number {
  if (!Number.isSafeInteger(value) || (value as number) < 0) throw unfit(`${what} is to be a number of at least 0`)
  return value as number
}

function sealedFile(value: unknown): SealedFile {
  const { name, bytes, rows, sha256, csv, text } = objectIn(value, 'a file')
  const file: SealedFile = {
    name: textIn(name, 'the name of a file'),
    bytes: countIn(bytes, `bytes of ${String(name)}`),
    sha256: digestIn(sha256, `the digest of ${String(name)}`)
  }
  if (rows !== undefined) file.rows = countIn(rows, `rows of ${file.name}`)
  if (csv !== undefined) {
    const { delimiter, header } = objectIn(csv, 'csv')
    if (typeof delimiter !== 'string' || delimiter.length !== 1 || typeof header !== 'boolean')
      throw unfit('csv is to have a delimiter of one character, and a header')
    file.csv = { delimiter, header }
  }
  if (text !== undefined) {
    file.text = textIn(text, `the text of ${file.name}`)
    if (sha256Of(file.text) !== file.sha256) throw unfit(`the text of ${file.name} is not what its digest was made of`)
  }
  return file
}

function filesIn(value: unknown, what: string): SealedFile[] {
  if (!Array.isArray(value)) throw unfit(`${what} is to be a list`)
  return value.map(sealedFile)
}

function countsIn(value: unknown): Record<string, number> {
  return Object.fromEntries(
    Object.entries(objectIn(value, 'byCode')).map(([code, rows]) => [code, countIn(rows, code)])
  )
}

function flowIn(value: unknown): Seal['flow'] {
  const { id, meaning, uses } = objectIn(value, 'flow')
  const flow = { id: textIn(id, 'the id of the flow'), meaning: digestIn(meaning, 'the meaning of the flow') }
  if (uses === undefined) return flow
  const used = Object.entries(objectIn(uses, 'uses')).map(([name, digest]) => [name, digestIn(digest, name)] as const)
  return { ...flow, uses: Object.fromEntries(used) }
}

/** @throws SealError: no seal, of a newer version, or one that was changed after it was made */
export function parseSeal(text: string): Seal {
  let root: Record<string, unknown>
  try {
    root = objectIn(JSON.parse(text), 'a seal')
  } catch (reason) {
    throw reason instanceof SealError ? reason : unfit('it is no JSON')
  }
  const version = countIn(root['weirSeal'], 'weirSeal, which says its version,')
  if (version < 1) throw unfit('there is no version 0')
  if (version > kSealVersion) {
    throw new SealError(
      `This seal is of version ${version}, and this page reads version ${kSealVersion}: use a newer Weir.`
    )
  }
  const aside = objectIn(root['setAside'], 'setAside')
  const seal: Seal = {
    engine: textIn(root['engine'], 'engine'),
    flow: flowIn(root['flow']),
    parameters: objectIn(root['parameters'], 'parameters'),
    inputs: filesIn(root['inputs'], 'inputs'),
    outputs: filesIn(root['outputs'], 'outputs'),
    setAside: { rows: countIn(aside['rows'], 'rows set aside'), byCode: countsIn(aside['byCode']) }
  }
  if (digestOf(seal) !== digestIn(root['digest'], 'digest')) {
    throw unfit('its digest is not that of what it says; it was changed after it was made')
  }
  return seal
}
