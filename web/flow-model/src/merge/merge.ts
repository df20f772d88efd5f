// Two changed versions of a flow document made one, as `weir merge` does it.
import { formatFlow } from '../document/format.ts'
import { parseJson } from '../json/parse.ts'
import { below } from '../json/pointer.ts'
import { isList, memberOf } from '../json/value.ts'
import type { Json, JsonObject } from '../json/value.ts'
import { indexNamed, namingKey, pathBelow } from './named.ts'
import type { Side } from './order.ts'
import { withNodeRenamed } from './renames.ts'
import { ValueMerge } from './values.ts'
import type { FoundConflict, MergeStep } from './values.ts'
import { prepareMerge, withoutDangling } from './versions.ts'
import type { ConflictKind, MergeVersions } from './versions.ts'

export interface MergeConflict {
  kind: ConflictKind
  /** `node 'paid', settings.condition` */
  where: string
  /** Into `text`, of the innermost thing that is there. */
  pointer: string
  /** What the two did. */
  message: string
  base: Json | undefined
  ours: Json | undefined
  theirs: Json | undefined
}

export interface FlowMerge {
  /** The merged document, where the two conflict as ours says; canonical. */
  root: JsonObject
  text: string
  /** The same, where the two conflict as theirs says. */
  theirs: string
  conflicts: MergeConflict[]
  /** What was settled without asking, for a person to know. */
  notes: string[]
}

function thing(list: string, name: string): string {
  return `${list.endsWith('s') ? list.slice(0, -1) : list} '${name}'`
}

function whereOf(path: readonly MergeStep[]): string {
  let things = ''
  let members = ''
  for (let i = 0; i < path.length; ++i) {
    const step = path[i]
    if (step === undefined) continue
    const next = path[i + 1]
    if (step.element && members !== '') members += `[${step.key}]`
    else if (next?.element === true && members === '') {
      things += (things === '' ? '' : ', ') + thing(step.key, next.key)
      ++i
    } else if (things === '' && path[i + 2]?.element === true) continue
    else members = pathBelow(members, step.key)
  }
  const both = things !== '' && members !== '' ? `${things}, ${members}` : things + members
  return both === '' ? 'the document' : both
}

/** Into the text that prefers ours; as far as it goes there. */
function pointerTo(path: readonly MergeStep[], root: Json): string {
  let pointer = ''
  let value: Json = root
  for (const step of path) {
    let next = memberOf(value, step.key)
    let key = step.key
    if (step.element) {
      next = undefined
      if (isList(value)) {
        const naming = namingKey([value])
        const index = naming === '' ? -1 : indexNamed(value, naming, step.key)
        next = value[index]
        key = String(index)
      }
    }
    if (next === undefined) return pointer
    pointer = below(pointer, key)
    value = next
  }
  return pointer
}

interface View {
  root: JsonObject
  text: string
  conflicts: FoundConflict[]
  notes: string[]
}

function viewOf(versions: MergeVersions, favour: Side): View {
  const merge = new ValueMerge(versions, favour)
  const notes: string[] = []
  let root = withoutDangling(merge.run(), versions, notes)
  if (favour === 'theirs')
    for (const { ours, theirs } of versions.twiceRenamed) root = withNodeRenamed(root, ours, theirs)
  const text = formatFlow(root)
  // Places are those of the text that is handed out.
  const read = parseJson(text)
  const handed = read.ok ? (read.value as JsonObject) : root
  return { root: handed, text, conflicts: merge.conflicts, notes: [...merge.notes, ...notes] }
}

/**
 * Merges by ids and paths: changes of different things, and of different members of one thing, both hold, in whatever
 * order the lists stand. Both having moved a thing is no conflict, and ours stays. Both having added an edge or a note
 * of one id gives one of them another id.
 *
 * @param base What both began with; undefined: both added everything. All have the form of a document.
 */
export function mergeFlows(base: Json | undefined, ours: Json, theirs: Json): FlowMerge {
  const versions = prepareMerge(base, ours, theirs)
  const view = viewOf(versions, 'ours')
  const renamed = versions.twiceRenamed.map((twice): MergeConflict => ({
    kind: 'renamed',
    where: thing('nodes', twice.from),
    pointer: pointerTo(
      [
        { key: 'nodes', element: false },
        { key: twice.ours, element: true },
        { key: 'id', element: false }
      ],
      view.root
    ),
    message: `ours calls it '${twice.ours}', theirs '${twice.theirs}'`,
    base: twice.from,
    ours: twice.ours,
    theirs: twice.theirs
  }))
  const found = view.conflicts.map((each): MergeConflict => ({
    kind: each.kind,
    where: whereOf(each.path),
    pointer: pointerTo(each.path, view.root),
    message: each.message,
    base: each.base,
    ours: each.ours,
    theirs: each.theirs
  }))
  const conflicts = [...renamed, ...found]
  return {
    root: view.root,
    text: view.text,
    theirs: conflicts.length === 0 ? view.text : viewOf(versions, 'theirs').text,
    conflicts,
    notes: [...versions.notes, ...view.notes]
  }
}
