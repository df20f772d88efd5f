// Quick fixes: operations that make a problem go away, where it is plain what was meant.
import { keysOf, valueAt } from '../json/pointer.ts'
import { textMember } from '../json/value.ts'
import type { FlowDocument } from '../document/flow-document.ts'
import { setValue, unsetValue, unsetFlow } from '../operations/edits.ts'
import type { Operation } from '../operations/operation.ts'
import type { Problem } from '../problem.ts'
import type { Catalogue } from '../catalogue/catalogue.ts'
import { pointerOf } from '../json/pointer.ts'

export interface QuickFix {
  /** For a button: "Use 'match'". */
  label: string
  operations: Operation[]
}

const kRemovable = new Set(['settings.unknown', 'flow.durable_age', 'flow.cannot_bypass', 'flow.unknown_group'])

function target(
  document: FlowDocument,
  problem: Problem
): { kind: 'nodes' | 'edges'; id: string; path: string[] } | undefined {
  const [kind, index, ...path] = keysOf(problem.pointer) ?? []
  if (kind !== 'nodes' && kind !== 'edges') return undefined
  const entry = document.tables[kind].list()[Number(index)]
  return entry === undefined ? undefined : { kind, id: entry.id, path }
}

/** At most a few, the most likely first; for a problem of this very document. */
export function quickFixes(document: FlowDocument, catalogue: Catalogue, problem: Problem): QuickFix[] {
  const at = target(document, problem)
  const meant = /^Did you mean '(.*)'\?$/s.exec(problem.suggestion ?? '')?.[1]
  if (at === undefined) return otherFixes(problem)
  const { kind, id, path } = at
  const value = document.tables[kind].get(id)
  const fixes: QuickFix[] = []
  if (problem.code === 'settings.unknown' && meant !== undefined) {
    const given = valueAt(value, path)
    const parent = pointerOf(path.slice(0, -1))
    if (given !== undefined && valueAt(value, [...path.slice(0, -1), meant]) === undefined)
      fixes.push({
        label: `Call it '${meant}'`,
        operations: [unsetValue(kind, id, pointerOf(path)), setValue(kind, id, `${parent}/${meant}`, given)]
      })
  } else if (meant !== undefined) {
    fixes.push({ label: `Use '${meant}'`, operations: [setValue(kind, id, pointerOf(path), meant)] })
  }
  if (problem.code === 'flow.unknown_version') {
    for (const { version } of [...catalogue.versionsOf(textMember(value, 'typeId'))].reverse().slice(0, 3))
      fixes.push({ label: `Use version ${version}`, operations: [setValue(kind, id, '/version', version)] })
  }
  if (problem.code === 'flow.cannot_bypass') path.push('bypass')
  if (problem.code === 'flow.durable_age') path.push('ageMs')
  if (kRemovable.has(problem.code))
    fixes.push({ label: 'Remove it', operations: [unsetValue(kind, id, pointerOf(path))] })
  if (problem.code === 'flow.durable_sheds')
    fixes.push({ label: "Use 'block'", operations: [setValue(kind, id, '/whenFull/rule', 'block')] })
  if (problem.code === 'flow.durable_order')
    fixes.push({ label: "Use 'fifo'", operations: [setValue(kind, id, '/buffer/order', 'fifo')] })
  if (
    kind === 'edges' &&
    ['flow.cycle', 'flow.unknown_node', 'flow.unknown_port', 'flow.port_type'].includes(problem.code)
  )
    fixes.push({ label: 'Remove the edge', operations: [{ op: 'remove', kind, id }] })
  if (problem.code === 'flow.unconnected' || problem.code === 'flow.unreachable')
    fixes.push({ label: 'Remove the node', operations: [{ op: 'remove', kind, id }] })
  return fixes
}

function otherFixes(problem: Problem): QuickFix[] {
  const alert = problem.code.startsWith('alert.') || problem.pointer.startsWith('/ports/')
  const [list = '', ...rest] = keysOf(problem.pointer) ?? []
  const depth = list === 'alerts' ? 1 : 2
  if (!alert || rest.length < depth) return []
  return [{ label: 'Remove it', operations: [unsetFlow(pointerOf([list, ...rest.slice(0, depth)]))] }]
}
