// @vitest-environment happy-dom
// Dashboards without a browser: what is put on one, what a tile draws and frees, which run is shown, who only looks.
import { builtInWidgets, FrameClock } from '@weir/widgets/core'
import { addDashboard, addWidget, Catalogue, dashboardOf, gestureToText, openFlow, placeWidget } from '@weir/flow-model'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createStore } from 'zustand/vanilla'
import { findDashboards } from '../../src/dashboards/dashboard-list.tsx'
import { openToLook } from '../../src/dashboards/looking.ts'
import { whyNotOnDashboard } from '../../src/dashboards/put-dialog.tsx'
import { TileClock } from '../../src/dashboards/tile-clock.ts'
import { followLiveRun } from '../../src/dashboards/use-board-run.ts'
import {
  addOperations,
  changeOperations,
  draftOf,
  draftProblem,
  emptyDraft,
  placeOperations,
  settingsOf
} from '../../src/dashboards/widget-draft.ts'
import { WidgetPlayer } from '../../src/panels/widget/widget-player.ts'
import { carryRun, takeCarried } from '../../src/run/carried-runs.ts'
import type { RunPlace } from '../../src/run/shown-run.ts'
import { EditorSession } from '../../src/session/editor-session.ts'
import { documentOf, MemoryHome } from '../page/homes.ts'
import { batchWith, FakeRun, FakeShelf, HandFrames } from './fakes.ts'

function sessionOf(text = documentOf()): EditorSession {
  const opened = openFlow(text)
  if (opened.state !== 'open') throw new Error('no flow')
  return new EditorSession(opened.document, Catalogue.of([]), { author: 'ada' })
}

/** Two nodes with an edge, and a table of what goes along it. */
function twoNodes(): string {
  return `{"id": "orders", "version": "1.0.0",
    "nodes": [{"id": "make", "typeId": "generate/pattern", "version": "1.0.0"}, {"id": "show", "typeId": "debug/log", "version": "1.0.0"}],
    "edges": [{"id": "e1", "source": {"node": "make", "port": "rows"}, "target": {"node": "show", "port": "rows"}}],
    "widgets": [{"id": "w", "type": "text", "title": "Newest", "node": "make", "port": "rows", "settings": {"column": "value"}}],
    "dashboards": [{"id": "main", "name": "Main", "widgets": [{"widget": "w", "x": 0, "y": 0, "width": 4, "height": 3}]}]}`
}

describe('what is put on a dashboard', () => {
  it('is a new widget of a node with settings as they were written, below the node on the canvas', () => {
    const session = sessionOf(twoNodes())
    const draft = { ...emptyDraft('make', 'rows'), type: 'line', settings: { y: 'value, other', points: '500', x: '' } }
    expect(draftProblem(draft)).toBe('')
    const { id, operations } = addOperations(session, draft)
    session.do(operations, 'Add')
    session.do(placeOperations(session, 'main', id), 'Put')
    const widget = session.document.widget(id)
    expect(widget).toMatchObject({ node: 'make', port: 'rows', type: 'line' })
    expect([...(widget?.settings ?? [])]).toEqual([
      ['y', ['value', 'other']],
      ['points', 500]
    ])
    expect(session.document.places.widgets.get(id, 'y')).toBeGreaterThan(0)
    expect(dashboardOf(session.document, 'main')?.widgets.at(-1)).toEqual({
      widget: id,
      x: 4,
      y: 0,
      width: 6,
      height: 5
    })
    expect(placeOperations(session, 'main', id)).toEqual([])
    session.dispose()
  })

  it('is changed by what is another, and by nothing else', () => {
    const session = sessionOf(twoNodes())
    const widget = session.document.widget('w')
    if (widget === undefined) throw new Error('no widget')
    const draft = draftOf(widget)
    expect(draft).toEqual({ node: 'make', port: 'rows', type: 'text', title: 'Newest', settings: { column: 'value' } })
    expect(changeOperations(widget, draft)).toEqual([])
    session.do(changeOperations(widget, { ...draft, title: '', type: 'gauge', settings: { max: '5' } }), 'Change')
    expect(session.document.widget('w')).toMatchObject({ title: '', type: 'gauge', settings: new Map([['max', 5]]) })
    session.undo()
    expect(session.document.widget('w')).toMatchObject({ title: 'Newest', type: 'text' })
    session.dispose()
  })

  it('says what is wrong with it', () => {
    expect(draftProblem(emptyDraft())).toBe('Choose the node whose rows it shows.')
    expect(draftProblem({ ...emptyDraft('make'), type: 'gauge', settings: { max: 'a lot' } })).toBe(
      '‘max’ is no number.'
    )
    const own = new Map([['radius', 7]])
    expect(settingsOf({ ...emptyDraft('make'), type: 'radar' }, own)).toBe(own)
    const session = sessionOf(twoNodes())
    expect(whyNotOnDashboard(session)).not.toBe('')
    session.selection.set([{ kind: 'nodes', id: 'make' }])
    expect(whyNotOnDashboard(session)).toBe('')
    session.selection.set([
      { kind: 'nodes', id: 'make' },
      { kind: 'nodes', id: 'show' }
    ])
    expect(whyNotOnDashboard(session)).not.toBe('')
    session.selection.set([{ kind: 'widgets', id: 'w' }])
    expect(whyNotOnDashboard(session)).toBe('')
    session.dispose()
  })
})

