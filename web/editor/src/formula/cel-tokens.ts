// Tokens of CEL: for colours, for the conditions that rows can show, and for the habits of spreadsheets.

export type TokenKind = 'name' | 'number' | 'string' | 'operator' | 'comment' | 'bad'

/** A piece of the text, from `from` up to and without `to`, in UTF-16 units. */
export interface Token {
  kind: TokenKind
  text: string
  from: number
  to: number
}

const kPatterns: readonly (readonly [TokenKind, RegExp])[] = [
  ['comment', /\/\/[^\n]*/y],
  ['number', /0[xX][0-9a-fA-F]+[uU]?|(?:\d+\.\d+|\.\d+|\d+)(?:[eE][+-]?\d+)?[uU]?/y],
  ['string', /(?:[rR][bB]?|[bB][rR]?)?(?:"""[^]*?"""|'''[^]*?'''|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')/y],
  ['bad', /["'][^\n]*/y],
  ['name', /[A-Za-z_][A-Za-z0-9_]*/y],
  ['operator', /<=|>=|==|!=|<>|&&|\|\||[-+*/%<>!?:.,()[\]{}=]/y]
]
const kBlank = /\s+/y

/** The token that begins at `at`; a character that begins none is a bad one of its own. */
export function tokenAt(text: string, at: number): Token {
  for (const [kind, pattern] of kPatterns) {
    pattern.lastIndex = at
    const found = pattern.exec(text)?.[0]
    if (found !== undefined && found !== '') return { kind, text: found, from: at, to: at + found.length }
  }
  const one = String.fromCodePoint(text.codePointAt(at) ?? 0)
  return { kind: 'bad', text: one, from: at, to: at + one.length }
}

/** All tokens, blanks left out. Nothing is refused: what is none is `bad`. */
export function tokensOf(text: string): Token[] {
  const tokens: Token[] = []
  for (let at = 0; at < text.length;) {
    kBlank.lastIndex = at
    const blank = kBlank.exec(text)?.[0]
    if (blank !== undefined) {
      at += blank.length
      continue
    }
    const token = tokenAt(text, at)
    tokens.push(token)
    at = token.to
  }
  return tokens
}

const kReserved = new Set(
  'as break const continue else false for function if import in let loop package namespace null return true var void while'.split(
    ' '
  )
)

/** Whether a column of this name can be written as `row.name`. */
export function isPlainName(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !kReserved.has(name)
}

/** A column as CEL has it: `row.status`, or `row["Order Date"]`. */
export function columnText(name: string): string {
  return isPlainName(name) ? `row.${name}` : `row[${JSON.stringify(name)}]`
}

const kEscapes: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
  '`': '`',
  '?': '?'
}

/** What a string of CEL says; undefined of bytes, of several lines, and of what has escapes that are none. */
export function stringValue(token: string): string | undefined {
  if (/^[bB]|^[rR][bB]/.test(token) || /^[rR]?("""|''')/.test(token)) return undefined
  const raw = /^[rR]/.test(token)
  const inner = token.slice(raw ? 2 : 1, -1)
  if (raw) return inner
  const bad: string[] = []
  const value = inner.replace(
    /\\(u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|x[0-9a-fA-F]{2}|[0-3][0-7]{2}|.)/g,
    (_, code: string) => {
      const plain = kEscapes[code]
      if (plain !== undefined) return plain
      const point = /^[uUxX]./.test(code) ? parseInt(code.slice(1), 16) : /^[0-3]/.test(code) ? parseInt(code, 8) : NaN
      if (Number.isNaN(point) || point > 0x10ffff) {
        bad.push(code)
        return ''
      }
      return String.fromCodePoint(point)
    }
  )
  return bad.length > 0 ? undefined : value
}

/** The columns that a formula reads, in the order in which they come first. */
export function columnsIn(text: string): string[] {
  const tokens = tokensOf(text).filter((token) => token.kind !== 'comment')
  const found = new Set<string>()
  tokens.forEach((token, at) => {
    if (token.text !== 'row' || tokens[at - 1]?.text === '.') return
    const [mark, name] = [tokens[at + 1], tokens[at + 2]]
    if (mark?.text === '.' && name?.kind === 'name') found.add(name.text)
    if (mark?.text === '[' && name?.kind === 'string') {
      const value = stringValue(name.text)
      if (value !== undefined) found.add(value)
    }
  })
  return [...found]
}
