// @vitest-environment happy-dom
// Alerts as they are written, what is wrong with them, and when they would have been raised over figures that are kept.
import { newFlow, alertsOf, applyOperations, openFlow, validate, Catalogue, writeJson } from '@weir/flow-model'
import type { FlowDocument } from '@weir/flow-model'
import type { RunCounters } from '@weir/engine-client'
import { describe, expect, it } from 'vitest'
import {
  alertAt,
  alertValue,
  alertWords,
  draftOf,
  freshName,
  keepAlert,
  muteAlert,
  newDraft,
  problemsOfDraft,
  removeAlert,
  withMeasure
} from '../../src/alerts/alert-draft.ts'
import { FigureHistory } from '../../src/alerts/figure-history.ts'
import { firedWords } from '../../src/alerts/fired-chart.tsx'
import { subjectsOf } from '../../src/alerts/figure-fields.tsx'
import { boundText, durationText, kMeasures, readBound, readDuration } from '../../src/alerts/measures.ts'
import { firesOf, seriesOf } from '../../src/alerts/would-fire.ts'
import { RaisedAlerts } from '../../src/run/raised-alerts.ts'

function flow(alerts = ''): FlowDocument {
  const opened = openFlow(`{"id": "orders", "version": "1.0.0", ${alerts}
    "nodes": [{"id": "read", "typeId": "a/b", "version": "1.0.0", "name": "Orders"},
              {"id": "paid", "typeId": "a/b", "version": "1.0.0"}],
    "edges": [{"id": "e1", "source": {"node": "read", "port": "rows"}, "target": {"node": "paid", "port": "rows"}}]}`)
  if (opened.state !== 'open') throw new Error('it is no flow')
  return opened.document
}

describe('an alert that is written', () => {
  it('goes into the document and out again as it was', () => {
    const document = flow()
    const draft = {
      ...newDraft(document, { subject: 'e1', of: 'edge', measure: 'rowsPerSecond' }),
      over: '1,000',
      forText: '5s',
      windowText: '1m',
      quietText: '10m',
      where: 'row.price > 5',
      key: 'row.region',
      owner: 'Night shift',
      severity: 'critical'
    }
    expect(draft.name).toBe('Orders to paid: rows a second')
    expect(problemsOfDraft(document, draft)).toEqual({})
    applyOperations(document, [keepAlert(document, draft, undefined)])
    const [found] = alertsOf(document.root)
    expect(found?.alert).toMatchObject({
      metric: 'e1.rowsPerSecond',
      over: 1000,
      forMs: 5000,
      windowMs: 60_000,
      quietMs: 600_000,
      where: 'row.price > 5',
      key: 'row.region',
      owner: 'Night shift'
    })
    expect(
      validate(document, { catalogue: new Catalogue([]) }).filter((each) => each.code.startsWith('alert'))
    ).toEqual([])
    if (found === undefined) return
    expect(alertWords(document, found.alert)).toBe(
      'Orders to paid: rows a second over 1,000/s, rows where row.price > 5, by row.region, for 5.0 s'
    )
    expect(draftOf(found.alert)).toEqual({ ...draft, over: '1000' })
  })

  it('keeps what others wrote into it, is found by its name, muted and deleted', () => {
    const document = flow(
      '"alerts": [{"name": "a", "metric": "run.deadLetters", "over": 1, "x-team": 7}, {"name": "b", "metric": "e1.idleMs", "over": 1000}],'
    )
    const known = alertAt(document, '/alerts/0')
    if (known === undefined) throw new Error('there is none')
    applyOperations(document, [keepAlert(document, { ...draftOf(known.alert), name: 'c', over: '5' }, '/alerts/0')])
    expect(writeJson(alertAt(document, '/alerts/0')?.value ?? null)).toContain('x-team')
    expect(alertsOf(document.root).map(({ alert }) => [alert.name, alert.over])).toEqual([
      ['c', 5],
      ['b', 1000]
    ])
    applyOperations(document, [muteAlert(document, '/alerts/1', new Date('2026-01-31T10:00:00.123Z'))])
    expect(alertAt(document, '/alerts/1')?.alert.muteUntil).toBe('2026-01-31T10:00:00Z')
    applyOperations(document, [muteAlert(document, '/alerts/1', undefined), removeAlert(document, '/alerts/0')])
    expect(alertsOf(document.root).map(({ alert }) => [alert.name, alert.muteUntil])).toEqual([['b', '']])
  })

  it('says what is wrong: no number, an unknown figure, a node that is gone, a name twice', () => {
    const document = flow(
      '"alerts": [{"name": "a", "metric": "gone.errorRate", "over": 1}, {"name": "b", "metric": "e1.speed", "under": 1}],'
    )
    const of = (pointer: string): ReturnType<typeof problemsOfDraft> => {
      const found = alertAt(document, pointer)
      return found === undefined ? {} : problemsOfDraft(document, draftOf(found.alert), found.alert.name)
    }
    expect(of('/alerts/0').subject).toContain("'gone' is not in this flow")
    expect(of('/alerts/1').measure).toContain("'speed' is not measured")
    const draft = newDraft(document, { subject: 'paid', of: 'node' })
    expect(problemsOfDraft(document, { ...draft, over: 'many' }).over).toBe("'many' is no number.")
    expect(problemsOfDraft(document, { ...draft, over: '' }).over).toBe('Say how much.')
    expect(problemsOfDraft(document, { ...draft, name: 'a' }).name).toBe('Another alert has this name.')
    expect(problemsOfDraft(document, { ...draft, name: ' ' }).name).toBe('Give it a name.')
    expect(problemsOfDraft(document, { ...draft, forText: 'long' }).forText).toContain('30s')
    expect(problemsOfDraft(document, { ...draft, windowText: '10ms' }).windowText).toBe('At least 1s.')
    expect(problemsOfDraft(document, { ...draft, muteUntil: 'tomorrow' }).muteUntil).toBeDefined()
    expect(problemsOfDraft(document, { ...draft, subject: 'e1' }).measure).toContain('no figure of it')
    expect(problemsOfDraft(document, withMeasure({ ...draft, subject: 'e1' }, 'idleMs')).over).toBeUndefined()
    expect(alertsOf(document.root).map(({ alert }) => alertWords(document, alert))[0]).toContain('(not there)')
    expect(freshName(document, 'a')).toBe('a 2')
  })

  it('offers what is around first, and no more than a person reads', () => {
    const offers = subjectsOf(flow(), { of: 'edge', subject: 'e1' }).map(([id]) => id)
    expect(offers).toEqual(['e1', 'read', 'paid', 'run'])
    expect(subjectsOf(newFlow('empty'), { of: 'run', subject: 'run' })).toHaveLength(1)
  })

  it('needs no bound where a figure is yes or no', () => {
    const document = flow()
    const draft = newDraft(document, { subject: 'paid', of: 'node', measure: 'breakerOpen' })
    expect(problemsOfDraft(document, draft)).toEqual({})
    expect(alertValue(draft).get('over')).toBe(0)
  })
})

