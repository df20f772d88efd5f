// The words of the studio and docs/words.md are one table, and what is shown keeps to it.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { word, WORDS } from '@weir/ui/words/words.ts'

const page = readFileSync(new URL('../../../docs/words.md', import.meta.url), 'utf8')
const source = fileURLToPath(new URL('../src', import.meta.url))

/** The texts of a component: what stands between tags, and values that are sentences. */
function shownTexts(): { file: string; text: string }[] {
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.tsx'))
  return files.flatMap((file) => {
    const code = readFileSync(join(source, file), 'utf8').replace(/^\s*(\/\/|\/?\*).*$/gm, '')
    const found = [...code.matchAll(/>([^<>{}=]+)</g), ...code.matchAll(/'([A-Z][^'\n]+)'|"([A-Z][^"\n]+)"/g)]
    return found.map((match) => ({ file, text: (match[1] ?? match[2] ?? '').trim() })).filter(({ text }) => text !== '')
  })
}

describe('the words', () => {
  it('are the table of docs/words.md, in order', () => {
    const rows = Object.values(WORDS).map((entry) => `| ${entry.word} | ${entry.means} | ${entry.not.join(', ')} |`)
    const listed = page
      .split('\n')
      .filter((line) => line.startsWith('| ') && !line.startsWith('| word') && !line.startsWith('|--'))
    expect(listed).toEqual(rows)
  })

  it('stand for one thing each', () => {
    const all = Object.values(WORDS).map((entry) => entry.word)
    expect(new Set(all).size).toBe(all.length)
    for (const entry of Object.values(WORDS)) for (const other of entry.not) expect(all).not.toContain(other)
  })

  it('have a capital where they begin something', () => {
    expect(word('setAside', 'first')).toBe('Set aside')
    expect(word('run')).toBe('run')
  })

  it('are those that the pages show', () => {
    const texts = shownTexts()
    expect(texts.length).toBeGreaterThan(100)
    const wrong: string[] = []
    for (const entry of Object.values(WORDS)) {
      for (const other of entry.not) {
        // Short words of everyday language may be part of a sentence about something else.
        if (
          [
            'script',
            'share',
            'item',
            'variable',
            'link',
            'connection',
            'message',
            'group by',
            'job',
            'block',
            'record'
          ].includes(other)
        )
          continue
        for (const { file, text } of texts) {
          if (new RegExp(`\\b${other}s?\\b`, 'i').test(text))
            wrong.push(`${file}: "${text}" says ${other}, not ${entry.word}`)
        }
      }
    }
    expect(wrong).toEqual([])
  })
})