describe('a tile', () => {
  let host: HTMLElement
  let frames: HandFrames
  let clock: FrameClock
  beforeEach(() => {
    host = document.createElement('div')
    document.body.replaceChildren(host)
    frames = new HandFrames()
    clock = new FrameClock(frames)
  })
  const said = (): string => host.textContent

  function playing(session: EditorSession, run: FakeRun | undefined, own: FrameClock = clock): WidgetPlayer {
    const player = new WidgetPlayer(host, session, 'w', { clock: own, registry: builtInWidgets() })
    player.show(run)
    return player
  }

  it('says that nothing has run, whom it waits for, and shows what comes in one draw a frame', async () => {
    const session = sessionOf(twoNodes())
    const none = playing(session, undefined)
    frames.step()
    expect(said()).toContain('Not run yet')
    none.dispose()
    const run = new FakeRun()
    const player = playing(session, run)
    frames.step()
    expect(said()).toContain('Waiting for make')
    await run.give(batchWith([1, 2]))
    await run.give(batchWith([3]))
    const before = clock.frames
    frames.step()
    expect(said()).toContain('3')
    expect(clock.frames).toBe(before + 1)
    frames.step()
    expect(clock.frames).toBe(before + 1)
    player.dispose()
    session.dispose()
  })

  it('draws nothing while nobody sees it, and the newest once when somebody does', async () => {
    const session = sessionOf(twoNodes())
    const own = new TileClock(clock)
    const run = new FakeRun()
    const player = playing(session, run, own)
    frames.step()
    own.show(false)
    const before = clock.frames
    for (const value of [4, 5, 6]) await run.give(batchWith([value]))
    frames.step()
    expect(clock.frames).toBe(before)
    expect(said()).not.toContain('6')
    own.show(true)
    frames.step()
    expect(clock.frames).toBe(before + 1)
    expect(said()).toContain('6')
    player.dispose()
    session.dispose()
  })

  it('keeps the last picture of a run whose rows are not kept, and says so where it has none', async () => {
    const session = sessionOf(twoNodes())
    const seen = new FakeRun()
    const player = playing(session, seen)
    await seen.give(batchWith([7]))
    await seen.end()
    frames.step()
    expect(said()).toContain('7')
    expect(said()).toContain('ended')
    player.dispose()
    const late = new FakeRun()
    await late.end()
    const other = playing(session, late)
    await Promise.resolve()
    await Promise.resolve()
    frames.step()
    expect(said()).toContain('its rows are not kept')
    other.dispose()
    session.dispose()
  })

  it('says that the server is gone', () => {
    const session = sessionOf(twoNodes())
    const away = createStore<{ reason: string }>(() => ({ reason: '' }))
    const run = new FakeRun()
    session.run.setState({ places: [{ name: run.place, away } as unknown as RunPlace] })
    const player = playing(session, run)
    frames.step()
    away.setState({ reason: 'no answer' })
    frames.step()
    expect(said()).toContain('Disconnected')
    player.dispose()
    session.run.setState({ places: [] })
    session.dispose()
  })

  it('frees its tap, its view and what it listens to', async () => {
    const session = sessionOf(twoNodes())
    const run = new FakeRun()
    const player = playing(session, run)
    await run.give(batchWith([1]))
    expect(run.taps).toBe(1)
    expect(run.listeners).toBe(1)
    player.dispose()
    await Promise.resolve()
    expect(run.taps).toBe(0)
    expect(run.listeners).toBe(0)
    expect(host.children).toHaveLength(0)
    frames.step()
    expect(frames.pending).toBe(0)
    session.dispose()
  })

  it('draws nothing of a widget that is gone', () => {
    const session = sessionOf(documentOf())
    const player = playing(session, new FakeRun())
    frames.step()
    expect(host.children).toHaveLength(0)
    player.dispose()
    session.dispose()
  })
})

