// @vitest-environment happy-dom
// What the pages make of what the server tells: figures, runs, filters of the log, parameters, addresses to begin at.
import { describe, expect, it } from 'vitest'
import { bytes, count, distance, duration, rate, short, time } from '@weir/ui/figures/figures.ts'
import { parameterOf, parametersOf } from '../src/pages/flows/parameters.ts'
import { rowOf } from '../src/pages/run/edit-letter.tsx'
import { joinLines, linesLike } from '../src/pages/run/log-tab.tsx'
import { figuresOf, rowsRead, slowestNode } from '../src/pages/run/metrics.ts'
import { happeningsOf } from '../src/pages/run/timeline-tab.tsx'
import { withMessage, type RunLive } from '../src/pages/run/use-run-live.ts'
import { compare } from '../src/pages/runs/compare-page.tsx'
import { factsOf, listedProgress, startedByText } from '../src/pages/runs/run-facts.ts'
import { returnPath } from '../src/pages/sign-in/return-path.ts'
import { startPath } from '../src/start-path.ts'

const METRICS = {
  elapsedMicros: 2_000_000,
  deadLetters: 1,
  nodes: [
    { id: 'read', rowsOut: 600 },
    { id: 'write', rowsIn: 599, rowsOut: 0, failed: 1 }
  ],
  edges: [{ id: 'rows', source: 'read', target: 'write', taken: 600, held: 60, capacityRows: 100 }]
}

describe('figures', () => {
  it('are written as people read them', () => {
    expect(count(1_241_774)).toBe('1,241,774')
    expect([950, 61_000, 8_000_000, 90_000_000].map(duration)).toEqual([
      '0.95 s',
      '1 min 01 s',
      '2 h 13 min',
      '1 d 1 h'
    ])
    expect([rate(3.25), rate(1_280_000)]).toEqual(['3.3/s', '1.28\u2009M/s'])
    expect([bytes(512), bytes(1_572_864)]).toEqual(['512\u2009B', '1.5\u2009MiB'])
    expect(short(229_375)).toBe('0.23 ms')
  })

  it('are in the zone that was chosen', () => {
    const noon = Date.UTC(2026, 2, 4, 11, 20, 7)
    expect(time(noon, 'UTC')).toBe('2026-03-04 11:20:07')
    expect(time(noon, 'Europe/Berlin')).toBe('2026-03-04 12:20:07')
    expect([distance(noon - 120_000, noon), distance(noon + 7_200_000, noon)]).toEqual(['2 min ago', 'in 2 h'])
  })
})

describe('a run', () => {
  const run = { id: 'r', flow: 'f', state: 'done' as const, startedAt: 1000, endedAt: 4000, metrics: METRICS }

  it('counts what its sources gave, and names the node that holds it up', () => {
    const figures = figuresOf(METRICS)
    expect(figures === null ? 0 : rowsRead(figures)).toBe(600)
    expect(figures === null ? null : slowestNode(figures)).toEqual({ node: 'write', fill: 0.6 })
    expect(factsOf(run, 9000)).toMatchObject({ time: '3.0 s', rows: 600, setAside: 1 })
    expect(figuresOf({})).toBeNull()
    const listed = {
      id: 'l',
      flow: 'f',
      state: 'done' as const,
      figures: { elapsedMicros: 0, errors: 0, rowsOut: 0, rowsIn: 600, setAside: 4, progressDone: 1, progressTotal: 4 }
    }
    expect(factsOf(listed, 9000)).toMatchObject({ rows: 600, setAside: 4 })
    expect(listedProgress(listed)).toEqual({ done: 1, total: 4 })
    expect(listedProgress(run)).toBeNull()
    expect(factsOf({ id: 'n', flow: 'f' }, 9000)).toMatchObject({ rows: null, setAside: 0 })
  })

  it('is compared with another line by line', () => {
    const other = {
      ...run,
      id: 's',
      state: 'failed' as const,
      metrics: { ...METRICS, nodes: [{ id: 'read', rowsOut: 500 }] }
    }
    const lines = compare(run, other)
    expect(lines.find((line) => line.what === 'read: rows out')).toMatchObject({ a: '600', b: '500', more: -100 })
    expect(lines.find((line) => line.what === 'State')).toMatchObject({ a: 'done', b: 'failed' })
  })

  it('tells what happened in order', () => {
    const event = { number: 1, at: 2000, severity: 'warning', kind: 'breaker.opened', subject: 'ask', message: 'open' }
    expect(happeningsOf({ ...run, createdAt: 900 }, [event], []).map((one) => [one.what, one.tone])).toEqual([
      ['asked for', 'plain'],
      ['began', 'flow'],
      ['breaker.opened', 'warn'],
      ['done', 'ok']
    ])
  })

  it('says who started it, as far as the name is known', () => {
    const names = new Map([['u1', 'ada']])
    expect(['u1', 'u2', 'schedule:x', undefined].map((by) => startedByText(by, names))).toEqual([
      'ada',
      'u2',
      'schedule',
      '–'
    ])
  })

  it('keeps a bounded part of its log and its figures live', () => {
    let live: RunLive = { stream: 'open', figures: null, moments: [], lines: [], events: [] }
    for (let i = 0; i < 1200; ++i)
      live = withMessage(live, { type: 'log', data: { at: i, level: 'info', message: `${i}` } })
    live = withMessage(live, { type: 'metrics', data: METRICS })
    expect(live.lines).toHaveLength(1000)
    expect(live.lines.at(-1)?.message).toBe('1199')
    expect(live.moments).toEqual([{ seconds: 2, rowsPerSecond: 300, held: 60 }])
  })
})

