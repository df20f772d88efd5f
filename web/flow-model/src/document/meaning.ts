// What of a flow document decides about its results, as engine/flow/meaning.cpp has it: a seal keeps a digest of it.
import { isList, isObject, memberOf, textMember } from '../json/value.ts'
import type { Json, JsonObject } from '../json/value.ts'
import { compareText, writeJson } from '../json/text.ts'
import { canonicalFlow } from './canonical.ts'

function without(value: Json, keys: readonly string[]): Json {
  if (!isObject(value)) return value
  return new Map([...value].filter(([key]) => !key.startsWith('x-') && !keys.includes(key)))
}

function takeList(root: Json | undefined, key: string, leftOut: readonly string[], into: Map<string, Json>): Json[] {
  const list = memberOf(root, key)
  if (!isList(list) || list.length === 0) return []
  const kept = list.map((element) => without(element, leftOut))
  into.set(key, kept)
  return kept
}

/**
 * Compact JSON of config, parameters, ports, nodes and edges, without names, notes, places, help, alerts and keys of one's own.
 * Two documents with the same text give the same rows of the same input. The document is of the present version.
 */
export function meaningOf(document: Json): string {
  const root: JsonObject = canonicalFlow(document)
  const meaning = new Map<string, Json>()
  const config = memberOf(root, 'config')
  if (config !== undefined) {
    const kept = without(config, ['alerts', 'keep'])
    if (isObject(kept) && kept.size > 0) meaning.set('config', kept)
  }
  takeList(root, 'parameters', ['label', 'help'], meaning)
  const ports = new Map<string, Json>()
  for (const key of ['inputs', 'outputs']) takeList(memberOf(root, 'ports'), key, ['help'], ports)
  if (ports.size > 0) meaning.set('ports', ports)
  const byId = (a: Json, b: Json): number => compareText(textMember(a, 'id'), textMember(b, 'id'))
  takeList(root, 'nodes', ['name', 'note', 'parent', 'position', 'size'], meaning).sort(byId)
  takeList(root, 'edges', [], meaning).sort(byId)
  return writeJson(meaning)
}
