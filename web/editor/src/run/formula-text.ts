// Places in a formula: the engine counts bytes of UTF-8, a text field counts UTF-16.

/** The index in `text` of each of the given byte offsets. */
export function indexOfByte(text: string, bytes: number): number {
  let at = 0
  let count = 0
  for (const character of text) {
    if (count >= bytes) break
    const code = character.codePointAt(0) ?? 0
    count += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
    at += character.length
  }
  return at
}

/** What stands before the cursor: the word that is being written, and the value before its dot. */
export interface Before {
  word: string
  /** `row.items` of `row.items.le`; undefined: the word stands by itself. */
  receiver: string | undefined
  /** Inside of a text or a comment: nothing is completed. */
  isText: boolean
}

export function beforeCursor(text: string, at: number): Before {
  const head = text.slice(0, at)
  if (endsInText(head)) return { word: '', receiver: undefined, isText: true }
  const word = /[A-Za-z_][A-Za-z0-9_]*$/.exec(head)?.[0] ?? ''
  const rest = head.slice(0, head.length - word.length)
  if (!/\.\s*$/.test(rest)) return { word, receiver: undefined, isText: false }
  const receiver = receiverOf(rest.replace(/\.\s*$/, ''))
  return { word, receiver: receiver === '' ? undefined : receiver, isText: false }
}

function endsInText(head: string): boolean {
  let quote = ''
  for (let i = 0; i < head.length; ++i) {
    const character = head[i] ?? ''
    if (quote === '') {
      if (character === '/' && head[i + 1] === '/') {
        const end = head.indexOf('\n', i)
        if (end < 0) return true
        i = end
      } else if (character === "'" || character === '"') quote = character
    } else if (character === '\\') ++i
    else if (character === quote) quote = ''
  }
  return quote !== ''
}

/** The value that ends where `head` ends: names, dots, calls and indexes, from the right. */
function receiverOf(head: string): string {
  let at = head.length
  for (;;) {
    const character = head[at - 1] ?? ''
    if (character === ')' || character === ']') {
      const open = openerOf(head, at - 1)
      if (open < 0) return ''
      at = open
      continue
    }
    if (/[A-Za-z0-9_.'"]/.test(character)) {
      if (character === "'" || character === '"') {
        const begin = head.lastIndexOf(character, at - 2)
        return begin < 0 ? '' : head.slice(begin)
      }
      at -= 1
      continue
    }
    return head.slice(at)
  }
}

function openerOf(head: string, closer: number): number {
  let depth = 0
  for (let i = closer; i >= 0; --i) {
    const character = head[i] ?? ''
    if (character === ')' || character === ']') depth += 1
    if (character === '(' || character === '[') depth -= 1
    if (depth === 0) return i
  }
  return -1
}
