// Why a row did not go on: the condition that it did not meet, and the cells that decided it.
import { memberOf, isList, isObject, textMember } from '@weir/flow-model'
import type { Json, NodeType } from '@weir/flow-model'
import { columnsIn } from '../formula/cel-tokens.ts'
import { conditionsText, readConditions } from '../formula/conditions.ts'
import type { PartNode } from './document-parts.ts'
import type { RunPlace } from './shown-run.ts'

export interface StopReason {
  /** The condition, or the part of it that the row did not meet; empty where it is none. */
  condition: string
  /** What it came to: *is false*, *is empty*, or the error; a sentence where there is no condition. */
  words: string
  cells: readonly { column: string; value: unknown }[]
  /** Of the node, for its form: `/settings/condition`. */
  path: string
}

export interface StoppedRow {
  row: Readonly<Record<string, unknown>>
  types: Readonly<Record<string, string>>
}

type Asked = Pick<RunPlace, 'evaluate'>

const kWords: Readonly<Record<string, string>> = {
  'aggregate/distinct': 'a row with the same key had come before',
  'flow/deduplicate': 'a row with the same key had come before',
  'flow/limit': 'it was not among the first rows',
  'flow/debounce': 'a newer row came in its place',
  'flow/rate-limit': 'it was over the rate',
  'text/grep': 'the pattern does not match',
  'text/parse': 'its text does not have the form'
}

/** What stopped a row in a node that lets some rows go on; empty: nobody can say. */
export async function stopReasons(
  place: Asked,
  node: PartNode,
  type: NodeType | undefined,
  stopped: StoppedRow
): Promise<StopReason[]> {
  const conditions = conditionsOf(node, type)
  const found: StopReason[] = []
  for (const { text, path } of conditions) found.push(...(await unmet(place, text, path, stopped)))
  if (found.length > 0 || type === undefined) return found
  const id = type.id.replace(/@.*$/, '')
  const words = Object.hasOwn(kWords, id) ? kWords[id] : undefined
  return words === undefined ? [] : [{ condition: '', words, cells: [], path: '' }]
}

interface Found {
  text: string
  path: string
}

/** The settings that are conditions, also those in lists. */
function conditionsOf(node: PartNode, type: NodeType | undefined): Found[] {
  return (type?.settings ?? []).flatMap((spec): Found[] => {
    const value = node.settings.get(spec.name)
    const path = `/settings/${spec.name}`
    if (spec.gives === 'bool' && typeof value === 'string') return [{ text: value, path }]
    const inner = spec.items.filter(({ gives }) => gives === 'bool')
    if (!isList(value)) return []
    return inner.flatMap(({ name }) =>
      value.flatMap((item: Json, at) => {
        const text = isObject(item) && memberOf(item, name) !== undefined ? textMember(item, name) : ''
        return text === '' ? [] : [{ text, path: `${path}/${String(at)}/${name}` }]
      })
    )
  })
}

/** The parts of a condition that a row does not meet; none if it meets it. */
export async function unmet(place: Asked, text: string, path: string, stopped: StoppedRow): Promise<StopReason[]> {
  const whole = await verdict(place, text, path, stopped)
  if (whole === undefined) return []
  const read = readConditions(text)
  if (read === undefined || read.join === 'any' || read.parts.length < 2) return [whole]
  const parts = await Promise.all(
    read.parts.map((part) => verdict(place, conditionsText({ join: 'all', parts: [part] }), path, stopped))
  )
  const failing = parts.filter((part) => part !== undefined)
  return failing.length === 0 ? [whole] : failing
}

async function verdict(
  place: Asked,
  text: string,
  path: string,
  { row, types }: StoppedRow
): Promise<StopReason | undefined> {
  const fields = Object.entries(types).map(([name, type]) => ({ name, type }))
  const [result] = await place.evaluate(text, [row], fields).catch(() => [{ error: 'it could not be asked again' }])
  const { value, error } = result as { value?: unknown; error?: string }
  if (value === true) return undefined
  const cells = columnsIn(text).map((column) => ({ column, value: row[column] ?? null }))
  const words = error !== undefined ? `fails: ${error}` : value === false ? 'is false' : 'is empty, not true'
  return { condition: text, words, cells, path }
}
