// Two people's versions become one as `weir merge` makes it, and differ as `weir diff` says; the laws of merging hold.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalFlow } from '../src/document/canonical.ts'
import { FlowDocument } from '../src/document/flow-document.ts'
import { formatFlow } from '../src/document/format.ts'
import { writeJson } from '../src/json/text.ts'
import { equalJson, fromPlain, memberOf } from '../src/json/value.ts'
import type { Json, JsonObject } from '../src/json/value.ts'
import { diffFlows, movedBetween } from '../src/merge/diff.ts'
import { mergeFlows } from '../src/merge/merge.ts'
import { applyOperations } from '../src/operations/apply.ts'
import { moveBy, removeNodes, setValue } from '../src/operations/edits.ts'
import { renameNode } from '../src/operations/renames.ts'
import type { Operation } from '../src/operations/operation.ts'
import { anyFlow, orders, parsed } from './documents.ts'
import { anyEdit } from './edit-commands.ts'
import type { Edit } from './edit-commands.ts'
import { runWeir, weir, withFiles } from './weir.ts'

function changed(root: JsonObject, make: (document: FlowDocument) => readonly Operation[]): JsonObject {
  const document = new FlowDocument(root)
  applyOperations(document, make(document))
  return document.toJson()
}

function edited(root: JsonObject, edits: readonly Edit[]): JsonObject {
  return edits.reduce((at, edit) => changed(at, edit), root)
}

const versions = fc
  .tuple(
    fc.oneof(fc.constant(orders().root), anyFlow()),
    fc.array(anyEdit, { maxLength: 6 }),
    fc.array(anyEdit, { maxLength: 6 })
  )
  .map(([base, mine, theirs]) => ({ base, ours: edited(base, mine), theirs: edited(base, theirs) }))

