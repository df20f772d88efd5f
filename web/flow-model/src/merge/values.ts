// Three versions of a JSON value made one (engine/flow/merge-values.cpp).
import { compareText, writeJson } from '../json/text.ts'
import { equalJson, isList, isObject, textMember, toNumber } from '../json/value.ts'
import type { Json, JsonObject } from '../json/value.ts'
import { namingKey } from './named.ts'
import { mergeOrder } from './order.ts'
import type { Side } from './order.ts'
import type { ConflictKind, MergeVersions } from './versions.ts'

/** One step down into a document: a member, or the element of a list that has this name. */
export interface MergeStep {
  key: string
  element: boolean
}

export interface FoundConflict {
  kind: ConflictKind
  path: MergeStep[]
  message: string
  base: Json | undefined
  ours: Json | undefined
  theirs: Json | undefined
}

interface Three {
  base: Json | undefined
  ours: Json | undefined
  theirs: Json | undefined
}

/** The same to the last digit and in the same order. */
function identical(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true
  if (a === undefined || b === undefined) return false
  return equalJson(a, b) && writeJson(a) === writeJson(b)
}

function alike(a: Json | undefined, b: Json | undefined): boolean {
  return a !== undefined && b !== undefined && equalJson(a, b)
}

/** Names and values of a container, in its order. */
type Contents = ReadonlyMap<string, Json>

function membersOf(value: Json | undefined): Contents {
  return isObject(value) ? value : new Map()
}

function elementsOf(value: Json | undefined, key: string): Contents {
  return new Map(isList(value) ? value.map((element) => [textMember(element, key), element]) : [])
}

function wordsOf(value: Json | undefined): string[] | undefined {
  if (value === undefined) return []
  if (!isList(value) || !value.every((word) => typeof word === 'string')) return undefined
  return new Set(value).size === value.length ? [...value] : undefined
}

function namesOf(...all: Contents[]): string[] {
  return [...new Set(all.flatMap((contents) => [...contents.keys()]))].sort(compareText)
}

const kSets = ['metadata/tags', 'config/sensitive', 'config/notSensitive']

/** Merges the documents of `versions`; where they conflict `favour` has its way. */
export class ValueMerge {
  readonly conflicts: FoundConflict[] = []
  readonly notes: string[] = []
  private readonly path: MergeStep[] = []

  constructor(
    private readonly versions: MergeVersions,
    private readonly favour: Side
  ) {}

  run(): JsonObject {
    const { base, ours, theirs } = this.versions
    const merged = this.any({ base, ours, theirs })
    return isObject(merged) ? merged : new Map()
  }

  private at(...path: string[]): boolean {
    return this.path.length === path.length && path.every((key, index) => this.path[index]?.key === key)
  }

  private isPlace(): boolean {
    return this.path.length === 3 && this.path[0]?.key === 'layout'
  }

  /** Whether something below may be in question although one side left all of it alone. */
  private holdsContested(): boolean {
    if (this.versions.nodes.size === 0) return false
    return this.at('nodes') || this.at('edges') || this.at('layout') || this.at('layout', 'nodes')
  }

  private favoured(values: Three): Json | undefined {
    return values[this.favour]
  }

  private conflict(kind: ConflictKind, values: Three, message: string): Json | undefined {
    this.conflicts.push({ kind, path: [...this.path], message, ...values })
    return this.favoured(values)
  }

  private any(values: Three): Json | undefined {
    const { base, ours, theirs } = values
    const name = this.path[2]?.key ?? ''
    const place = this.isPlace()
    // A node that is in question stands where the one who keeps it has it.
    if (place && this.path[1]?.key === 'nodes' && this.versions.nodes.has(name)) return this.favoured(values)
    if (!this.holdsContested()) {
      if (identical(ours, theirs) || identical(base, theirs)) return ours
      if (identical(base, ours)) return theirs
    }
    if (place) {
      if (ours === undefined || theirs === undefined) return ours ?? theirs
      if (this.favour === 'ours') this.notes.push(`both moved '${name}': it stands where ours put it`)
      return ours
    }
    const mine = toNumber(ours)
    const other = toNumber(theirs)
    const created = this.at('metadata', 'createdAt')
    if ((created || this.at('metadata', 'updatedAt')) && mine !== undefined && other !== undefined)
      return mine < other === created ? ours : theirs
    if (ours === undefined || theirs === undefined || alike(ours, theirs)) return this.lastResort(values)
    if (isObject(ours) && isObject(theirs))
      return this.members({ base: isObject(base) ? base : undefined, ours, theirs })
    if (isList(ours) && isList(theirs))
      return this.lists({ base: isList(base) ? base : undefined, ours, theirs }, values)
    return this.lastResort(values)
  }

