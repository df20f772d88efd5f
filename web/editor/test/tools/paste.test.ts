// Text from elsewhere becomes nodes, in one step and with a report of what could not be taken.
import type { Dropped } from '@weir/engine-client/browser'
import { describe, expect, it } from 'vitest'
import type { EditorSession } from '../../src/session/editor-session.ts'
import type { PageActions } from '../../src/page/parts.ts'
import { pasteText } from '../../src/tools/paste/paste-here.ts'
import { Tools } from '../../src/tools/tools.ts'
import { ordersSession } from '../panels/orders-flow.ts'
import { schemasOfNodes } from '../panels/schemas.ts'

const kSchemas = schemasOfNodes()
const kEmpty = { id: 'empty', version: '1.0.0', nodes: [], edges: [] }

function made(session: EditorSession): unknown[] {
  const { nodes = [] } = JSON.parse(session.document.text()) as { nodes?: { typeId: string; settings?: unknown }[] }
  return nodes.map(({ typeId, settings }) => [typeId, settings])
}
const kNothing = (): void => undefined
const kPage: PageActions = {
  run: kNothing,
  runToHere: kNothing,
  stop: kNothing,
  saveVersion: kNothing,
  history: kNothing,
  save: kNothing,
  download: kNothing
}

describe('pasted text', () => {
  it('in rows is given to the engine as a file that a reader reads', async () => {
    const session = ordersSession(kSchemas, kEmpty)
    const tools = new Tools(session)
    const given: Dropped[] = []
    tools.page = {
      ...kPage,
      takeFiles: (flow, dropped) => {
        expect(flow).toBe('empty')
        given.push(dropped)
        return Promise.resolve('dropped:')
      }
    }
    await pasteText(tools, 'id,price\n1,2.50\n2,3.00\n', { x: 10, y: 21 })
    expect(made(session)).toEqual([['files/csv-read', { path: 'dropped:pasted/rows.csv' }]])
    expect(await given[0]?.files[0]?.file.text()).toContain('1,2.50')
    expect(session.notice.getState().notice?.text).toBe('Pasted: a reader of 2 rows in pasted/rows.csv.')
    expect([...session.selection.ids('nodes')]).toHaveLength(1)
    session.undo()
    expect(made(session)).toEqual([])
  })
  it('says what is to be done with rows that nobody could keep', async () => {
    const tools = new Tools(ordersSession(kSchemas, kEmpty))
    await pasteText(tools, '[{"a": 1}, {"a": 2}]', { x: 0, y: 0 })
    expect(made(tools.session)).toEqual([['files/json-read', { path: 'pasted/rows.json' }]])
    expect(tools.ui.getState().report?.files.map(({ path }) => path)).toEqual(['pasted/rows.json'])
  })
  it('of a request leaves secrets out, and says so', async () => {
    const tools = new Tools(ordersSession(kSchemas, kEmpty))
    await pasteText(tools, "curl -H 'Authorization: Bearer abc' https://api.example.com/v1", { x: 0, y: 0 })
    expect(tools.session.document.text()).not.toContain('abc')
    expect(tools.ui.getState().report?.left[0]).toContain('keep it as the secret AUTHORIZATION')
  })
  it('with an address reads it', async () => {
    const tools = new Tools(ordersSession(kSchemas, kEmpty))
    await pasteText(tools, ' https://example.com/rows.json ', { x: 0, y: 0 })
    expect(made(tools.session)).toEqual([['http/poll', { url: 'https://example.com/rows.json' }]])
  })
  it.each([
    ['', 'There is no text on the clipboard.'],
    ['  \n', 'There is no text on the clipboard.'],
    ['x'.repeat(4 * 1024 * 1024 + 1), 'This text has 4 MB. Save it as a file, and drop the file on the canvas.']
  ])('that is of no use changes nothing', async (text, reason) => {
    const tools = new Tools(ordersSession(kSchemas, kEmpty))
    await pasteText(tools, text, { x: 0, y: 0 })
    expect(tools.session.notice.getState().notice?.text).toBe(reason)
    expect(tools.session.document.text()).toBe(ordersSession(kSchemas, kEmpty).document.text())
  })
  it('whose file cannot be written makes nothing', async () => {
    const tools = new Tools(ordersSession(kSchemas, kEmpty))
    tools.page = { ...kPage, takeFiles: () => Promise.reject(new Error('the disk is full')) }
    await pasteText(tools, 'a;b\n1;2\n', { x: 0, y: 0 })
    expect(made(tools.session)).toEqual([])
    expect(tools.session.notice.getState().notice?.text).toBe('the disk is full')
  })
})
