// The canonical text of a flow document, byte for byte what `weir fmt` writes.
import { countOf, isList, isNumber, isObject, numberText } from '../json/value.ts'
import type { Json, JsonList, JsonObject } from '../json/value.ts'
import { byteLength, quoted } from '../json/text.ts'
import { canonicalFlow } from './canonical.ts'

const kWidth = 110
/** Lines below so many levels begin where those of this level do: a deep document is not many times as long as it was. */
const kIndentedLevels = 16

function scalar(value: Exclude<Json, JsonList | JsonObject>): string {
  if (typeof value === 'string') return quoted(value)
  if (isNumber(value)) return numberText(value)
  return value === null ? 'null' : value ? 'true' : 'false'
}

/** A value on one line, as short ones are written: `{ "name": "n", "of": [1, 2] }`. */
export function oneLine(value: Json): string {
  if (isList(value)) return value.length === 0 ? '[]' : `[${value.map(oneLine).join(', ')}]`
  if (!isObject(value)) return scalar(value)
  if (value.size === 0) return '{}'
  const parts: string[] = []
  for (const [key, member] of value) parts.push(`${quoted(key)}: ${oneLine(member)}`)
  return `{ ${parts.join(', ')} }`
}

/** On one line if that has at most `most` bytes. */
function ifShort(value: Json, most: number): string | undefined {
  let left = most
  const parts: string[] = []
  const put = (text: string): boolean => {
    parts.push(text)
    left -= byteLength(text)
    return left >= 0
  }
  const visit = (at: Json): boolean => {
    if (isList(at)) {
      if (!put('[')) return false
      for (let i = 0; i < at.length; ++i) {
        if (i > 0 && !put(', ')) return false
        if (!visit(at[i] ?? null)) return false
      }
      return put(']')
    }
    if (!isObject(at)) return put(scalar(at))
    if (at.size === 0) return put('{}')
    if (!put('{ ')) return false
    let first = true
    for (const [key, member] of at) {
      if (!put(`${first ? '' : ', '}${quoted(key)}: `) || !visit(member)) return false
      first = false
    }
    return put(' }')
  }
  return visit(value) ? parts.join('') : undefined
}

class Printer {
  private readonly parts: string[] = []

  print(root: JsonObject): string {
    this.object(root, 0, true)
    this.parts.push('\n')
    return this.parts.join('')
  }

  part(value: Json): string {
    this.any(value, 0, 0)
    return this.parts.join('')
  }

  block(value: JsonObject, depth: number): string {
    this.object(value, depth, false)
    return this.parts.join('')
  }

  private line(depth: number): void {
    this.parts.push('\n', '  '.repeat(Math.min(depth, kIndentedLevels)))
  }

  private any(value: Json, depth: number, used: number): void {
    if (countOf(value) === 0) {
      this.parts.push(oneLine(value))
      return
    }
    const short = used < kWidth ? ifShort(value, kWidth - used - 1) : undefined
    if (short !== undefined) this.parts.push(short)
    else if (isObject(value)) this.object(value, depth, false)
    else if (isList(value)) this.list(value, depth, false)
  }

  private object(value: JsonObject, depth: number, top: boolean): void {
    this.parts.push('{')
    let first = true
    for (const [key, inner] of value) {
      if (!first) this.parts.push(',')
      first = false
      this.line(depth + 1)
      const name = `${quoted(key)}: `
      this.parts.push(name)
      const filled = top && countOf(inner) > 0
      if (filled && isList(inner) && isObject(inner[0])) this.list(inner, depth + 1, true)
      else if (filled && key === 'layout' && isObject(inner)) this.layout(inner, depth + 1)
      else this.any(inner, depth + 1, (depth + 1) * 2 + byteLength(name))
    }
    this.line(depth)
    this.parts.push('}')
  }

  private list(value: readonly Json[], depth: number, blocks: boolean): void {
    this.parts.push('[')
    value.forEach((element, index) => {
      if (index > 0) this.parts.push(',')
      this.line(depth + 1)
      if (blocks && isObject(element) && element.size > 0) this.parts.push(blockOf(element, depth + 1))
      else this.any(element, depth + 1, (depth + 1) * 2)
    })
    this.line(depth)
    this.parts.push(']')
  }

  // A line per thing, so that moving one changes one line.
  private layout(value: JsonObject, depth: number): void {
    this.parts.push('{')
    let first = true
    for (const [key, kind] of value) {
      if (!first) this.parts.push(',')
      first = false
      this.line(depth + 1)
      this.parts.push(`${quoted(key)}: `)
      if (isObject(kind) && kind.size > 0) this.places(kind, depth + 1)
      else this.any(kind, depth + 1, 0)
    }
    this.line(depth)
    this.parts.push('}')
  }

  private places(value: JsonObject, depth: number): void {
    this.parts.push('{')
    let first = true
    for (const [key, place] of value) {
      if (!first) this.parts.push(',')
      first = false
      this.line(depth + 1)
      this.parts.push(`${quoted(key)}: ${oneLine(place)}`)
    }
    this.line(depth)
    this.parts.push('}')
  }
}

/** Texts of elements, which are never changed but replaced: writing a document again writes only what is new. */
const kBlocks = new WeakMap<JsonObject, string>()

function blockOf(element: JsonObject, depth: number): string {
  const known = depth === 2 ? kBlocks.get(element) : undefined
  if (known !== undefined) return known
  const text = new Printer().block(element, depth)
  if (depth === 2) kBlocks.set(element, text)
  return text
}

/** The text of a document as canonicalFlow gives it. */
export function formatCanonical(root: JsonObject): string {
  return new Printer().print(root)
}

/** The canonical text of a document. */
export function formatFlow(document: Json): string {
  return formatCanonical(canonicalFlow(document))
}

/** A value as it stands at the left margin: on one line if it is short, else on several. */
export function severalLines(value: Json): string {
  return new Printer().part(value)
}
