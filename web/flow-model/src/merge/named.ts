// Lists whose elements have names of their own, so that they are told apart wherever they stand.
import { isList, isObject, textMember } from '../json/value.ts'
import type { Json, JsonList } from '../json/value.ts'

function named(list: Json | undefined, key: string): boolean {
  if (list === undefined) return true
  if (!isList(list)) return false
  const seen = new Set<string>()
  return list.every((element) => {
    const name = isObject(element) ? textMember(element, key) : ''
    if (name === '' || seen.has(name)) return false
    seen.add(name)
    return true
  })
}

/** The member that names the elements of all these lists: `id`, `name` or `widget`; empty if there is none. */
export function namingKey(lists: readonly (Json | undefined)[]): string {
  return ['id', 'name', 'widget'].find((key) => lists.every((list) => named(list, key))) ?? ''
}

/** The index of the element of this name, or -1. */
export function indexNamed(list: Json | undefined, key: string, name: string): number {
  return isList(list) ? list.findIndex((element) => textMember(element, key) === name) : -1
}

/** The element of this name, or undefined. */
export function elementNamed(list: Json | undefined, key: string, name: string): Json | undefined {
  return isList(list) ? list[indexNamed(list, key, name)] : undefined
}

/** The list, or an empty one. */
export function listOf(value: Json | undefined): JsonList {
  return isList(value) ? value : []
}

const kPlain = /^[A-Za-z0-9_-]+$/

/** `settings` and `path` are `settings.path`; a key that is no plain word stands in brackets. */
export function pathBelow(path: string, key: string): string {
  if (!kPlain.test(key)) return `${path}[${JSON.stringify(key)}]`
  return path === '' ? key : `${path}.${key}`
}
