// Gesture: what a person did in one go, as an entry of the log.
import { parseJson } from '../json/parse.ts'
import { writeJson } from '../json/text.ts'
import { fromPlain, isObject, textMember } from '../json/value.ts'
import type { Json } from '../json/value.ts'
import type { Operation, PlaceOperation } from '../operations/operation.ts'
import { operationsFromJson, operationToJson } from '../operations/serialise.ts'

export interface Gesture {
  /** `author:number`, for ever the same. */
  id: string
  author: string
  /** Its place in the log, from 1. */
  sequence: number
  /** The last entry of the log that its author knew. */
  base: number
  /** Milliseconds since 1970. */
  atMs: number
  /** For a person: "Move 3 nodes". */
  label: string
  kind: 'do' | 'undo' | 'redo'
  /** The gesture that is undone or redone; empty if none is. */
  of: string
  operations: readonly Operation[]
  /** What undoes it, in order. */
  inverse: readonly Operation[]
}

/** A gesture as a line of text, exact to the last digit. */
export function gestureToText(gesture: Gesture): string {
  const { operations, inverse, ...head } = gesture
  const made = new Map<string, Json>(Object.entries(head).map(([key, value]) => [key, fromPlain(value)]))
  made.set('operations', operations.map(operationToJson))
  made.set('inverse', inverse.map(operationToJson))
  return writeJson(made)
}

/** Undefined if the text is no gesture. */
export function gestureFromText(text: string): Gesture | undefined {
  const read = parseJson(text)
  if (!read.ok || !isObject(read.value)) return undefined
  const value = read.value
  const operations = operationsFromJson(value.get('operations'))
  const inverse = operationsFromJson(value.get('inverse'))
  const kind = (['do', 'undo', 'redo'] as const).find((name) => name === value.get('kind'))
  const [sequence, base, atMs] = ['sequence', 'base', 'atMs'].map((key) => value.get(key))
  if (operations === undefined || inverse === undefined || kind === undefined) return undefined
  if (typeof sequence !== 'number' || typeof base !== 'number' || typeof atMs !== 'number') return undefined
  const [id = '', author = '', label = '', of = ''] = ['id', 'author', 'label', 'of'].map((key) =>
    textMember(value, key)
  )
  if (id === '') return undefined
  return { id, author, sequence, base, atMs, label, kind, of, operations, inverse }
}

/** How much operations hold, for bounds: things that are named. */
export function weightOf(operations: readonly Operation[]): number {
  return operations.reduce((sum, operation) => sum + (operation.op === 'place' ? operation.ids.length : 1), 0)
}

function sameThings(a: PlaceOperation, b: PlaceOperation): boolean {
  if (a.kind !== b.kind || a.ids.length !== b.ids.length) return false
  const parts = ['x', 'y', 'width', 'height'] as const
  if (parts.some((part) => (a[part] === undefined) !== (b[part] === undefined))) return false
  return a.ids === b.ids || a.ids.every((id, index) => id === b.ids[index])
}

/** Two runs of operations as one gesture: later places and values of the same things take the place of earlier ones. */
export function joined(
  before: Pick<Gesture, 'operations' | 'inverse'>,
  after: Pick<Gesture, 'operations' | 'inverse'>
): Pick<Gesture, 'operations' | 'inverse'> {
  const [first] = before.operations
  const [next] = after.operations
  const single = before.operations.length === 1 && after.operations.length === 1 && before.inverse.length === 1
  if (single && first?.op === 'place' && next?.op === 'place' && sameThings(first, next))
    return { operations: [next], inverse: before.inverse }
  if (single && first?.op === 'set' && next?.op === 'set' && first.at === undefined && next.at === undefined) {
    const [back] = before.inverse
    const sameTarget = first.kind === next.kind && first.id === next.id && first.path === next.path
    if (sameTarget && !first.path.endsWith('/-') && (back?.op === 'set' || back?.op === 'unset')) {
      const expects = back.expect === undefined ? back : { ...back, expect: [next.value] as const }
      return { operations: [next], inverse: [expects] }
    }
  }
  return {
    operations: [...before.operations, ...after.operations],
    inverse: [...after.inverse, ...before.inverse]
  }
}
