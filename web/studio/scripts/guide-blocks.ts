// Pages of the guide as blocks of plain data, from their Markdown: what the studio draws as elements, so that no HTML is ever set.
import { posix } from 'node:path'
import { marked, type Token, type Tokens } from 'marked'
import type { Block, GuidePage, Inline } from '../src/pages/guide/blocks.ts'

/** The id of a page in docs: `first-flow` of the guide, `reference/errors` of the reference. */
export function pageId(path: string): string {
  return path.replace(/\.md$/, '').replace(/^guide\//, '')
}

/** An address within the studio, or on the web, for a link of a page; empty for what is not in the studio. */
export function linkTo(from: string, href: string, known: ReadonlySet<string>): string {
  if (/^https?:/.test(href)) return href
  const [target = '', at = ''] = href.split('#')
  const path = target === '' ? from : posix.normalize(posix.join(posix.dirname(from), target))
  const node = /^reference\/nodes\/([\w-]+\/[\w-]+)\.md$/.exec(path)?.[1]
  if (node !== undefined) return `/nodes?node=${encodeURIComponent(node)}`
  if (path === 'reference/nodes' || path === 'reference/nodes/README.md') return '/nodes'
  if (!known.has(path)) return ''
  return `/guide/${pageId(path)}${at === '' ? '' : `?at=${encodeURIComponent(at)}`}`
}

/** The id of a heading, as links name it; `taken` gets it. */
export function slugOf(text: string, taken: Set<string>): string {
  const plain = text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-')
  let slug = plain
  for (let number = 1; taken.has(slug); ++number) slug = `${plain}-${number}`
  taken.add(slug)
  return slug
}

class Reader {
  private readonly slugs = new Set<string>()

  constructor(
    private readonly path: string,
    private readonly known: ReadonlySet<string>
  ) {}

  blocks(tokens: readonly Token[]): Block[] {
    return tokens.flatMap((token) => this.block(token) ?? [])
  }

  private block(token: Token): Block | undefined {
    switch (token.type) {
      case 'heading': {
        const { depth, tokens, text } = token as Tokens.Heading
        return {
          kind: 'heading',
          level: depth,
          id: slugOf(text.replace(/`/g, ''), this.slugs),
          text: this.inlines(tokens)
        }
      }
      case 'paragraph':
      case 'text':
        return { kind: 'paragraph', text: this.inlines((token as Tokens.Text).tokens ?? [token]) }
      case 'code':
        return { kind: 'code', text: (token as Tokens.Code).text }
      case 'blockquote':
        return { kind: 'quote', blocks: this.blocks((token as Tokens.Blockquote).tokens) }
      case 'list': {
        const { ordered, items } = token as Tokens.List
        return { kind: 'list', ordered, items: items.map((item) => this.blocks(item.tokens)) }
      }
      case 'table': {
        const { header, rows } = token as Tokens.Table
        const cells = (row: readonly Tokens.TableCell[]): Inline[][] => row.map((cell) => this.inlines(cell.tokens))
        return { kind: 'table', head: cells(header), rows: rows.map(cells) }
      }
      case 'hr':
        return { kind: 'rule' }
      default:
        // Space, comments and definitions show nothing.
        return undefined
    }
  }

  private inlines(tokens: readonly Token[]): Inline[] {
    return tokens.flatMap((token) => this.inline(token))
  }

  private inline(token: Token): Inline[] {
    switch (token.type) {
      case 'strong':
      case 'em':
        return [{ kind: token.type, text: this.inlines((token as Tokens.Strong).tokens) }]
      case 'codespan':
        return [{ kind: 'code', text: (token as Tokens.Codespan).text }]
      case 'br':
        return ['\n']
      case 'link': {
        const { href, tokens } = token as Tokens.Link
        const to = linkTo(this.path, href, this.known)
        const text = this.inlines(tokens)
        return to === '' ? text : [{ kind: 'link', to, text }]
      }
      case 'html':
        return []
      default: {
        const { tokens, text } = token as Tokens.Text
        return tokens === undefined ? [text] : this.inlines(tokens)
      }
    }
  }
}

/** One page; `path` and `known` are paths below docs. */
export function guidePage(path: string, markdown: string, known: ReadonlySet<string>): GuidePage {
  const blocks = new Reader(path, known).blocks(marked.lexer(markdown, { gfm: true }))
  const first = blocks.find((block) => block.kind === 'heading')
  return { id: pageId(path), title: first === undefined ? pageId(path) : plainText(first.text), blocks }
}

/** Inline text without its form. */
function plainText(text: readonly Inline[]): string {
  return text
    .map((one) => (typeof one === 'string' ? one : typeof one.text === 'string' ? one.text : plainText(one.text)))
    .join('')
}