describe('bounds', () => {
  it('are written in the unit of their figure and read back', () => {
    for (const { unit, suggested } of kMeasures) {
      const value = readBound(unit, suggested)
      if (value !== undefined) expect(readBound(unit, boundText(unit, value))).toBe(value)
    }
    expect([readBound('share', '5 %'), readBound('bytes', '512 MiB'), readBound('ms', '1.5')]).toEqual([
      0.05,
      2 ** 29,
      1500
    ])
    expect([
      readBound('count', 'NaN'),
      readBound('count', '1e999'),
      readBound('ms', '-5s'),
      readBound('bytes', 'x')
    ]).toEqual([undefined, undefined, undefined, undefined])
    expect([durationText(90_000), durationText(0), durationText(3_600_250), readDuration('5 min')]).toEqual([
      '1m30s',
      '0s',
      '1h250ms',
      300_000
    ])
  })
})

function counters(at: { offered?: number; failed?: number; held?: number }): RunCounters {
  const { offered = 0, failed = 0, held = 0 } = at
  return {
    elapsedMicros: 0,
    usedBytes: 5,
    peakBytes: 5,
    deadLetters: failed,
    errors: failed,
    nodes: [{ id: 'paid', rowsIn: offered, rowsOut: offered - failed, failed, retries: 0 }],
    edges: [{ id: 'e1', source: 'read', target: 'paid', offered, held, capacityRows: 100 }]
  }
}

/** A history of a run that tells each 250 ms for so many seconds. */
function historyOf(seconds: number, tell: (second: number) => Parameters<typeof counters>[0]): FigureHistory {
  let now = 0
  const history = new FigureHistory(() => now)
  for (now = 0; now <= seconds * 1000; now += 250) history.take(counters(tell(now / 1000)))
  return history
}

const edge = (measure: string) => ({ subject: 'e1', of: 'edge' as const, measure })

