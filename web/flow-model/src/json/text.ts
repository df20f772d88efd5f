// Texts of JSON: quoting, the order and the length of texts in UTF-8, compact writing.
import { isList, isNumber, isObject, numberText } from './value.ts'
import type { Json } from './value.ts'

const kHalves = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g

/** Texts of ASCII that stand in JSON as they are. */
const kNothingToEscape = /^[ !#-[\]-~]*$/

/** The text with halves of surrogate pairs, which UTF-8 cannot say, replaced by U+FFFD. */
export function wellFormed(text: string): string {
  return /[\uD800-\uDFFF]/.test(text) ? text.replace(kHalves, '\uFFFD') : text
}

/** The text between quotes, with `"`, backslash and control characters escaped. */
export function quoted(text: string): string {
  return kNothingToEscape.test(text) ? `"${text}"` : JSON.stringify(wellFormed(text))
}

/** Bytes of the text in UTF-8. */
export function byteLength(text: string): number {
  if (kNothingToEscape.test(text)) return text.length
  let bytes = text.length
  for (let i = 0; i < text.length; ++i) {
    const unit = text.charCodeAt(i)
    if (unit < 0x80) continue
    bytes += unit < 0x800 ? 1 : unit >= 0xd800 && unit < 0xe000 ? 1 : 2
  }
  return bytes
}

/** Orders texts by their bytes in UTF-8, which is the order of their code points. */
export function compareText(a: string, b: string): number {
  const shorter = Math.min(a.length, b.length)
  for (let i = 0; i < shorter; ++i) {
    const left = a.charCodeAt(i)
    const right = b.charCodeAt(i)
    if (left === right) continue
    // Surrogates stand for code points above all others.
    const leftHalf = left >= 0xd800 && left < 0xe000
    const rightHalf = right >= 0xd800 && right < 0xe000
    return leftHalf === rightHalf ? left - right : leftHalf ? 1 : -1
  }
  return a.length - b.length
}

/** JSON on one line without blanks. */
export function writeJson(value: Json): string {
  if (value === null) return 'null'
  if (typeof value === 'boolean') return String(value)
  if (typeof value === 'string') return quoted(value)
  if (isNumber(value)) return numberText(value)
  if (isList(value)) return `[${value.map(writeJson).join(',')}]`
  if (!isObject(value)) return 'null'
  const parts: string[] = []
  for (const [key, member] of value) parts.push(`${quoted(key)}:${writeJson(member)}`)
  return `{${parts.join(',')}}`
}
