// The guide in the studio: all pages of docs, their links, and what a search finds.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { guidePage, linkTo, pageId, slugOf } from '../scripts/guide-blocks.ts'
import { guidePaths } from '../scripts/guide-plugin.ts'
import { plain, searchGuide, sectionsOf, type Block, type Inline } from '../src/pages/guide/blocks.ts'
import { CHAPTERS } from '../src/pages/guide/contents.ts'

const paths = guidePaths()
const known = new Set(paths)
const read = (path: string) =>
  guidePage(path, readFileSync(new URL(`../../../docs/${path}`, import.meta.url), 'utf8'), known)

function linksOf(text: readonly Inline[]): string[] {
  return text.flatMap((one) =>
    typeof one === 'string' || one.kind === 'code'
      ? []
      : [...(one.kind === 'link' ? [one.to] : []), ...linksOf(one.text)]
  )
}

function blockLinks(block: Block): string[] {
  switch (block.kind) {
    case 'heading':
    case 'paragraph':
      return linksOf(block.text)
    case 'quote':
      return block.blocks.flatMap(blockLinks)
    case 'list':
      return block.items.flat().flatMap(blockLinks)
    case 'table':
      return [block.head, ...block.rows].flat().flatMap(linksOf)
    case 'code':
    case 'rule':
      return []
  }
}

describe('the guide', () => {
  it('has every page of docs in one chapter', () => {
    const listed = CHAPTERS.flatMap((chapter) => chapter.pages)
    expect(new Set(listed).size).toBe(listed.length)
    expect([...listed].sort()).toEqual(paths.map(pageId).sort())
  })

  it('has a title and text on each page, and links that lead to pages and headings that are there', () => {
    const pages = paths.map(read)
    const headings = new Map(
      pages.map((page) => [
        page.id,
        new Set(page.blocks.flatMap((block) => (block.kind === 'heading' ? [block.id] : [])))
      ])
    )
    for (const page of pages) {
      expect(page.title, page.id).not.toBe('')
      expect(sectionsOf(page).length, page.id).toBeGreaterThan(0)
      for (const link of page.blocks.flatMap(blockLinks).filter((one) => one.startsWith('/guide/'))) {
        const [path = '', at] = link.slice('/guide/'.length).split('?at=')
        expect(headings.has(path), `${page.id}: ${link}`).toBe(true)
        if (at !== undefined) expect(headings.get(path)?.has(decodeURIComponent(at)), `${page.id}: ${link}`).toBe(true)
      }
    }
  })

  it('is found by words, those of headings first', () => {
    const sections = paths.map(read).flatMap(sectionsOf)
    expect(searchGuide(sections, 'setup link')[0]).toMatchObject({ page: 'accounts' })
    expect(searchGuide(sections, 'zzzz nothing')).toEqual([])
    expect(searchGuide(sections, '  ')).toEqual([])
    expect(searchGuide(sections, 'the').length).toBeLessThanOrEqual(40)
  })
})

describe('a page', () => {
  it('keeps HTML as nothing and special letters as they are', () => {
    const page = guidePage(
      'guide/x.md',
      '# A & B\n\n<script>alert(1)</script>\n\na < b `<i>` **c** <b>d</b> &amp; "e"',
      known
    )
    expect(page.title).toBe('A & B')
    const text = page.blocks.flatMap((block) => (block.kind === 'paragraph' ? [plain(block.text)] : []))
    expect(text.join('\n')).not.toMatch(/script|alert/)
    expect(text.join('\n')).toContain('a < b <i> c d')
  })

  it('is no more than empty where there is nothing in it', () => {
    expect(guidePage('guide/x.md', '', known)).toEqual({ id: 'x', title: 'x', blocks: [] })
  })

  it('has links within the studio, to the web, or none', () => {
    const from = 'guide/files.md'
    expect(linkTo(from, 'accounts.md#the-way-back', known)).toBe('/guide/accounts?at=the-way-back')
    expect(linkTo(from, '../reference/errors.md', known)).toBe('/guide/reference/errors')
    expect(linkTo(from, '../reference/nodes/logic/filter.md', known)).toBe('/nodes?node=logic%2Ffilter')
    expect(linkTo(from, '#globs', known)).toBe('/guide/files?at=globs')
    expect(linkTo(from, 'https://example.com/a', known)).toBe('https://example.com/a')
    expect(linkTo(from, '../../examples/x/README.md', known)).toBe('')
    expect(linkTo(from, 'javascript:alert(1)', known)).toBe('')
    expect(linkTo(from, '../../../../etc/passwd', known)).toBe('')
  })

  it('has one id for each heading', () => {
    const taken = new Set<string>()
    expect(['Same thing!', 'Same thing', 'Über `x`'].map((text) => slugOf(text, taken))).toEqual([
      'same-thing',
      'same-thing-1',
      'über-x'
    ])
  })
})
