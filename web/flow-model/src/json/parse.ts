// Reads JSON texts as the engine does: strictly, with the place and a sentence for whatever is wrong.
import { ExactNumber } from './value.ts'
import type { Json } from './value.ts'
import { quoted } from './text.ts'

/** For people: lines and columns from 1, columns in characters. */
export interface Place {
  line: number
  column: number
}

export interface JsonFault extends Place {
  /** As in engine/data/error-codes.tsv. */
  code: string
  message: string
  /** In UTF-16 units from the beginning of the text. */
  offset: number
}

export type Parsed = { ok: true; value: Json } | { ok: false; fault: JsonFault }

/** Where values stand in a text: the offset of each, and of what is in it. */
export interface Places {
  offset: number
  members?: Map<string, Places>
  elements?: Places[]
}

const kMaxDepth = 512
const kMaxUnits = 256 * 1024 * 1024

/** The place of a UTF-16 unit of the text. Line ends are LF, CR LF and CR. */
export function placeOfOffset(text: string, offset: number): Place {
  const end = Math.min(Math.max(offset, 0), text.length)
  let line = 1
  let column = 1
  for (let i = 0; i < end; ++i) {
    const unit = text.charCodeAt(i)
    if (unit === 10 || (unit === 13 && text.charCodeAt(i + 1) !== 10)) {
      ++line
      column = 1
    } else if (unit < 0xdc00 || unit >= 0xe000) {
      ++column
    }
  }
  return { line, column }
}

