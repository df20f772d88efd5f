// Formulas: conditions as rows and as text say the same, and habits of spreadsheets become CEL.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { columnsIn, columnText, stringValue, tokensOf } from '../../src/formula/cel-tokens.ts'
import { conditionsText, kComparisons, readConditions } from '../../src/formula/conditions.ts'
import type { Condition, Literal } from '../../src/formula/conditions.ts'
import { rewriteHabits } from '../../src/formula/habits.ts'

const text = fc.string({ unit: 'binary' }).filter((one) => !/[\ud800-\udfff]/u.test(one))
const textLiteral = text.map((one): Literal => ({ kind: 'text', text: one }))
const literal: fc.Arbitrary<Literal> = fc.oneof(
  textLiteral,
  fc.integer().map((one): Literal => ({ kind: 'number', text: String(one) })),
  fc.constantFrom('1.0', '-0.5', '1e21', '9007199254740993').map((one): Literal => ({ kind: 'number', text: one })),
  fc.boolean().map((one): Literal => ({ kind: 'bool', text: String(one) })),
  fc.constant<Literal>({ kind: 'time', text: '2026-03-04T12:20:00Z' })
)
const condition = fc.constantFrom(...kComparisons).chain((comparison): fc.Arbitrary<Condition> => {
  const textual = ['contains', 'containsNot', 'beginsWith', 'endsWith', 'matches'].includes(comparison)
  const none = comparison === 'isEmpty' || comparison === 'isNotEmpty'
  const values = none
    ? fc.constant([])
    : comparison === 'oneOf'
      ? fc.array(literal, { maxLength: 4 })
      : fc.tuple(textual ? textLiteral : literal)
  const column = fc.oneof(text, fc.constantFrom('status', 'in', 'Order Date', 'true', '__proto__'))
  return fc.record({ column, comparison: fc.constant(comparison), values })
})

describe('conditions', () => {
  it('read back as they were written, whatever the names and values', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('all' as const, 'any' as const),
        fc.array(condition, { maxLength: 5 }),
        (join, parts) => {
          const read = readConditions(conditionsText({ join, parts }))
          expect(read?.parts).toEqual(parts)
          if (parts.length > 1) expect(read?.join).toBe(join)
        }
      )
    )
  })

  it('leave alone what rows cannot show', () => {
    const read = readConditions('row.status == "paid" && size(row.items) > 3 && (row.a || row.b)')
    expect(read?.parts).toEqual([
      { column: 'status', comparison: 'is', values: [{ kind: 'text', text: 'paid' }] },
      { text: 'size(row.items) > 3' },
      { text: '(row.a || row.b)' }
    ])
    expect(conditionsText(read ?? { join: 'all', parts: [] })).toBe(
      'row.status == "paid" && size(row.items) > 3 && (row.a || row.b)'
    )
  })

  it('keep the meaning of parts that stand beside others for the first time', () => {
    const choice = readConditions('row.a ? row.b : row.c')
    const more: Condition = { column: 'x', comparison: 'over', values: [{ kind: 'number', text: '1' }] }
    expect(conditionsText({ join: 'all', parts: [...(choice?.parts ?? []), more] })).toBe(
      '(row.a ? row.b : row.c) && row.x > 1'
    )
    expect(readConditions('row.a == 1 || row.b == 2 && row.c == 3')).toMatchObject({
      join: 'any',
      parts: [{ column: 'a' }, { text: 'row.b == 2 && row.c == 3' }]
    })
    expect(conditionsText({ join: 'all', parts: [{ text: 'row.a || row.b' }, more] })).toBe(
      '(row.a || row.b) && row.x > 1'
    )
  })

  it.each(['row.a == "', 'row.a == 1 &&', '(row.a', 'row.a]', 'row.a // why', '&& row.a', 'row.a == 1 && && row.b'])(
    'are not read from %s',
    (bad) => {
      expect(readConditions(bad)).toBeUndefined()
    }
  )

  it('take any text without an error, and give back what they took', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (any) => {
        const read = readConditions(any)
        if (read === undefined || read.parts.length !== 1) return
        expect(readConditions(conditionsText(read))).toEqual(read)
      })
    )
  })
})

describe('tokens', () => {
  it('cover every character that is no blank', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (any) => {
        const pieces = tokensOf(any)
        expect(pieces.map((token) => any.slice(token.from, token.to))).toEqual(pieces.map((token) => token.text))
        expect(
          pieces
            .map((token) => token.text)
            .join('')
            .replaceAll(/\s/g, '')
        ).toBe(any.replaceAll(/\s/g, ''))
      })
    )
  })

  it('say what strings mean, and what columns are read', () => {
    expect(stringValue('"a\\u00e9\\n\\101"')).toBe('aé\nA')
    expect(stringValue("r'\\d+'")).toBe('\\d+')
    expect(stringValue('b"x"')).toBeUndefined()
    expect(stringValue('"\\q"')).toBeUndefined()
    expect(columnsIn('row.price * row["Unit Tax"] + size("row.no") + row.price')).toEqual(['price', 'Unit Tax'])
    expect(columnText('while')).toBe('row["while"]')
  })
})

describe('habits', () => {
  const columns = ['status', 'quantity', 'Order Date', 'Price']
  it.each([
    ['row.status = "paid"', 'row.status == "paid"'],
    ['=row.a <> 3', 'row.a != 3'],
    ['row.a = 1 AND row.b <> "x AND = y"', 'row.a == 1 && row.b != "x AND = y"'],
    ['NOT row.a', '!row.a'],
    ['IF(row.a = 1, "x", IF(row.b, TRUE, FALSE))', '(row.a == 1 ? "x" : (row.b ? true : false))'],
    ['IF(row.a, 1)', '(row.a ? 1 : null)'],
    ['AND(row.a, OR(row.b, row.c))', '(row.a && (row.b || row.c))'],
    ['[Order Date] > 3', 'row["Order Date"] > 3'],
    ['[Price] * 2', 'row.Price * 2'],
    ['quantity > 0', 'row.quantity > 0'],
    ['ISBLANK(status)', '(row.status == null)']
  ])('%s is %s', (typed, meant) => {
    const rewritten = rewriteHabits(typed, columns)
    expect(rewritten.text).toBe(meant)
    expect(rewritten.notes.length).toBeGreaterThan(0)
  })

  it.each([
    'row.status == "paid" && row.a in [1, 2]',
    'row.items[quantity2]',
    'row.items.exists(status, status == 1)',
    '{"status": 1}',
    'row.status // = AND'
  ])('leaves %s as it is', (typed) => {
    expect(rewriteHabits(typed, columns)).toEqual({ text: typed, notes: [] })
  })

  it('says the same of what it wrote: nothing more to rewrite', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'row.a =<>()[]",IFANDOR1 '.split('')) }), (typed) => {
        const once = rewriteHabits(typed, columns).text
        if (once.startsWith('=')) return
        expect(typeof rewriteHabits(once, columns).text).toBe('string')
      })
    )
  })
})
