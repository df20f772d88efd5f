// What commands do to what is chosen: copies, boxes, other types, lines, tidy layouts; each one step of undo.
import { beforeEach, describe, expect, it } from 'vitest'
import type { EditorSession } from '../../src/session/editor-session.ts'
import { alignChosen, distributeChosen, tidy } from '../../src/tools/actions/arrange.ts'
import { boxChosen, unboxChosen } from '../../src/tools/actions/boxes.ts'
import { copiedText, cutChosen, duplicateChosen } from '../../src/tools/actions/clipboard.ts'
import { chooseAll, goUp, openChosen } from '../../src/tools/actions/go.ts'
import { canTakeThePlaceOf, replaceNode } from '../../src/tools/actions/replace.ts'
import { pasteText } from '../../src/tools/paste/paste-here.ts'
import { Tools } from '../../src/tools/tools.ts'
import { kOrdersFlow, ordersSession } from '../panels/orders-flow.ts'
import { schemasOfNodes } from '../panels/schemas.ts'

const kSchemas = schemasOfNodes()

function choose(session: EditorSession, ...ids: string[]): void {
  session.selection.set(ids.map((id) => ({ kind: 'nodes', id })))
}
function placed(session: EditorSession, id: string): [number, number] {
  const { nodes } = session.document.places
  return [nodes.get(id, 'x') || 0, nodes.get(id, 'y') || 0]
}
function edgesOf({ document }: EditorSession): string[] {
  return document.edges().map(({ source, target }) => `${source.node}.${source.port}-${target.node}.${target.port}`)
}
function told({ notice }: EditorSession): string {
  return notice.getState().notice?.text ?? ''
}

let session: EditorSession
let before: string
beforeEach(() => {
  session = ordersSession(kSchemas)
  before = session.document.text()
})

/** One undo brings the document back as it was. */
function undone(): void {
  session.undo()
  expect(session.document.text()).toBe(before)
}

describe('copies', () => {
  it('are the same with the edges among them, chosen, and one step', () => {
    choose(session, 'paid', 'net')
    duplicateChosen(session)
    expect([...session.selection.ids('nodes')]).toEqual(['paid-2', 'net-2'])
    expect(edgesOf(session)).toContain('paid-2.match-net-2.rows')
    expect(told(session)).toBe('Duplicated 2 nodes.')
    undone()
  })
  it('go as text into another flow', async () => {
    choose(session, 'paid', 'net')
    const text = copiedText(session) ?? ''
    const other = ordersSession(kSchemas, { id: 'empty', version: '1.0.0', nodes: [], edges: [] })
    await pasteText(new Tools(other), text, { x: 100, y: 40 })
    expect(edgesOf(other)).toEqual(['paid.match-net.rows'])
    expect(placed(other, 'paid')).toEqual([100, 40])
    expect(told(other)).toBe('Pasted: 2 nodes, 1 edge.')
    other.undo()
    expect(other.document.tables.nodes.size).toBe(0)
  })
  it('of a box have what is in it', () => {
    choose(session, 'paid', 'net')
    boxChosen(session)
    duplicateChosen(session)
    expect(session.document.tables.nodes.size).toBe(8)
    expect(session.document.node('net-2')?.parent).toBe('box-2')
  })
  it('are taken away by a cut, and an edge alone is not copied', () => {
    session.selection.set([{ kind: 'edges', id: 'e1' }])
    expect(copiedText(session)).toBeUndefined()
    choose(session, 'paid')
    cutChosen(session)
    expect(session.document.node('paid')).toBeUndefined()
    undone()
  })
})

describe('boxes', () => {
  it('stand around what is chosen, and go without it', () => {
    choose(session, 'paid', 'net')
    boxChosen(session)
    const [id = ''] = session.selection.ids('groups')
    expect(session.document.node('paid')?.parent).toBe(id)
    const boxed = session.document.text()
    unboxChosen(session)
    expect(session.document.node('paid')?.parent).toBe('')
    expect([...session.selection.ids('nodes')]).toEqual(['paid', 'net'])
    session.undo()
    expect(session.document.text()).toBe(boxed)
    undone()
  })
})

