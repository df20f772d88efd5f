// A page of the guide as plain data, and what is searched in it.

/** A text, or a part of one with a form or a link. A line break is the text "\\n". */
export type Inline =
  | string
  | { kind: 'strong' | 'em'; text: Inline[] }
  | { kind: 'code'; text: string }
  | { kind: 'link'; to: string; text: Inline[] }

export type Block =
  | { kind: 'heading'; level: number; id: string; text: Inline[] }
  | { kind: 'paragraph'; text: Inline[] }
  | { kind: 'code'; text: string }
  | { kind: 'quote'; blocks: Block[] }
  | { kind: 'list'; ordered: boolean; items: Block[][] }
  | { kind: 'table'; head: Inline[][]; rows: Inline[][][] }
  | { kind: 'rule' }

export interface GuidePage {
  id: string
  title: string
  blocks: Block[]
}

/** What stands below one heading. */
export interface GuideSection {
  page: string
  title: string
  heading: string
  /** Of the heading; empty at the top of a page. */
  at: string
  text: string
}

export interface Found extends GuideSection {
  /** The words around the first that was looked for. */
  around: string
}

/** Inline text without its form. */
export function plain(text: readonly Inline[]): string {
  return text
    .map((one) => (typeof one === 'string' ? one : typeof one.text === 'string' ? one.text : plain(one.text)))
    .join('')
}

function blockText(block: Block): string {
  switch (block.kind) {
    case 'heading':
    case 'paragraph':
      return plain(block.text)
    case 'code':
      return block.text
    case 'quote':
      return block.blocks.map(blockText).join(' ')
    case 'list':
      return block.items.map((item) => item.map(blockText).join(' ')).join(' ')
    case 'table':
      return [block.head, ...block.rows].map((row) => row.map(plain).join(' ')).join(' ')
    case 'rule':
      return ''
  }
}

/** The sections of a page, in order. */
export function sectionsOf({ id, title, blocks }: GuidePage): GuideSection[] {
  const sections: GuideSection[] = []
  for (const block of blocks) {
    if (block.kind === 'heading') {
      const at = block.level === 1 ? '' : block.id
      sections.push({ page: id, title, heading: plain(block.text), at, text: '' })
      continue
    }
    if (sections.length === 0) sections.push({ page: id, title, heading: title, at: '', text: '' })
    const last = sections.at(-1)
    if (last !== undefined) last.text += `${blockText(block)} `
  }
  return sections
}

const AROUND = 60

/** Sections that have all the words; those whose headings have them first, 40 at most. */
export function searchGuide(sections: readonly GuideSection[], words: string): Found[] {
  const wanted = words
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
  const [first] = wanted
  if (first === undefined) return []
  const ranked = sections.flatMap((section) => {
    const head = `${section.title} ${section.heading}`.toLowerCase()
    const text = section.text.toLowerCase()
    if (!wanted.every((word) => head.includes(word) || text.includes(word))) return []
    const at = Math.max(0, text.indexOf(first) - AROUND)
    const around = section.text.slice(at, at + 3 * AROUND).replace(/\s+/g, ' ')
    const rank = wanted.filter((word) => head.includes(word)).length
    return [{ found: { ...section, around: `${at > 0 ? '… ' : ''}${around}` }, rank }]
  })
  return ranked
    .sort((a, b) => b.rank - a.rank)
    .slice(0, 40)
    .map(({ found }) => found)
}
