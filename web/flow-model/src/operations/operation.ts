// Operations: what can be done to a document, as data. Each names its target by id, so that it means the same to everyone.
import type { PlacedList } from '../document/canonical.ts'
import type { ElementKind } from '../document/elements.ts'
import type { Json, JsonNumber, JsonObject } from '../json/value.ts'

/** A new element, with its id, behind another one: last if `after` is not given, first if it is null. */
export interface AddOperation {
  op: 'add'
  kind: ElementKind
  value: JsonObject
  after?: string | null
  /** {x, y, width, height} in canvas units, those that are known. */
  box?: JsonObject
  /** An edge whose nodes need not be there. */
  loose?: true
}

/** An element that goes; with a node go its edges, unless `loose`. */
export interface RemoveOperation {
  op: 'remove'
  kind: ElementKind
  id: string
  loose?: true
  /** The list stays in the document although this was its last element. */
  listed?: true
}

/**
 * A value at a path of an element, or of the document (`kind` 'flow'): a JSON pointer in which `=name` is the element of
 * a list whose id, name or widget is `name`, and `-` the end of a list. Objects on the way are made.
 */
export interface SetOperation {
  op: 'set'
  kind: ElementKind | 'flow'
  id: string
  path: string
  value: Json
  /** The place of a new member or element among the others; at the end if not given. */
  at?: number
  /** What has to stand there for this to be done: one value, or none. */
  expect?: readonly [] | readonly [Json]
}

/** The same, taking what is there away. */
export interface UnsetOperation {
  op: 'unset'
  kind: ElementKind | 'flow'
  id: string
  path: string
  expect?: readonly [] | readonly [Json]
}

/** Where things stand or how large they are, in canvas units; null takes a number away. All arrays have one length. */
export interface PlaceOperation {
  op: 'place'
  kind: PlacedList
  ids: readonly string[]
  x?: readonly (JsonNumber | null)[]
  y?: readonly (JsonNumber | null)[]
  width?: readonly (JsonNumber | null)[]
  height?: readonly (JsonNumber | null)[]
}

/** Another id for an element. What names it is changed by operations of its own (see renameNode). */
export interface RenameOperation {
  op: 'rename'
  kind: ElementKind
  id: string
  to: string
}

export type Operation =
  AddOperation | RemoveOperation | SetOperation | UnsetOperation | PlaceOperation | RenameOperation

/** Why an operation was not done. */
export type Refusal = {
  operation: Operation
  /** gone: its target is not there. taken: its id is. changed: another value stands there. wrong: it makes no sense. */
  reason: 'gone' | 'taken' | 'changed' | 'wrong'
  /** For a person. */
  message: string
}