describe('another type', () => {
  it('keeps edges and settings of the same name, as one step', () => {
    const type = session.catalogue.newest('flow/limit')
    if (type === undefined) throw new Error('there is no limit')
    replaceNode(session, 'net', type)
    expect(session.document.node('net')?.typeId).toBe('flow/limit')
    expect(edgesOf(session)).toContain('paid.match-net.rows')
    expect(session.document.edgesOutOf('net')).toHaveLength(1)
    expect(told(session)).toBe(`Net price is now ${type.name}: all edges kept.`)
    undone()
  })
  it('is offered only where the edges have a port to go to', () => {
    const reader = session.catalogue.newest('files/json-read')
    const writer = session.catalogue.newest('files/json-write')
    if (reader === undefined || writer === undefined) throw new Error('there are no nodes')
    expect(canTakeThePlaceOf(session, 'net', reader)).toBe(false)
    expect(canTakeThePlaceOf(session, 'read', reader)).toBe(true)
    expect(canTakeThePlaceOf(session, 'unpaid', writer)).toBe(true)
  })
})

describe('arranging', () => {
  const places: Record<string, { x: number; y: number }> = {
    read: { x: 0, y: 0 },
    paid: { x: 301, y: 55 },
    net: { x: 900, y: 13 },
    sum: { x: 40, y: 400 },
    unpaid: { x: 0, y: 200 },
    odd: { x: 500, y: 500 }
  }
  beforeEach(() => {
    session = ordersSession(kSchemas, { ...kOrdersFlow, layout: { nodes: places } })
    before = session.document.text()
  })
  it('brings things into one line, and spaces them evenly', () => {
    choose(session, 'read', 'paid', 'net')
    alignChosen(session, 'top')
    expect(['read', 'paid', 'net'].map((id) => placed(session, id)[1])).toEqual([0, 0, 0])
    distributeChosen(session, 'x')
    expect(placed(session, 'paid')[0]).toBe(452)
    session.undo()
    undone()
  })
  it('tidies from left to right, where the nodes stood, as one step', async () => {
    choose(session, 'read', 'paid', 'net', 'sum', 'unpaid')
    await tidy(session)
    const x = (id: string): number => placed(session, id)[0]
    expect(x('read')).toBeLessThan(x('paid'))
    expect(x('paid')).toBeLessThan(x('net'))
    expect(x('net')).toBeLessThan(x('sum'))
    expect(x('unpaid')).toBe(x('net'))
    expect(Math.min(...['read', 'paid', 'net', 'sum', 'unpaid'].map(x))).toBe(0)
    expect(placed(session, 'odd')).toEqual([500, 500])
    undone()
  })
  it('has a box hold what it held', async () => {
    choose(session, 'paid', 'net')
    boxChosen(session)
    const boxed = session.document.text()
    const [id = ''] = session.selection.ids('groups')
    session.selection.clear()
    await tidy(session)
    const box = session.index.box('groups', id)
    if (box === undefined) throw new Error('there is no box')
    for (const [node] of Object.entries(places)) {
      const at = session.index.box('nodes', node)
      const inside =
        at !== undefined &&
        at.x >= box.x &&
        at.y >= box.y &&
        at.x + at.width <= box.x + box.width &&
        at.y < box.y + box.height
      expect(inside, node).toBe(node === 'paid' || node === 'net')
    }
    session.undo()
    expect(session.document.text()).toBe(boxed)
  })
})

describe('going about', () => {
  it('opens the form at its first field, and goes into a box', () => {
    choose(session, 'paid')
    openChosen(session)
    expect(session.view.getState().wantedField).toBe('/settings/condition')
    choose(session, 'net')
    boxChosen(session)
    openChosen(session)
    expect(session.view.getState().inside).toEqual(['box'])
  })
  it('goes up: nothing is chosen, then out of what was gone into', () => {
    chooseAll(session)
    expect(session.selection.size).toBe(7)
    session.view.setState({ inside: ['a', 'b'] })
    goUp(session)
    expect(session.selection.size).toBe(0)
    goUp(session)
    expect(session.view.getState().inside).toEqual(['a'])
  })
})
