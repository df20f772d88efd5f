// What a node that writes would have done, in a person's words.
import { toNumber } from '@weir/flow-model'
import type { Json, NodeType } from '@weir/flow-model'
import type { PartNode } from './document-parts.ts'

function textOf(value: Json | undefined): string {
  if (typeof value === 'string') return value
  const number = toNumber(value)
  return number === undefined ? '' : String(number)
}

/** What stands in a setting, or what it is without. */
function setting(node: PartNode, type: NodeType, name: string): string {
  return textOf(node.settings.get(name) ?? type.settings.find((spec) => spec.name === name)?.default)
}

/** "write orders/out.csv", "send POST https://… "; names secrets never. */
export function whatItWouldDo(node: PartNode, type: NodeType): string {
  const of = (name: string): string => setting(node, type, name)
  if (type.inputs.length === 0) return `read ${of('topics') || of('streams') || type.name}, and move on its place there`
  const path = of('path') || of('folder')
  if (type.category === 'Files' || path !== '') return `write ${path || type.name}`
  if (type.settings.some((spec) => spec.name === 'statement')) return `run ${of('statement')} on ${target(of)}`
  if (of('table') !== '') return `write into the table ${of('table')} of ${target(of)}`
  if (type.settings.some((spec) => spec.name === 'method'))
    return `send ${of('method') || 'GET'} ${of('url') || of('urlFrom')}`
  const where = of('topic') || of('stream') || of('url') || of('to') || of('server')
  return where === '' ? type.name : `send to ${where}`
}

/** Connections may hold a password. */
function target(of: (name: string) => string): string {
  return of('file') || 'its database'
}