function foundAt(text: string, offset: number): string {
  const first = text[offset]
  if (first === undefined) return 'the end of the text'
  if (first === '\n' || first === '\r') return 'a line end'
  if (first === '\t') return 'a tab'
  const byte = new TextEncoder().encode(String.fromCodePoint(text.codePointAt(offset) ?? 0))[0] ?? 0
  if (byte < 0x20 || byte >= 0x7f) return `the byte 0x${byte.toString(16).toUpperCase().padStart(2, '0')}`
  const word = /^[^ ,:[\]{}"\u0000-\u001f\u007f-\uffff]{1,24}/.exec(text.slice(offset, offset + 24))?.[0] ?? first
  return `'${word}${word.length === 24 ? '…' : ''}'`
}

class Fault extends Error {
  constructor(
    readonly code: string,
    readonly offset: number,
    readonly expected: string,
    readonly saysFound = true
  ) {
    super(expected)
  }
}

class Reader {
  private at = 0
  private depth = 0
  private place: Places = { offset: 0 }

  constructor(
    private readonly text: string,
    private readonly tracks: boolean
  ) {}

  document(): { value: Json; places: Places } {
    if (this.text.length > kMaxUnits) throw new Fault('json.too_large', 0, 'the text is longer than allowed', false)
    if (this.text.charCodeAt(0) === 0xfeff) this.at = 1
    const value = this.value('expected a value')
    const places = this.place
    this.blanks()
    if (this.at < this.text.length) throw new Fault('json.trailing', this.at, 'expected nothing more after the value')
    return { value, places }
  }

  private blanks(): number {
    for (;;) {
      const unit = this.text.charCodeAt(this.at)
      if (unit !== 32 && unit !== 10 && unit !== 13 && unit !== 9) return unit
      ++this.at
    }
  }

  private value(expected: string): Json {
    const unit = this.blanks()
    const offset = this.at
    if (this.tracks) this.place = { offset }
    if (unit === 123) return this.object(offset)
    if (unit === 91) return this.list(offset)
    if (unit === 34) return this.string()
    if (unit === 45 || (unit >= 48 && unit <= 57)) return this.number()
    return this.word(expected)
  }

  private word(expected: string): Json {
    const { text, at } = this
    for (const [word, value] of [
      ['true', true],
      ['false', false],
      ['null', null]
    ] as const) {
      if (text.startsWith(word, at) && !/[A-Za-z0-9_]/.test(text[at + word.length] ?? '')) {
        this.at += word.length
        return value
      }
    }
    if (/[A-Za-z]/.test(text[at] ?? ''))
      throw new Fault(
        'json.bad_literal',
        at,
        'expected a value (true, false and null are in small letters, strings in double quotes)'
      )
    throw new Fault('json.syntax', at, expected)
  }

  private enter(offset: number): void {
    ++this.at
    if (++this.depth > kMaxDepth)
      throw new Fault(
        'json.too_deep',
        offset,
        'objects and lists are nested deeper than allowed (512 levels at most)',
        false
      )
  }

  private object(offset: number): Json {
    this.enter(offset)
    const members = new Map<string, Json>()
    const places = new Map<string, Places>()
    let expected = "expected a key in double quotes or '}' after '{'"
    for (let first = true; ; first = false) {
      const unit = this.blanks()
      if (first && unit === 125) break
      if (unit !== 34) throw new Fault('json.syntax', this.at, expected)
      const keyAt = this.at
      const key = this.string()
      if (members.has(key))
        throw new Fault('json.duplicate_key', keyAt, `the object has the key ${quoted(key)} already`, false)
      if (this.blanks() !== 58) throw new Fault('json.syntax', this.at, "expected ':' after the key")
      ++this.at
      members.set(key, this.value('expected a value'))
      if (this.tracks) places.set(key, this.place)
      const next = this.blanks()
      if (next === 125) break
      if (next !== 44) throw new Fault('json.syntax', this.at, "expected ',' or '}' after the value")
      ++this.at
      expected = "expected a key in double quotes after ','"
    }
    ++this.at
    --this.depth
    if (this.tracks) this.place = { offset, members: places }
    return members
  }

  private list(offset: number): Json {
    this.enter(offset)
    const elements: Json[] = []
    const places: Places[] = []
    if (this.blanks() !== 93) {
      for (;;) {
        elements.push(this.value(elements.length === 0 ? "expected a value or ']' after '['" : 'expected a value'))
        if (this.tracks) places.push(this.place)
        const next = this.blanks()
        if (next === 93) break
        if (next !== 44) throw new Fault('json.syntax', this.at, "expected ',' or ']' after the value")
        ++this.at
      }
    }
    ++this.at
    --this.depth
    if (this.tracks) this.place = { offset, elements: places }
    return elements
  }

  private string(): string {
    const { text } = this
    const begin = this.at
    let from = begin + 1
    let out = ''
    let halves = false
    for (let i = from; ; ++i) {
      const unit = text.charCodeAt(i)
      if (unit === 34) {
        out = out === '' ? text.slice(from, i) : out + text.slice(from, i)
        this.at = i + 1
        if (halves) this.checkHalves(out, begin)
        return out
      }
      if (unit === 92) {
        out += text.slice(from, i)
        const { made, next } = this.escape(i)
        out += made
        i = next - 1
        from = next
        halves ||= made.charCodeAt(0) >= 0xd800
      } else if (!(unit >= 32)) {
        if (Number.isNaN(unit) || unit === 10 || unit === 13)
          throw new Fault('json.unterminated_string', begin, "the string that begins here has no closing '\"'", false)
        throw new Fault(
          'json.control_character',
          i,
          'a string may not contain a line end, tab or other control character; write \\n, \\t or \\u00XX'
        )
      } else if (unit >= 0xd800 && unit < 0xe000) {
        halves = true
      }
    }
  }

  private checkHalves(text: string, offset: number): void {
    if (/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/.test(text))
      throw new Fault(
        'json.lone_surrogate',
        offset,
        'a \\u escape is one half of a surrogate pair and its other half is missing'
      )
  }

  private escape(at: number): { made: string; next: number } {
    const letter = this.text[at + 1] ?? ''
    const index = '"\\/bfnrt'.indexOf(letter)
    if (letter !== '' && index >= 0) return { made: '"\\/\b\f\n\r\t'.charAt(index), next: at + 2 }
    if (letter !== 'u')
      throw new Fault('json.bad_escape', at + 1, 'expected one of " \\ / b f n r t u after the backslash')
    const digits = this.text.slice(at + 2, at + 6)
    if (!/^[0-9a-fA-F]{4}$/.test(digits))
      throw new Fault('json.bad_escape', at, 'expected four hexadecimal digits after \\u')
    return { made: String.fromCharCode(parseInt(digits, 16)), next: at + 6 }
  }

  private number(): Json {
    const { text } = this
    const from = this.at
    let end = from
    for (; end < text.length; ++end) {
      const unit = text.charCodeAt(end)
      const part = (unit >= 48 && unit <= 57) || unit === 45 || unit === 43 || unit === 46 || (unit | 32) === 101
      if (!part) break
    }
    const written = text.slice(from, end)
    if (/^-?0\d/.test(written))
      throw new Fault('json.bad_number', from, 'a number may not begin with 0 and another digit')
    if (!/^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/.test(written) || /[A-Za-z_]/.test(text[end] ?? ''))
      throw new Fault('json.bad_number', from, 'expected a number like -12, 0.5 or 1e9')
    const value = numberOf(written)
    if (value === undefined)
      throw new Fault('json.number_range', from, 'the number is too large for a double (about 1.8e308)')
    this.at = end
    return value
  }
}

/** What a text that follows the grammar of numbers means; undefined if it is too large for a double. */
function numberOf(written: string): Json | undefined {
  const double = Number(written)
  if (!Number.isFinite(double)) return undefined
  if (!/[.eE]/.test(written)) {
    if (Number.isSafeInteger(double)) return double === 0 ? 0 : double
    return BigInt(written)
  }
  const exact = Number.isInteger(double) || written.replace(/\D/g, '').length > 17
  return exact ? new ExactNumber(written) : double
}

function faultOf(text: string, error: unknown): JsonFault {
  if (!(error instanceof Fault)) throw error
  const place = placeOfOffset(text, error.offset)
  const found = error.saysFound ? `, found ${foundAt(text, error.offset)}` : ''
  const message = `line ${place.line}, column ${place.column}: ${error.expected}${found}`
  return { ...place, code: error.code, message, offset: error.offset }
}

/** Reads an RFC 8259 text of at most 256 Mi units and 512 levels; a byte order mark is passed over. Never throws. */
export function parseJson(text: string): Parsed {
  try {
    return { ok: true, value: new Reader(text, false).document().value }
  } catch (error) {
    return { ok: false, fault: faultOf(text, error) }
  }
}

/** Where the values of a text stand; undefined if it does not parse. */
export function placesOf(text: string): Places | undefined {
  try {
    return new Reader(text, true).document().places
  } catch {
    return undefined
  }
}

/** The offset of what these keys lead to, or of the innermost value on the way that is there. */
export function offsetAt(places: Places, keys: readonly string[]): number {
  let at = places
  for (const key of keys) {
    const next = at.members?.get(key) ?? at.elements?.[Number(key)]
    if (next === undefined) break
    at = next
  }
  return at.offset
}