  private lists(lists: Three, values: Three): Json | undefined {
    if (kSets.includes(this.path.map((step) => step.key).join('/'))) {
      const [base, ours, theirs] = [wordsOf(lists.base), wordsOf(lists.ours), wordsOf(lists.theirs)]
      if (base !== undefined && ours !== undefined && theirs !== undefined) return words(base, ours, theirs)
    }
    const key = namingKey([lists.base, lists.ours, lists.theirs])
    return key === '' ? this.lastResort(values) : this.elements(lists, key)
  }

  /** Values that go one way or the other. */
  private lastResort(values: Three): Json | undefined {
    const { base, ours, theirs } = values
    // Written otherwise is not changed: 1.0 for 1, members in another order.
    if (alike(base, ours)) return theirs
    if (alike(base, theirs)) return ours
    if (ours !== undefined && theirs !== undefined && alike(ours, theirs))
      return compareText(writeJson(ours), writeJson(theirs)) < 0 ? ours : theirs
    if (ours === undefined) return this.conflict('removed', values, 'ours removed it, theirs changed it')
    if (theirs === undefined) return this.conflict('removed', values, 'theirs removed it, ours changed it')
    if (base === undefined) return this.conflict('added', values, 'both added it, differently')
    return this.conflict('changed', values, 'both changed it, differently')
  }

  private members(values: Three): Json {
    const [base, ours, theirs] = [membersOf(values.base), membersOf(values.ours), membersOf(values.theirs)]
    const results = this.eachOf(base, ours, theirs, false)
    const order = mergeOrder([...base.keys()], [...ours.keys()], [...theirs.keys()], new Set(results.keys()), undefined)
    return new Map(order.names.map((name) => [name, results.get(name) ?? null]))
  }

  private eachOf(base: Contents, ours: Contents, theirs: Contents, element: boolean): Map<string, Json> {
    const results = new Map<string, Json>()
    for (const name of namesOf(base, ours, theirs)) {
      this.path.push({ key: name, element })
      const values = { base: base.get(name), ours: ours.get(name), theirs: theirs.get(name) }
      const result = element ? this.element(values, name) : this.any(values)
      this.path.pop()
      if (result !== undefined) results.set(name, result)
    }
    return results
  }

  private element(values: Three, name: string): Json | undefined {
    const { base, ours, theirs } = values
    const list = this.path.length === 2 ? this.path[0]?.key : undefined
    if (list === 'edges' && this.versions.edges.has(name)) return this.favoured(values)
    if (list === 'nodes') {
      const contested = this.versions.nodes.get(name)
      if (contested !== undefined)
        return contested.message === ''
          ? this.favoured(values)
          : this.conflict(contested.kind, values, contested.message)
      const both = base === undefined && ours !== undefined && theirs !== undefined
      if (both && textMember(ours, 'typeId') !== textMember(theirs, 'typeId'))
        return this.conflict('added', values, 'both added a node of this id, of different types; rename one')
    }
    return this.any(values)
  }

  private elements(values: Three, key: string): Json {
    const [base, ours, theirs] = [
      elementsOf(values.base, key),
      elementsOf(values.ours, key),
      elementsOf(values.theirs, key)
    ]
    const results = this.eachOf(base, ours, theirs, true)
    // In the lists of the document the order says nothing.
    const matters = this.path.length > 2
    const names = [base, ours, theirs].map((contents) => [...contents.keys()])
    const order = mergeOrder(
      names[0] ?? [],
      names[1] ?? [],
      names[2] ?? [],
      new Set(results.keys()),
      matters ? this.favour : undefined
    )
    if (order.conflict && matters) this.conflict('order', values, 'both put the list into another order, each its own')
    return order.names.map((name) => results.get(name) ?? null)
  }
}

/** Lists that are sets. */
function words(base: readonly string[], ours: readonly string[], theirs: readonly string[]): Json {
  const kept = new Set<string>()
  for (const word of [...base, ...ours, ...theirs]) {
    const mine = ours.includes(word)
    const other = theirs.includes(word)
    if (base.includes(word) ? mine && other : mine || other) kept.add(word)
  }
  return mergeOrder(base, ours, theirs, kept, undefined).names
}
