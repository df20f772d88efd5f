// @vitest-environment happy-dom
// A long run that ends and an alert that is raised are told of once, by cause, and taken back when they have passed.
import { createStore } from 'zustand/vanilla'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { Catalogue, openFlow } from '@weir/flow-model'
import { EditorSession } from '@weir/editor'
import type { RaisedAlert, RunFacts } from '@weir/editor'
import { usePreferences } from '@weir/ui/preferences.ts'
import type { Alert, Run } from '../src/api/routes.ts'
import { alertProblems } from '../src/editor/flow-alerts.tsx'
import { followAlerts } from '../src/editor/run-alerts.tsx'
import { followRun } from '../src/editor/run-news.tsx'
import { endedOf } from '../src/shell/use-run-news.ts'
import { question } from '../src/shell/tell-me.tsx'
import { askForNotices, mayAsk } from '../src/state/browser-notice.ts'
import { endText, LONG_MS, useLongRuns } from '../src/state/long-runs.ts'
import type { EndedRun } from '../src/state/long-runs.ts'
import { useNews } from '../src/state/news.ts'

let numbered = 0
function ended(more: Partial<EndedRun> = {}): EndedRun {
  numbered += 1
  const run = { key: `r${numbered}`, name: 'orders', startedAt: 0, to: '/runs/r', endedAt: LONG_MS }
  return { ...run, state: 'done', rows: 1_241_774, setAside: 0, why: '', ...more }
}

const shown: string[] = []
function allow(permission: NotificationPermission): void {
  class FakeNotification {
    static permission = permission
    static requestPermission = () => Promise.resolve(permission)
    onclick: (() => void) | null = null
    constructor(title: string) {
      shown.push(title)
    }
    close(): void {
      this.onclick = null
    }
  }
  vi.stubGlobal('Notification', FakeNotification)
}

const texts = () => useNews.getState().pieces.map((piece) => piece.text)

beforeEach(() => {
  useNews.setState({ pieces: [] })
  useLongRuns.setState({ going: new Map() })
  usePreferences.getState().choose({ notify: false, notifyDeclined: false })
  shown.length = 0
  vi.unstubAllGlobals()
})

describe('a run that ends', () => {
  it('is told of once when it was long, by the browser where the person said yes', () => {
    allow('granted')
    usePreferences.getState().choose({ notify: true })
    const run = ended({ setAside: 12 })
    useLongRuns.getState().begin(run)
    useLongRuns.getState().end(run)
    useLongRuns.getState().end(run)
    expect(texts()).toEqual(['orders is done after 10 s'])
    expect(useNews.getState().pieces[0]?.advice).toBe('1,241,774 rows · 12 set aside')
    expect(shown).toEqual(['orders is done after 10 s'])
    expect(useLongRuns.getState().going.size).toBe(0)
  })

  it('is not told of when it was short, unless it failed where nobody looked', () => {
    const { end } = useLongRuns.getState()
    end(ended({ endedAt: 50 }))
    end(ended({ endedAt: 50, state: 'failed', why: 'no such file' }), true)
    end(ended({ state: 'stopped' }))
    expect(texts()).toEqual([])
    end(ended({ endedAt: 50, state: 'failed', why: 'no such file' }))
    expect(texts()).toEqual(['orders has failed after 0.05 s'])
    expect(useNews.getState().pieces[0]).toMatchObject({ kind: 'refused', to: '/runs/r' })
  })

  it('asks the browser for nothing where the person said no, or nothing was asked', () => {
    allow('granted')
    useLongRuns.getState().end(ended())
    expect(shown).toEqual([])
  })

  it('of a list has what the list knows of it', () => {
    const run = { id: 'r', flow: 'orders', state: 'failed', startedAt: 5, endedAt: 9, why: 'the disk is full' }
    expect(endedOf(run as unknown as Run, 100)).toMatchObject({
      state: 'failed',
      startedAt: 5,
      endedAt: 9,
      why: 'the disk is full'
    })
    expect(endText(endedOf({ id: 'r', flow: 'orders', state: 'held' } as unknown as Run, 100)).text).toContain(
      'was stopped'
    )
  })

  it('of the editor is followed until it ends or is let go of, and samples never are', () => {
    const facts = { status: 'running', startedAt: 1, endedAt: undefined, rows: 7, aside: 0, failures: [] }
    const store = createStore<RunFacts>(() => facts as unknown as RunFacts)
    followRun({ id: 's', kind: 'sample', facts: store }, 'orders', '')()
    expect(useLongRuns.getState().going.size).toBe(0)
    const stop = followRun({ id: 'left', kind: 'test', facts: store }, 'orders', '')
    expect(useLongRuns.getState().going.has('left')).toBe(true)
    stop()
    expect(useLongRuns.getState().going.size).toBe(0)
    followRun({ id: 'kept', kind: 'test', facts: store }, 'orders', '/local/orders/edit')
    store.setState({ status: 'done', endedAt: LONG_MS + 1 })
    expect(texts()).toEqual(['orders is done after 10 s'])
  })
})

