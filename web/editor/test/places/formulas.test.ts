// Formulas: problems with their places, completions with their help, results for rows.
import { describe, expect, it } from 'vitest'
import { kFunctionHelp } from '../../src/run/formula-help.ts'
import { beforeCursor, indexOfByte } from '../../src/run/formula-text.ts'
import type { Completion } from '../../src/run/shown-run.ts'
import { hasModule, localEngine, localPlace } from './flows.ts'

const fields = [
  { name: 'id', type: 'int' },
  { name: 'name', type: 'string' },
  { name: 'tags', type: 'list<string>' },
  { name: 'at', type: 'timestamp' },
  { name: 'inner', type: 'map{a: int, b: string?}' }
]

describe('the text before a cursor', () => {
  it('is a word, and the value before its dot', () => {
    expect(beforeCursor('row.na', 6)).toEqual({ word: 'na', receiver: 'row', isText: false })
    expect(beforeCursor('1 + si', 6)).toEqual({ word: 'si', receiver: undefined, isText: false })
    expect(beforeCursor('row.tags.filter(x, x == "a").', 29).receiver).toBe('row.tags.filter(x, x == "a")')
    expect(beforeCursor('a && row["x y"].si', 18).receiver).toBe('row["x y"]')
    expect(beforeCursor("'text'.si", 9).receiver).toBe("'text'")
    expect(beforeCursor(').x', 3).receiver).toBeUndefined()
    expect(beforeCursor('', 0)).toEqual({ word: '', receiver: undefined, isText: false })
  })
  it('is nothing inside of a text or a comment', () => {
    expect(beforeCursor("'row.na", 7).isText).toBe(true)
    expect(beforeCursor('"a\\" row.', 9).isText).toBe(true)
    expect(beforeCursor('1 // row.', 9).isText).toBe(true)
    expect(beforeCursor('1 // row\nrow.', 13).isText).toBe(false)
  })
  it('has places in bytes and in characters', () => {
    expect(indexOfByte('aü😀b', 0)).toBe(0)
    expect(indexOfByte('aü😀b', 3)).toBe(2)
    expect(indexOfByte('aü😀b', 7)).toBe(4)
    expect(indexOfByte('aü😀b', 99)).toBe(5)
  })
})

describe.skipIf(!hasModule)('a formula', () => {
  const place = localPlace()
  const labels = (found: readonly Completion[]): string[] => found.map(({ label }) => label)

  it('has a type, or problems with their places and what to write instead', async () => {
    expect(await place.checkFormula('row.id * 2', fields)).toEqual({ type: 'int', problems: [] })
    const text = "'ü😀' + row.nmae"
    const { type, problems } = await place.checkFormula(text, fields)
    expect(type).toBe('')
    expect(text.slice(problems[0]?.from, problems[0]?.to)).toContain('nmae')
    expect(problems[0]?.suggestion).toContain('name')
    expect((await place.checkFormula('row.id', fields, 'bool')).problems[0]?.message).toBe('expected bool, found int')
    expect((await place.checkFormula('', fields)).problems).toHaveLength(1)
    expect((await place.checkFormula('row.whatever', [])).type).toBe('dyn')
    await expect(place.checkFormula('1', [{ name: 'a', type: 'integer' }])).rejects.toMatchObject({
      code: 'settings.invalid'
    })
  })

  it('is completed with fields, variables, functions and what fits the value', async () => {
    expect(labels(await place.completions('row.', 4, fields))).toEqual(['at', 'id', 'inner', 'name', 'tags'])
    expect(labels(await place.completions('ro', 2, fields))[0]).toBe('row')
    expect(labels(await place.completions('row.name.up', 11, fields))).toEqual(['upperAscii'])
    expect(labels(await place.completions('row.tags.', 9, fields))).toEqual(
      expect.arrayContaining(['exists', 'size', 'join'])
    )
    expect(labels(await place.completions('row.tags.', 9, fields))).not.toContain('upperAscii')
    expect(labels(await place.completions('row.inner.', 10, fields))).toEqual(expect.arrayContaining(['a', 'b']))
    expect(labels(await place.completions('row.at.getH', 11, fields))).toEqual(['getHours'])
    expect(labels(await place.completions('math.', 5, fields))).toContain('greatest')
    expect(labels(await place.completions('packet.', 7, fields))).toContain('originNode')
    expect(labels(await place.completions("'row.", 5, fields))).toEqual([])
    expect(labels(await place.completions('row.name.size().', 16, fields))).not.toContain('size')
    const [size] = await place.completions('row.name.siz', 12, fields)
    expect(size).toMatchObject({ label: 'size', kind: 'function', type: 'int' })
    expect(size?.help).toContain('string.size(): int')
  })

  it('gives a result for each row, and errors in their places', async () => {
    const rows = [{ id: 2n ** 60n, at: 0 }, { id: 0, at: '2026-05-01T07:00:00Z' }, { id: 'two' }]
    expect(await place.evaluate('10 / row.id', rows.slice(1, 2), fields)).toEqual([
      { error: expect.stringContaining('zero') as string }
    ])
    expect((await place.evaluate('row.at.getHours()', rows, fields)).slice(0, 2)).toEqual([{ value: 0 }, { value: 7 }])
    expect((await place.evaluate('row.id', rows, fields))[2]?.error).toContain('id')
    expect(await place.evaluate('row.id +', rows)).toHaveLength(3)
    expect((await place.evaluate('row.id +', rows))[0]?.error).toBeTruthy()
    expect(await place.evaluate('1 + 1', [])).toEqual([])
    expect(await place.evaluate('row.n + 1', [{ n: 1 }])).toEqual([{ value: 2 }])
  })

  it('every function of the library has a sentence, and no other has', async () => {
    const names = new Set((await (await localEngine()).formulaFunctions()).map(({ name }) => name))
    const written = [...names].filter((name) => /^[\w.]+$/.test(name))
    expect(written.filter((name) => kFunctionHelp[name] === undefined)).toEqual([])
    const groups = new Set(written.filter((name) => name.includes('.')).map((name) => name.split('.', 1)[0]))
    expect(Object.keys(kFunctionHelp).filter((name) => !names.has(name) && !groups.has(name))).toEqual([])
  })
})
