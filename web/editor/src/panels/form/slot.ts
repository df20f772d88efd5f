// Slot: one place of one or several elements that a field shows and changes, as one gesture while it is typed into.
import {
  below,
  equalJson,
  findPointer,
  keysOf,
  pointerOf,
  setFlow,
  setValue,
  unsetFlow,
  unsetValue,
  valueAt
} from '@weir/flow-model'
import type { ElementKind, Json, Operation } from '@weir/flow-model'
import type { EditorSession } from '../../session/editor-session.ts'

/** What a form is of: elements by id, or the document itself. */
export interface FormTarget {
  session: EditorSession
  kind: ElementKind | 'flow'
  /** Of the document itself: one empty text. */
  ids: readonly string[]
}

export interface Slot {
  target: FormTarget
  /** Below the element: /settings/condition. */
  path: string
  /** As the document has it; undefined: not given. Of several that differ: that of the first. */
  value: Json | undefined
  mixed: boolean
  /** What stands there if nothing is given. */
  fallback: Json | undefined
  /** For the history: *Change condition*. */
  label: string
  /** What holds where nothing is given and no value can say it: shown in the empty field. */
  absent?: string
  /** What is stored of what was read, such as milliseconds of a duration; that itself if not given. */
  stored?: (value: Json | undefined) => Json | undefined
  /** Undefined takes it away. What comes within a second of the last is one gesture with it. */
  set: (value: Json | undefined) => void
}

function valueOf(target: FormTarget, id: string, path: string): Json | undefined {
  const { document } = target.session
  const root = target.kind === 'flow' ? document.root : document.tables[target.kind].get(id)
  return findPointer(root, path)
}

function operation({ kind }: FormTarget, id: string, path: string, value: Json | undefined): Operation {
  if (kind === 'flow') return value === undefined ? unsetFlow(path) : setFlow(path, value)
  return value === undefined ? unsetValue(kind, id, path) : setValue(kind, id, path, value)
}

/** The operations that put a value there in every element, and leave no empty object behind when it goes. */
export function slotOperations(target: FormTarget, path: string, value: Json | undefined): Operation[] {
  return target.ids.flatMap((id) => {
    if (value !== undefined) return [operation(target, id, path, value)]
    if (valueOf(target, id, path) === undefined) return []
    const keys = keysOf(path) ?? []
    const parent = valueOf(target, id, pointerOf(keys.slice(0, -1)))
    const lonely = keys.length > 1 && parent instanceof Map && parent.size === 1
    return [operation(target, id, lonely ? pointerOf(keys.slice(0, -1)) : path, undefined)]
  })
}

export function slotAt(target: FormTarget, path: string, label: string, fallback?: Json): Slot {
  const values = target.ids.map((id) => valueOf(target, id, path))
  const [value] = values
  return {
    target,
    path,
    value,
    mixed: values.some((other) => !equalJson(other ?? fallback, value ?? fallback)),
    fallback,
    label,
    set: (next) => {
      target.session.do(slotOperations(target, path, next), {
        label: `Change ${label}`,
        coalesce: `${target.kind}/${target.ids.join('\n')}${path}`
      })
    }
  }
}

/** A member or an element of what a slot has. What the slot has by default is written down with the first change. */
export function slotBelow(parent: Slot, key: string | number, label: string, fallback?: Json): Slot {
  const path = below(parent.path, key)
  if (parent.value !== undefined) return slotAt(parent.target, path, label, fallback)
  return {
    ...parent,
    path,
    value: valueAt(parent.fallback, [String(key)]),
    fallback,
    label,
    set: (next) => {
      parent.set(withMember(parent.fallback, key, next))
    }
  }
}

/** A copy of a list or an object with one part set or, undefined, taken away. */
export function withMember(whole: Json | undefined, key: string | number, value: Json | undefined): Json {
  if (typeof key === 'number') {
    const list = Array.isArray(whole) ? [...(whole as readonly Json[])] : []
    if (value === undefined) list.splice(key, 1)
    else list[key] = value
    return list
  }
  const made = new Map<string, Json>(whole instanceof Map ? whole : [])
  if (value === undefined) made.delete(key)
  else made.set(key, value)
  return made
}

/** What is shown: what is given, else what stands there without it. */
export function shownValue(slot: Slot): Json | undefined {
  return slot.value ?? slot.fallback
}

/** Whether it is given, and is not what stands there without it. */
export function isChanged(slot: Slot): boolean {
  return slot.mixed || (slot.value !== undefined && !equalJson(slot.value, slot.fallback))
}
