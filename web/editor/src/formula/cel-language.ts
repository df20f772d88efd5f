// The colours of CEL in an editor: by kind of token, in the colours that types have.
import { HighlightStyle, StreamLanguage, syntaxHighlighting } from '@codemirror/language'
import type { Extension } from '@codemirror/state'
import { tags } from '@lezer/highlight'
import { tokenAt } from './cel-tokens.ts'

const kConstants = new Set(['true', 'false', 'null'])
const kRoots = new Set(['row', 'params', 'packet', 'now'])

const language = StreamLanguage.define<{ dot: boolean }>({
  name: 'cel',
  startState: () => ({ dot: false }),
  token: (stream, state) => {
    if (stream.eatSpace()) return null
    // A string of several lines is coloured line by line; that is enough here.
    const token = tokenAt(stream.string, stream.pos)
    stream.pos = token.to
    const afterDot = state.dot
    state.dot = token.text === '.'
    if (token.kind === 'name') {
      if (kConstants.has(token.text)) return 'bool'
      if (token.text === 'in') return 'operatorKeyword'
      if (!afterDot && kRoots.has(token.text)) return 'keyword'
      return stream.peek() === '(' ? 'function' : 'propertyName'
    }
    return token.kind === 'bad' ? 'invalid' : token.kind
  },
  tokenTable: { function: tags.function(tags.variableName) }
})

const style = HighlightStyle.define([
  { tag: tags.string, color: 'var(--type-string)' },
  { tag: tags.number, color: 'var(--type-number)' },
  { tag: tags.bool, color: 'var(--type-bool)' },
  { tag: [tags.keyword, tags.operatorKeyword], color: 'var(--water)' },
  { tag: tags.function(tags.variableName), color: 'var(--type-time)' },
  { tag: tags.comment, color: 'var(--faint)' },
  { tag: tags.invalid, color: 'var(--state-error)' }
])

export function celLanguage(): Extension {
  return [language, syntaxHighlighting(style)]
}