describe('what would have been raised', () => {
  it('follows for so long, the tenth on the good side, and the quiet time', () => {
    // 100 rows a second, of which from 10 s to 20 s none.
    const offered = (s: number): number => 100 * (s < 10 ? s : s < 20 ? 10 : s - 10)
    const history = historyOf(40, (s) => ({ offered: offered(s) }))
    const rates = seriesOf(history, edge('rowsPerSecond'), { windowMs: 2000 })
    const rule = { over: undefined, under: 50, forMs: 0, quietMs: 0 }
    if (rates === undefined) throw new Error('nothing is kept')
    const [only, ...others] = firesOf(rates, rule)
    expect(others).toEqual([])
    expect(only?.from).toBeGreaterThan(10_000)
    expect(only?.from).toBeLessThan(12_000)
    expect(only?.to).toBeGreaterThan(20_000)
    expect(firesOf(rates, { ...rule, forMs: 15_000 })).toEqual([])
    expect(firesOf(rates, { ...rule, under: undefined, over: 1e6 })).toEqual([])
    const idle = seriesOf(history, edge('idleMs'))
    if (idle === undefined) throw new Error('nothing is kept')
    expect(firesOf(idle, { over: 3000, under: undefined, forMs: 0, quietMs: 0 })).toHaveLength(1)
    expect(firesOf(idle, { over: 11_000, under: undefined, forMs: 0, quietMs: 0 })).toEqual([])
    expect(firedWords([only ?? { from: 0, to: 1 }], 40_000, 'Test of draft')).toMatch(
      /raised once in 40 s of Test of draft: after 1\d s/
    )
    expect(firedWords([], 1000, 'a run')).toContain('would not')
  })

  it('has a silence that nobody told of, and the quiet time keeps a second one down', () => {
    let now = 0
    const history = new FigureHistory(() => now)
    for (const second of [0, 1, 2, 30, 31, 60]) {
      now = second * 1000
      history.take(counters({ offered: second * 10 }))
    }
    const idle = seriesOf(history, edge('idleMs'))
    if (idle === undefined) throw new Error('nothing is kept')
    const rule = { over: 5000, under: undefined, forMs: 0, quietMs: 0 }
    expect(firesOf(idle, rule).length).toBe(2)
    expect(firesOf(idle, { ...rule, quietMs: 60_000 })).toHaveLength(1)
  })

  it('says of shares, counts and gauges what the engine says of them', () => {
    const history = historyOf(20, (s) => ({ offered: 100 * s, failed: s < 10 ? 0 : 50 * (s - 10), held: 80 }))
    const share = seriesOf(history, { subject: 'paid', of: 'node', measure: 'errorRate' }, { windowMs: 5000 })
    expect(share?.values.at(-1)).toBeCloseTo(0.5, 1)
    expect(seriesOf(history, edge('fill'))?.values.at(-1)).toBe(0.8)
    expect(seriesOf(history, edge('rows'), { windowMs: 5000 })?.values.at(-1)).toBeCloseTo(500, -2)
    expect(seriesOf(history, edge('rows'), { windowMs: 5000, few: true })?.values[5]).toBeUndefined()
    expect(seriesOf(history, { subject: 'run', of: 'run', measure: 'memoryBytes' })?.values.at(-1)).toBe(5)
    expect(seriesOf(history, edge('underPressure'))).toBeUndefined()
    expect(seriesOf(history, { subject: 'gone', of: 'node', measure: 'errorRate' })).toBeUndefined()
    expect(seriesOf(new FigureHistory(() => 0), edge('fill'))).toBeUndefined()
  })

  it('is kept within bounds however long a run goes on', () => {
    const history = historyOf(3600, (s) => ({ offered: s }))
    expect(history.times.length).toBeLessThanOrEqual(601)
    expect(history.at('edge', 'e1', 'offered', 1_800_000)).toBeGreaterThan(1700)
    expect(history.lastMs).toBeGreaterThan(3_500_000)
  })
})

describe('alerts that a run raises', () => {
  it('are one a name and key, and go when they clear', () => {
    const raised = new RaisedAlerts()
    const event = { name: 'hot', key: 's0', message: 'm', severity: 'error', at: 1 }
    raised.hear('alert.raised', event)
    raised.hear('alert.raised', { ...event, at: 2 })
    raised.hear('alert.raised', { ...event, key: 's1', severity: 'odd' })
    raised.hear('node.retrying', event)
    expect(raised.store.getState().raised.map((each) => [each.key, each.severity, each.at])).toEqual([
      ['s0', 'error', 2],
      ['s1', 'warning', 1]
    ])
    raised.hear('alert.cleared', { ...event, severity: 'info' })
    raised.hear('alert.cleared', { ...event, key: 'never' })
    expect(raised.store.getState().raised.map((each) => each.key)).toEqual(['s1'])
  })
})
