// Opens a text as a document, as far as that goes, and says what is in the way.
import { isList, isObject, textMember } from '../json/value.ts'
import type { Json, JsonObject } from '../json/value.ts'
import { parseJson } from '../json/parse.ts'
import type { JsonFault } from '../json/parse.ts'
import { located, Problems } from '../problem.ts'
import type { Problem } from '../problem.ts'
import { checkShape } from './check-shape.ts'
import { kElementKinds } from './elements.ts'
import { FlowDocument } from './flow-document.ts'
import { migrateDocument } from './migrate.ts'
import { flowShape } from './shape.ts'

export type Opened =
  /** It can be worked on. `migratedFrom` is the older format it had, or empty. */
  | { state: 'open'; document: FlowDocument; problems: Problem[]; migratedFrom: string }
  /** It can be looked at; `reason` says why no more. */
  | { state: 'readOnly'; document: FlowDocument; problems: Problem[]; reason: string }
  /** It is no document; the problems have places in the text. */
  | { state: 'broken'; problems: Problem[] }

const kMarkers =
  'A merge left a conflict here: keep one of its two sides, and delete the lines that begin with <<<<<<<, ======= and >>>>>>>.'

function freeId(id: string, taken: ReadonlySet<string>): string {
  for (let number = 2; ; ++number) {
    const free = `${id}-${number}`
    if (!taken.has(free)) return free
  }
}

/** Gives ids of their own to elements that share one; edges stay with the first. */
function withOwnIds(root: JsonObject, problems: Problems): JsonObject {
  let made: Map<string, Json> | undefined
  for (const kind of kElementKinds) {
    const list = root.get(kind)
    if (!isList(list)) continue
    const ids = new Set(list.map((item) => textMember(item, 'id')))
    if (ids.size === list.length) continue
    const seen = new Set<string>()
    const repaired = list.map((item, index) => {
      const id = textMember(item, 'id')
      if (!seen.has(id) || !isObject(item)) {
        seen.add(id)
        return item
      }
      const free = freeId(id, new Set([...ids, ...seen]))
      seen.add(free)
      problems.warning(
        'flow.duplicate_id',
        `/${kind}/${index}/id`,
        `the id '${id}' is taken, so this one is now '${free}'.`,
        'Give each its own id.'
      )
      return new Map(item).set('id', free)
    })
    made = (made ?? new Map(root)).set(kind, repaired)
  }
  return made ?? root
}

/** As much of a document of another form as can be drawn: elements that are objects with a text as id. */
function drawable(root: JsonObject): JsonObject {
  const made = new Map(root)
  for (const kind of kElementKinds) {
    const list = root.get(kind)
    const things = isList(list) ? list.filter((item) => isObject(item) && textMember(item, 'id') !== '') : []
    if (isList(list) || kind === 'nodes' || kind === 'edges') made.set(kind, things)
  }
  if (!isObject(made.get('layout'))) made.delete('layout')
  return made
}

function broken(text: string, fault: JsonFault): Problem {
  const { code, message, line, column } = fault
  const merged = text.startsWith('<<<<<<<') || text.includes('\n<<<<<<<')
  return { severity: 'error', code, pointer: '', message, line, column, ...(merged ? { suggestion: kMarkers } : {}) }
}

/**
 * Opens the text of a flow. Never throws. Node types that nobody knows are no obstacle: nodes keep all they have. A
 * document of a newer format, or of a form that is not all right, can still be looked at if it has nodes.
 */
export function openFlow(text: string): Opened {
  const read = parseJson(text)
  if (!read.ok) return { state: 'broken', problems: [broken(text, read.fault)] }
  const problems = new Problems()
  const { root, from, newer } = migrateDocument(read.value, problems)
  if (newer && isObject(root)) {
    const reason = `${problems.list[0]?.message ?? ''} It is shown, and cannot be changed here.`
    const kept = withOwnIds(drawable(root), new Problems())
    return { state: 'readOnly', document: new FlowDocument(kept), problems: located(problems.list, text), reason }
  }
  if (!problems.failed) checkShape(root, flowShape, '', problems)
  if (problems.failed || !isObject(root)) return { state: 'broken', problems: located(problems.list, text) }
  const document = new FlowDocument(withOwnIds(root, problems))
  return { state: 'open', document, problems: located(problems.list, text), migratedFrom: from }
}

/** A document without anything, to start from. */
export function newFlow(id: string): FlowDocument {
  const root = new Map<string, Json>([
    ['id', id],
    ['version', '1.0.0'],
    ['nodes', []],
    ['edges', []]
  ])
  return new FlowDocument(root)
}
