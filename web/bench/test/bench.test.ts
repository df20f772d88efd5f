// The benchmarks run, check their results and say what they measured; how quick anything was is not looked at.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { readOrder } from '../scripts/order.ts'
import { pathOf } from '../scripts/places.ts'
import { median, quantile, type Section } from '../scripts/report.ts'

const isBuilt = existsSync(pathOf('build/wasm/weir.wasm')) && existsSync('/usr/bin/chromium')
const TIMEOUT_MS = 600_000

describe.skipIf(!isBuilt)('make bench-web, the quick form', () => {
  const folder = mkdtempSync(join(tmpdir(), 'weir-bench-test-'))

  afterAll(() => {
    rmSync(folder, { recursive: true, force: true })
  })

  it(
    'measures every part, whose results are those that were expected',
    () => {
      const json = join(folder, 'figures.json')
      const program = pathOf('web/bench/scripts/run.mjs')
      const done = spawnSync('node', [program, '--quick', '--json', json], { encoding: 'utf8' })
      expect(done.stderr.replace(/^npm warn.*$/gm, '').trim()).toBe('')
      expect(done.status).toBe(0)
      const { sections } = JSON.parse(readFileSync(json, 'utf8')) as { sections: Section[] }
      expect(sections.map((section) => section.name)).toEqual([
        'five-stages',
        'csv',
        'latency',
        'widgets',
        'start',
        'canvas-100',
        'studio-page',
        'studio-stream'
      ])
      for (const { lines, name } of sections) {
        expect(lines.length, name).toBeGreaterThan(2)
        for (const { label, value } of lines) expect(Number.isFinite(value), label).toBe(true)
      }
    },
    TIMEOUT_MS
  )
})

describe('The order of a benchmark', () => {
  it('is five runs unless told, and one if quick', () => {
    expect(readOrder([], 'out.json')).toEqual({ quick: false, runs: 5, only: '', json: 'out.json' })
    expect(readOrder(['--quick'], 'out.json').runs).toBe(1)
    expect(readOrder(['--only', 'csv', '--runs', '3', '--json', 'a'], 'b')).toEqual({
      quick: false,
      runs: 3,
      only: 'csv',
      json: 'a'
    })
  })

  it('that is not understood says how it is given', () => {
    for (const words of [['--fast'], ['--runs'], ['--runs', 'many']]) {
      expect(() => readOrder(words, '')).toThrow('run.mjs [--quick]')
    }
  })
})

describe('A median', () => {
  it('is the one in the middle, whatever the order', () => {
    expect(median([9, 1, 5])).toBe(5)
    expect(quantile([4, 3, 2, 1], 1)).toBe(4)
    expect(median([])).toBeNaN()
  })
})
