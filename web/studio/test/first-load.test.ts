// The studio is small at first load, and is a site that any web host serves: relative, hashed, without inline scripts or styles.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildStudio, sizesOf } from '../scripts/build.mjs'

/** What a page may load before the engine, in bytes after gzip: the editor is the largest. */
const BUDGET = 400_000
/** What the shell and its first page may take of that. */
const SHELL = 200_000

describe('the built studio', () => {
  let folder = ''
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'weir-site-'))
    await buildStudio(folder, 'error')
  })
  afterAll(() => {
    rmSync(folder, { recursive: true })
  })

  it('loads little at first, and the editor stays in the budget', () => {
    const { first, editor, all, styles } = sizesOf(folder)
    console.log(
      `studio: first load ${first} B of JavaScript, the editor ${editor} B, all pages ${all} B, styles ${styles} B (gzip)`
    )
    expect(first).toBeLessThan(SHELL)
    expect(editor).toBeLessThan(BUDGET)
  })

  it('has nothing inline and names nothing from the root of a host', () => {
    const page = readFileSync(join(folder, 'index.html'), 'utf8')
    expect(page).not.toMatch(/<style|style=|<script(?![^>]*src=)|\son\w+=/)
    for (const [, address] of page.matchAll(/(?:src|href)="([^"]+)"/g)) expect(address).toMatch(/^\.\//)
  })

  it('has the sum of each file in its name', () => {
    for (const name of readdirSync(join(folder, 'assets'))) expect(name).toMatch(/-[\w-]{8}\.\w+$/)
  })

  it('evaluates no text', () => {
    for (const name of readdirSync(join(folder, 'assets')).filter((file) => file.endsWith('.js'))) {
      expect(readFileSync(join(folder, 'assets', name), 'utf8'), name).not.toMatch(/\beval\(|new Function\(/)
    }
  })
})
