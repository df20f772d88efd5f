// The canonical text is that of `weir fmt`, whatever is in a document; numbers lose nothing.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatFlow } from '../src/document/format.ts'
import { parseJson } from '../src/json/parse.ts'
import { writeJson } from '../src/json/text.ts'
import { equalJson, ExactNumber, numberText } from '../src/json/value.ts'
import type { Json } from '../src/json/value.ts'
import { anyFlow, parsed } from './documents.ts'
import { flowFiles, readRoot, runWeir, weir } from './weir.ts'

describe('the canonical text', () => {
  const files = flowFiles()

  test('there are flows to look at', () => {
    expect(files.length).toBeGreaterThan(20)
  })

  test.each(files)('of %s comes to rest', (path) => {
    const text = readRoot(path)
    const read = parseJson(text)
    if (!read.ok) return
    const once = formatFlow(read.value)
    expect(formatFlow(parsed(once))).toBe(once)
    if (path.startsWith('examples/') && !path.includes('alarms-first')) expect(once).toBe(text)
  })

  test.runIf(weir !== undefined).each(files)('of %s is what weir fmt writes', (path) => {
    const text = readRoot(path)
    const ran = runWeir(['fmt', '-'], text)
    if (ran.status !== 0) return
    expect(formatFlow(parsed(text))).toBe(ran.out)
  })

  test.runIf(weir !== undefined)('of any document is what weir fmt writes', () => {
    fc.assert(
      fc.property(anyFlow(), (flow) => {
        const ran = runWeir(['fmt', '-'], writeJson(flow))
        expect(ran.error).toBe('')
        expect(formatFlow(flow)).toBe(ran.out)
      }),
      { numRuns: 150 }
    )
  })
})

describe('numbers', () => {
  test.each([
    ['1e3', '1000'],
    ['10000.0', '10000'],
    ['-0.0', '-0.0'],
    ['-0', '0'],
    ['12345678901234567890', '12345678901234567890'],
    ['9223372036854775807', '9223372036854775807'],
    ['123456789012345678901234', '123456789012345678901234'],
    ['0.1000000000000000055511151231257827', '0.1000000000000000055511151231257827'],
    ['1e21', '1e+21'],
    ['1e-7', '1e-7'],
    ['0.30000000000000004', '0.30000000000000004']
  ])('%s is written as %s', (text, canonical) => {
    expect(writeJson(parsed(text))).toBe(canonical)
  })

  test('a whole number that was written as a double stays one', () => {
    expect(parsed('1e3')).toEqual(new ExactNumber('1e3'))
    expect(equalJson(parsed('1e3'), 1000)).toBe(true)
    expect(equalJson(parsed('9007199254740993'), parsed('9007199254740992'))).toBe(false)
  })

  test('any integer of 64 bits and any double come back as they were', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }), (integer) => {
        expect(writeJson(parsed(String(integer)))).toBe(String(integer))
      })
    )
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (double) => {
        const back = parsed(numberText(double))
        expect(Object.is(typeof back === 'number' ? back : Number(numberText(back as ExactNumber)), double)).toBe(true)
      })
    )
  })
})

describe('reading', () => {
  test.each<[string, string, number, number]>([
    ['', 'json.syntax', 1, 1],
    ['{"a":1,}', 'json.syntax', 1, 8],
    ['[1 2]', 'json.syntax', 1, 4],
    ['{"a":1,\n "a":2}', 'json.duplicate_key', 2, 2],
    ['tru', 'json.bad_literal', 1, 1],
    ['01', 'json.bad_number', 1, 1],
    ['1e400', 'json.number_range', 1, 1],
    ['"a', 'json.unterminated_string', 1, 1],
    ['"\\x"', 'json.bad_escape', 1, 3],
    ['"\\ud800"', 'json.lone_surrogate', 1, 1],
    ['"a\tb"', 'json.control_character', 1, 3],
    ['1 1', 'json.trailing', 1, 3],
    ['['.repeat(600), 'json.too_deep', 1, 513]
  ])('%j fails with %s', (text, code, line, column) => {
    const read = parseJson(text)
    expect(read.ok).toBe(false)
    if (!read.ok)
      expect({ code: read.fault.code, line: read.fault.line, column: read.fault.column }).toEqual({
        code,
        line,
        column
      })
  })

  test.runIf(weir !== undefined)('what is no JSON fails at the place that the engine names', () => {
    for (const text of [
      '{"a":1,}',
      '[1 2]',
      '{"a" 1}',
      '{"id":"x",\n"nodes":[nul]}',
      '{"a":"b\nc"}',
      '{"a":1}x',
      '{'
    ]) {
      const read = parseJson(text)
      const ran = runWeir(['fmt', '-'], text)
      expect(read.ok).toBe(false)
      if (!read.ok) expect(ran.error).toContain(read.fault.message)
    }
  })

  test('any JSON comes back as it was, keys of Object too', () => {
    const key = fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', 'toString', '10', '2'))
    fc.assert(
      fc.property(fc.dictionary(key, fc.jsonValue()), key, (members, name) => {
        const value = new Map<string, Json>([
          ...Object.entries(members).map(([k]): [string, Json] => [k, k]),
          [name, 1]
        ])
        expect(equalJson(parsed(writeJson(value)), value)).toBe(true)
        expect([...(parsed(writeJson(value)) as Map<string, Json>).keys()]).toEqual([...value.keys()])
      })
    )
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })
})