describe('merging', () => {
  test('with a version that changed nothing gives the other', () => {
    fc.assert(
      fc.property(versions, ({ base, ours }) => {
        expect(mergeFlows(base, base, ours)).toMatchObject({ text: formatFlow(ours), conflicts: [] })
        expect(mergeFlows(base, ours, base)).toMatchObject({ text: formatFlow(ours), conflicts: [] })
        expect(mergeFlows(base, ours, ours)).toMatchObject({ text: formatFlow(ours), conflicts: [] })
      })
    )
  })

  test('is the same whoever merges, where there is no conflict and nobody moved the same thing', () => {
    fc.assert(
      fc.property(versions, ({ base, ours, theirs }) => {
        const one = mergeFlows(base, ours, theirs)
        const other = mergeFlows(base, theirs, ours)
        expect(one.conflicts.length).toBe(other.conflicts.length)
        if (one.conflicts.length === 0 && !one.notes.some((note) => note.includes('moved')))
          expect(one.text).toBe(other.text)
        expect(formatFlow(parsed(one.text))).toBe(one.text)
      })
    )
  })

  test('keeps what each did to things of their own', () => {
    const { root } = orders()
    const ours = changed(root, () => [
      setValue('nodes', 'paid', '/settings/condition', 'row.paid'),
      setValue('nodes', 'sum', '/name', 'Sum')
    ])
    const theirs = changed(root, (document) => [
      setValue('nodes', 'sum', '/settings/keys', ['country']),
      moveBy(document, 'nodes', ['read'], { x: 5, y: 5 })
    ])
    const merged = mergeFlows(root, ours, theirs)
    expect(merged.conflicts).toEqual([])
    const document = new FlowDocument(merged.root)
    expect(document.node('paid')?.settings.get('condition')).toBe('row.paid')
    expect(document.node('sum')).toMatchObject({ name: 'Sum' })
    expect(document.node('sum')?.settings.get('keys')).toEqual(['country'])
    expect(document.places.nodes.get('read', 'y')).toBe(5)
  })

  test('names the field of a conflict with all its values', () => {
    const { root } = orders()
    const ours = changed(root, () => [setValue('nodes', 'sum', '/settings/measures/=revenue/of', 'row.a')])
    const theirs = changed(root, () => [setValue('nodes', 'sum', '/settings/measures/=revenue/of', 'row.b')])
    expect(mergeFlows(root, ours, theirs).conflicts).toEqual([
      {
        kind: 'changed',
        where: "node 'sum', settings.measures[revenue].of",
        pointer: '/nodes/2/settings/measures/0/of',
        message: 'both changed it, differently',
        base: 'row.price',
        ours: 'row.a',
        theirs: 'row.b'
      }
    ])
  })

  test('a node that one removed and the other changed is one conflict, and its edges go with the choice', () => {
    const { root } = orders()
    const ours = changed(root, (document) => removeNodes(document, ['paid']))
    const theirs = changed(root, () => [setValue('nodes', 'paid', '/name', 'Paid')])
    const merged = mergeFlows(root, ours, theirs)
    expect(merged.conflicts.map(({ kind, where }) => [kind, where])).toEqual([['removed', "node 'paid'"]])
    expect(merged.text).not.toContain('e1')
    expect(merged.theirs).toContain('e1')
  })

  test('what one renamed the other changes under the new name', () => {
    const { root } = orders()
    const ours = changed(root, (document) => renameNode(document, 'paid', 'settled'))
    const theirs = changed(root, () => [setValue('nodes', 'paid', '/settings/condition', 'true')])
    const merged = mergeFlows(root, ours, theirs)
    expect(merged.conflicts).toEqual([])
    expect(new FlowDocument(merged.root).node('settled')?.settings.get('condition')).toBe('true')
  })

  test.runIf(weir !== undefined)('says what weir merge says', { timeout: 300_000 }, () => {
    fc.assert(
      fc.property(versions, fc.boolean(), ({ base, ours, theirs }, hasBase) => {
        const texts = [hasBase ? formatFlow(base) : '', formatFlow(ours), formatFlow(theirs)]
        const [ran, mine, other] = withFiles(texts, (paths) => [
          runWeir(['merge', '--json', ...paths]),
          runWeir(['merge', '--favor', 'ours', ...paths]),
          runWeir(['merge', '--favor', 'theirs', ...paths])
        ])
        const said = parsed(ran.out)
        const merged = mergeFlows(hasBase ? base : undefined, ours, theirs)
        expect(merged.text).toBe(mine.out)
        expect(merged.theirs).toBe(other.out)
        const conflicts = (memberOf(said, 'conflicts') as Json[]).filter(
          (conflict) => memberOf(conflict, 'kind') !== 'invalid'
        )
        expect(writeJson(merged.conflicts.map((conflict) => fromPlain(conflict)))).toBe(writeJson(conflicts))
        expect(writeJson(merged.notes)).toBe(writeJson(memberOf(said, 'notes') ?? null))
      }),
      { numRuns: 60 }
    )
  })
})

describe('a difference', () => {
  test('is none between a version and itself, or one that was only moved', () => {
    fc.assert(
      fc.property(versions, ({ base }) => {
        expect(diffFlows(base, base).parts).toEqual([])
        const moved = changed(base, (document) => [
          moveBy(document, 'nodes', [...document.tables.nodes.ids()], { x: 7, y: 0 })
        ])
        expect(diffFlows(base, moved).parts).toEqual([])
        const nodes = canonicalFlow(base).get('nodes') as Json[]
        expect(movedBetween(base, moved)).toHaveLength(nodes.length)
      })
    )
  })

  test.runIf(weir !== undefined)('is what weir diff tells', { timeout: 300_000 }, () => {
    fc.assert(
      fc.property(versions, ({ ours, theirs }) => {
        const ran = withFiles([formatFlow(ours), formatFlow(theirs)], (paths) =>
          runWeir(['diff', '--format', 'json', ...paths])
        )
        expect(ran.error).toBe('')
        const said = memberOf(parsed(ran.out), 'parts') as Json[]
        const mine = diffFlows(ours, theirs).parts.map((part) => {
          const { formerId, about, ...rest } = part
          return fromPlain({ ...rest, ...(formerId === '' ? {} : { formerId }), ...(about === '' ? {} : { about }) })
        })
        expect(mine.length).toBe(said.length)
        mine.forEach((part, index) => {
          if (!equalJson(part, said[index])) expect(writeJson(part)).toBe(writeJson(said[index] ?? null))
        })
      }),
      { numRuns: 60 }
    )
  })
})