describe('the question for notices', () => {
  it('is open until it was answered, and never where the browser refuses', async () => {
    expect(mayAsk()).toBe(false)
    allow('default')
    expect(mayAsk()).toBe(true)
    await askForNotices()
    expect(mayAsk()).toBe(false)
    expect(usePreferences.getState()).toMatchObject({ notify: false, notifyDeclined: true })
    allow('denied')
    usePreferences.getState().choose({ notifyDeclined: false })
    expect(mayAsk()).toBe(false)
  })
})

describe('what is asked at a long run', () => {
  it('is not when it ends, of a run that nothing ends', () => {
    expect(question({ name: 'orders', endless: true })).toContain('if such a run fails')
    expect(question({ name: 'orders', endless: false })).toContain('when a long run ends')
    expect(question({ name: 'orders' })).toContain('ends or fails')
    const { begin } = useLongRuns.getState()
    const run = { key: 'known', name: 'orders', startedAt: 0, to: '' }
    begin(run)
    begin({ ...run, endless: true })
    begin(run)
    expect(useLongRuns.getState().going.get('known')?.endless).toBe(true)
  })
})

describe('alerts of a run in this browser', () => {
  const raised = (name: string, key = ''): RaisedAlert => ({
    name,
    key,
    message: `${name} is 7`,
    severity: 'warning',
    at: 1
  })
  function opened(): EditorSession {
    const flow = openFlow(
      '{"id": "f", "version": "1.0.0", "nodes": [{"id": "n", "typeId": "a/b", "version": "1.0.0"}], "edges": [], "alerts": [{"name": "hot", "metric": "n.errorRate", "over": 1}]}'
    )
    if (flow.state !== 'open') throw new Error('it is no flow')
    return new EditorSession(flow.document, new Catalogue([]), { author: 'me' })
  }

  it('are news and problems once a cause, and go when they clear or the run is left', () => {
    const session = opened()
    const alerts = createStore<{ raised: readonly RaisedAlert[] }>(() => ({ raised: [] }))
    const stop = followAlerts(session, { id: 'r', alerts }, '/local/f/edit')
    const own = (): string[] =>
      session.problems.store
        .getState()
        .list.filter((each) => each.code === 'alert')
        .map((each) => each.node ?? '')
    alerts.setState({ raised: [raised('hot', 'a')] })
    alerts.setState({ raised: [raised('hot', 'a'), raised('hot', 'b'), raised('gone')] })
    expect(texts()).toEqual(['hot', 'gone'])
    expect(useNews.getState().pieces[0]?.advice).toBe('2 keys: a, b')
    expect(own()).toEqual(['n', ''])
    alerts.setState({ raised: [raised('gone')] })
    expect(texts()).toEqual(['gone'])
    stop()
    expect([texts(), own()]).toEqual([[], []])
    session.dispose()
  })
})

describe('news', () => {
  it('of one key are one piece, and are taken back by it', () => {
    const { tell, clear } = useNews.getState()
    tell('raised', 'first', '', { key: 'a' })
    tell('raised', 'second', '', { key: 'a' })
    tell('done', 'other')
    expect(texts()).toEqual(['second', 'other'])
    clear('a')
    expect(texts()).toEqual(['other'])
  })
})

describe('the alerts of a flow', () => {
  const alert = (number: number, more: Partial<Alert> = {}): Alert => ({
    number,
    state: 'raised',
    name: 'Errors',
    severity: 'warning',
    message: 'over 0',
    folder: '',
    flow: 'orders',
    raisedAt: 0,
    rule: 'errors',
    ...more
  })

  it('stand at their nodes, one for each cause', () => {
    const alerts = [
      alert(4, { labels: { node: 'paid' } }),
      alert(3, { labels: { node: 'paid' } }),
      alert(2, { severity: 'critical', rule: 'stuck', name: 'Stuck', message: '' }),
      alert(1, { flow: 'other' })
    ]
    expect(alertProblems(alerts, 'orders')).toEqual([
      { severity: 'warning', code: 'alert', pointer: '', message: 'Alert: Errors (2 times), over 0', node: 'paid' },
      { severity: 'error', code: 'alert', pointer: '', message: 'Alert: Stuck' }
    ])
    expect(alertProblems([], 'orders')).toEqual([])
  })
})