describe('the run that is shown', () => {
  afterEach(() => {
    vi.useRealTimers()
  })

  it('goes along to the next page of the flow, and ends where nobody comes', () => {
    vi.useFakeTimers()
    const [from, to] = [sessionOf(), sessionOf()]
    const run = new FakeRun()
    from.run.setState({ shown: run })
    carryRun('home/orders', from)
    from.dispose()
    expect(run.disposed).toBe(false)
    expect(takeCarried('home/other')).toBeUndefined()
    expect(takeCarried('home/orders')).toBe(run)
    to.run.setState({ shown: run })
    carryRun('home/orders', to, 1000)
    vi.advanceTimersByTime(1001)
    expect(run.disposed).toBe(true)
    expect(takeCarried('home/orders')).toBeUndefined()
    const sample = new FakeRun('sample')
    from.run.setState({ shown: sample })
    carryRun('home/orders', from)
    expect(from.run.getState().shown).toBe(sample)
    sample.dispose()
    to.dispose()
  })

  it('is found on a server by itself, the next one when it has ended, and again when the server is back', async () => {
    vi.useFakeTimers()
    const session = sessionOf(twoNodes())
    const away = createStore<{ reason: string }>(() => ({ reason: '' }))
    const runs = new Map([
      ['r1', new FakeRun()],
      ['r2', new FakeRun()]
    ])
    let live: string | undefined
    const show = vi.fn((id: string) => Promise.resolve(runs.get(id)))
    session.run.setState({ places: [{ id: 'server', name: 'Server', away, show } as unknown as RunPlace] })
    const stop = followLiveRun(session, 'orders', () => Promise.resolve(live), 100)
    await vi.advanceTimersByTimeAsync(150)
    expect(session.run.getState().shown).toBeUndefined()
    live = 'r1'
    await vi.advanceTimersByTimeAsync(150)
    expect(session.run.getState().shown).toBe(runs.get('r1'))
    await vi.advanceTimersByTimeAsync(500)
    expect(show).toHaveBeenCalledTimes(1)
    await runs.get('r1')?.end()
    live = 'r2'
    await vi.advanceTimersByTimeAsync(150)
    expect(session.run.getState().shown).toBe(runs.get('r2'))
    expect(runs.get('r1')?.disposed).toBe(true)
    runs.set('r2', new FakeRun())
    away.setState({ reason: 'gone' })
    await vi.advanceTimersByTimeAsync(500)
    expect(show).toHaveBeenCalledTimes(2)
    away.setState({ reason: '' })
    await vi.advanceTimersByTimeAsync(150)
    expect(session.run.getState().shown).toBe(runs.get('r2'))
    stop()
    await vi.advanceTimersByTimeAsync(500)
    expect(vi.getTimerCount()).toBe(0)
    session.dispose()
  })
})

describe('who only looks', () => {
  it('sees what the home keeps, changes nothing, and gets what others change', async () => {
    const home = new MemoryHome()
    home.put(twoNodes())
    const shelf = new FakeShelf()
    const looking = await openToLook({ flow: 'orders', home, shelf, catalogue: Catalogue.of([]), author: 'ada' })
    if (looking.state !== 'open') throw new Error('not open')
    const { session } = looking
    expect(session.do([addDashboard(session.document, 'x')], 'Add').gesture).toBeUndefined()
    const other = sessionOf(twoNodes())
    other.do(
      [
        addWidget({ id: 'v', type: 'bar', node: 'make' }),
        ...placeWidget(other.document, 'main', { widget: 'v', x: 4, y: 0 })
      ],
      'Add'
    )
    home.put(other.document.text())
    await looking.again()
    expect(dashboardOf(session.document, 'main')?.widgets.map((one) => one.widget)).toEqual(['w', 'v'])
    home.away = true
    await looking.again()
    home.away = false
    looking.close()
    home.put(documentOf())
    await looking.again()
    expect(home.writes).toBe(0)
    expect(shelf.writes).toBe(0)
    other.dispose()
  })

  it('sees their own draft that is not saved yet; what is broken is told', async () => {
    const home = new MemoryHome()
    home.put(documentOf())
    const shelf = new FakeShelf({ text: twoNodes(), base: documentOf() })
    const options = { flow: 'orders', home, shelf, catalogue: Catalogue.of([]), author: 'ada' }
    const looking = await openToLook(options)
    if (looking.state !== 'open') throw new Error('not open')
    expect(dashboardOf(looking.session.document, 'main')?.name).toBe('Main')
    looking.close()
    const other = sessionOf(twoNodes())
    const { gesture } = other.do([addDashboard(other.document, 'late', 'Late')], 'Add')
    if (gesture === undefined) throw new Error('nothing done')
    await shelf.log.append([{ sequence: 1, text: gestureToText(gesture) }])
    const later = await openToLook(options)
    if (later.state !== 'open') throw new Error('not open')
    expect(dashboardOf(later.session.document, 'late')?.name).toBe('Late')
    later.close()
    other.dispose()
    home.put('{"id": "orders",')
    expect((await openToLook({ ...options, shelf: new FakeShelf() })).state).toBe('broken')
    await expect(openToLook({ ...options, flow: 'none' })).rejects.toThrow()
  })

  it('finds the dashboards of all flows, and leaves out those that cannot be read', async () => {
    const home = new MemoryHome()
    home.put(twoNodes())
    home.put(documentOf(), 'plain')
    home.put('{"id": ', 'torn')
    const told: number[] = []
    let last: readonly { name: string; flow: string; widgets: number }[] = []
    await findDashboards(
      home,
      ({ list, read }) => {
        last = list
        told.push(read)
      },
      () => true
    )
    expect(last).toEqual([{ flow: 'orders', folder: '', dashboard: 'main', name: 'Main', widgets: 1 }])
    expect(told.at(-1)).toBe(3)
    const none: number[] = []
    await findDashboards(
      home,
      ({ read }) => none.push(read),
      () => false
    )
    expect(none).toEqual([])
  })
})
