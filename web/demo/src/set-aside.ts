// SetAside: the rows that could not be worked on, each with its cause.
import { make } from './elements.ts'
import { countText } from './figures-text.ts'
import { downloadLink } from './output-files.ts'

const SHOWN = 50

export interface Letter {
  code: string
  message: string
  nodeId: string | undefined
  row: unknown
}

export function letterOf(raw: unknown): Letter {
  const found = (typeof raw === 'object' && raw !== null ? raw : {}) as Record<string, unknown>
  const text = (name: string): string => (typeof found[name] === 'string' ? found[name] : '')
  return { code: text('code'), message: text('message'), nodeId: text('nodeId'), row: found.row }
}

/** `count`: all there were; the run keeps the first thousand. */
export function setAsideList(letters: readonly unknown[], count: number): HTMLElement {
  if (count === 0) return make('p', { class: 'nothing good' }, '✓ Nothing was set aside: every row arrived.')
  const items = letters.slice(0, SHOWN).map((raw) => {
    const { code, message, nodeId, row } = letterOf(raw)
    return make(
      'li',
      {},
      make('p', {}, make('strong', { class: 'bad' }, `✕ ${nodeId ?? ''}`), ' ', make('code', {}, code)),
      make('pre', { class: 'cause' }, message),
      make('pre', { class: 'row-text' }, JSON.stringify(row))
    )
  })
  const lines = letters.map((letter) => `${JSON.stringify(letter)}\n`)
  const file = new File(lines, 'set-aside.ndjson', { type: 'application/x-ndjson' })
  const kept = letters.length < count ? `; the first ${countText(letters.length, 'row')} are kept` : ''
  const more = letters.length > SHOWN ? `, ${SHOWN} of them shown` : ''
  return make(
    'div',
    {},
    make(
      'div',
      { class: 'line' },
      make('p', {}, `${countText(count, 'row')} set aside${kept}${more}.`),
      downloadLink(file, 'Download')
    ),
    make('ul', { class: 'letters' }, ...items)
  )
}