describe('the log', () => {
  it('is filtered by words, level and node together', () => {
    const line = (level: string, node: string, message: string) => ({ at: 0, level, node, message })
    const lines = [line('info', 'a', 'Hello'), line('error', 'b', 'hello there'), line('debug', 'a', 'bye')]
    expect(linesLike(lines, 'HELLO', '', '')).toHaveLength(2)
    expect(linesLike(lines, '', 'warning', '').map((one) => one.level)).toEqual(['error'])
    expect(linesLike(lines, '', '', 'a')).toHaveLength(2)
  })

  it('has live lines behind those that were kept before them, none twice', () => {
    const at = (...times: number[]) => times.map((ms) => ({ at: ms, level: 'info', node: '', message: `${ms}` }))
    expect(joinLines(at(1, 2, 3), at(3, 4)).map((one) => one.at)).toEqual([1, 2, 3, 4])
    expect(joinLines(at(1), []).map((one) => one.at)).toEqual([1])
    expect(joinLines([], at(5)).map((one) => one.at)).toEqual([5])
  })
})

describe('forms', () => {
  it('ask for the parameters of a flow and send them as their types', () => {
    const [rows] = parametersOf({ parameters: [{ name: 'rows', type: 'integer', default: 400 }] })
    expect(rows).toEqual({ name: 'rows', type: 'integer', fallback: '400', help: '' })
    expect(parameterOf({ type: 'integer' }, '12')).toBe(12)
    expect(parameterOf({ type: 'boolean' }, 'true')).toBe(true)
    expect(parameterOf({ type: 'string' }, '12')).toBe('12')
  })

  it('take a row only if it is one', () => {
    expect(rowOf('{"id": 8}')).toEqual({ row: { id: 8 } })
    expect(rowOf('[1]')).toHaveProperty('problem')
    expect(rowOf('{')).toHaveProperty('problem')
  })
})

describe('addresses', () => {
  it('of links that know nothing of the studio lead to its pages', () => {
    expect(startPath('/setup', '#code=a_b')).toBe('/setup?code=a_b')
    expect(startPath('/weir/sign-in', '')).toBe('/sign-in')
    expect(startPath('/', '#/runs?state=failed')).toBeNull()
  })

  it('to go on at after signing in never lead out of the studio', () => {
    expect(['/runs?a=1', '//evil.example', '/\\evil', 'https://evil.example', '/sign-in'].map(returnPath)).toEqual([
      '/runs?a=1',
      '/flows',
      '/flows',
      '/flows',
      '/flows'
    ])
  })
})
