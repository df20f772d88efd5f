// What differs between two versions of a flow, in a person's words.
import { diffFlows, isList, isObject, movedBetween, writeJson } from '@weir/flow-model'
import type { FlowPart, Json, PartDiff } from '@weir/flow-model'
import { rootOf } from '../drafts/merge-drafts.ts'

export interface DiffLine {
  change: PartDiff['change']
  /** *node Paid orders*, *edge paid-rows* */
  what: string
  about: string
  /** What of it is another: path, value before and after. */
  fields: readonly { path: string; before: string; after: string }[]
}

export interface DiffWords {
  lines: readonly DiffLine[]
  /** Things that only stand elsewhere. */
  moved: number
}

const kParts: Record<FlowPart, string> = {
  flow: 'the flow',
  parameter: 'parameter',
  input: 'input',
  output: 'output',
  node: 'node',
  edge: 'edge',
  group: 'box',
  note: 'note',
  widget: 'widget',
  dashboard: 'dashboard',
  alert: 'alert rule',
  place: 'place'
}
const kMostText = 120

/** A value on one line, cut where it is long. */
export function valueWords(value: Json | undefined): string {
  if (value === undefined) return 'nothing'
  const text = typeof value === 'string' ? value : writeJson(value)
  return text.length > kMostText ? `${text.slice(0, kMostText)}…` : text
}

function nameOf(part: PartDiff, root: Json): string {
  if (part.part === 'flow') return kParts.flow
  const nodes = isObject(root) ? root.get('nodes') : undefined
  const node = isList(nodes) ? nodes.find((one) => isObject(one) && one.get('id') === part.id) : undefined
  const name = part.part === 'node' && isObject(node) ? node.get('name') : undefined
  const shown = typeof name === 'string' && name !== '' ? name : part.id
  const former = part.formerId === '' ? '' : `, formerly ${part.formerId}`
  return `${kParts[part.part]} ${shown}${former}`
}

/** The semantic difference of two texts: changed is apart from only moved. */
export function diffWords(before: string, after: string): DiffWords {
  const [was, is] = [rootOf(before), rootOf(after)]
  const { parts } = diffFlows(was, is)
  const lines = parts
    .filter((part) => part.part !== 'place')
    .map((part) => ({
      change: part.change,
      what: nameOf(part, part.change === 'removed' ? was : is),
      about: part.about,
      fields: part.differences.map((one) => ({
        path: one.path,
        before: valueWords(one.before),
        after: valueWords(one.after)
      }))
    }))
  return { lines, moved: movedBetween(was, is).length }
}
