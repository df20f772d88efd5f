// Drawing as a person does it, without a server: the first minute, wires into the empty, inserting, removing, replacing, boxes, undo.
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  between,
  choose,
  documentOf,
  drag,
  edgeOf,
  edgesOf,
  headOf,
  localWorld,
  nodeAt,
  nodeOf,
  picture,
  portOf,
  SAVED,
  take,
  type FlowFile,
  type LocalWorld
} from './hands.ts'
import { whyNoBrowser } from './world.ts'

const reason = whyNoBrowser()
if (reason !== '') console.warn(`journeys of drawing are skipped: ${reason}`)

/** make -> keep -> show, with room between them. */
function lineFlow(): FlowFile {
  return {
    id: 'line',
    version: '1.0.0',
    nodes: [
      nodeAt('make', 'generate/pattern', { pattern: 'sequential', rows: 40 }, 0, 0),
      nodeAt('keep', 'logic/filter', { condition: 'row.id > 9' }, 320, 0),
      nodeAt('show', 'debug/log', { rows: 3 }, 640, 0)
    ],
    edges: [edgeOf('one', 'make.rows', 'keep.rows'), edgeOf('two', 'keep.match', 'show.rows')]
  }
}

describe.skipIf(reason !== '')('drawing without a server', () => {
  let here: LocalWorld
  let page: Page

  beforeAll(async () => {
    here = await localWorld()
  })
  afterAll(async () => {
    await here.end()
    expect(here.complaints).toEqual([])
  })

  it('shows a sample that runs, and its data, in the first minute', async () => {
    page = await here.page()
    await page.getByRole('button', { name: /^Sine wave/ }).click()
    await page.getByText(SAVED).waitFor()
    await page.getByText('Sample', { exact: true }).first().waitFor()
    // Without anything having been chosen: rows of what comes out at the end.
    await page.getByRole('grid').getByRole('row').nth(2).waitFor()
    await page.getByRole('button', { name: /^Pattern, .*done/ }).waitFor()
    await picture(page, 'first-minute')
    await page.context().close()
  })

  it('opens what leads on where a wire is dropped in the empty, and connects it', async () => {
    page = await here.flow(lineFlow())
    const [x, y] = await portOf(page, 'keep', 'outputs', 1)
    await drag(page, [x, y], [x + 60, y + 110])
    const list = page.getByRole('listbox', { name: 'Nodes' })
    await list.getByRole('option', { name: /^Write CSV/ }).waitFor()
    // What takes no rows is not offered.
    expect(await list.getByRole('option', { name: /^(Pattern|Read CSV|Webhook) / }).count()).toBe(0)
    await take(page, 'write csv')
    expect(await edgesOf(page)).toEqual(['keep.match-show.rows', 'keep.rest-csv-write.rows', 'make.rows-keep.rows'])
    // Its port is where the wire was dropped: the wire goes on.
    const [px] = await portOf(page, 'csv-write', 'inputs')
    expect(Math.abs(px - x - 60)).toBeLessThan(8)
    await page.context().close()
  })

  it('inserts a node on an edge, by dropping it there and by name, and takes it out again', async () => {
    page = await here.flow(lineFlow())
    const [hx, hy] = await headOf(page, 'show')
    await page.mouse.dblclick(hx, hy + 160)
    await take(page, 'limit')
    await nodeOf(page, 'limit').waitFor()
    const box = await nodeOf(page, 'limit').boundingBox()
    const [mx, my] = await between(page, 'make', 'keep')
    await drag(page, await headOf(page, 'limit'), [mx, my - (box?.height ?? 0) / 2 + 12])
    expect(await edgesOf(page)).toEqual(['keep.match-show.rows', 'limit.rows-keep.rows', 'make.rows-limit.rows'])
    await choose(page, 'limit')
    await page.keyboard.press('Control+Delete')
    const plain = ['keep.match-show.rows', 'make.rows-keep.rows']
    expect(await edgesOf(page)).toEqual(plain)
    await page.mouse.dblclick(...(await between(page, 'make', 'keep')))
    await take(page, 'map')
    expect(await edgesOf(page)).toEqual(['keep.match-show.rows', 'make.rows-map.rows', 'map.rows-keep.rows'])
    await page.getByRole('application', { name: /^Canvas of/ }).focus()
    await page.keyboard.press('Control+z')
    expect(await edgesOf(page)).toEqual(plain)
    await page.context().close()
  })

  it('puts another node in the place of one, with its wires', async () => {
    page = await here.flow(lineFlow())
    await choose(page, 'keep')
    await page.keyboard.press('r')
    await page.getByRole('dialog', { name: 'Replace Filter' }).waitFor()
    await take(page, 'grep')
    const { nodes } = await documentOf(page)
    expect(nodes.map((node) => node.typeId)).toEqual(['generate/pattern', 'text/grep', 'debug/log'])
    expect(await edgesOf(page)).toEqual(['keep.match-show.rows', 'make.rows-keep.rows'])
    await page.context().close()
  })

  it('says why two ports do not fit, and changes nothing', async () => {
    page = await here.flow(lineFlow())
    await drag(page, await portOf(page, 'show', 'outputs'), await portOf(page, 'keep', 'inputs'))
    const card = page.getByRole('dialog', { name: 'These ports do not fit' })
    await card.getByText(/^▲ ?The flow would go round in a circle/).waitFor()
    await page.keyboard.press('Escape')
    await card.waitFor({ state: 'detached' })
    expect(await edgesOf(page)).toEqual(['keep.match-show.rows', 'make.rows-keep.rows'])
    await page.context().close()
  })

  it('boxes, and undoes it after a reload', async () => {
    page = await here.flow(lineFlow())
    await choose(page, 'keep')
    await page.keyboard.down('Shift')
    await page.mouse.click(...(await headOf(page, 'show')))
    await page.keyboard.up('Shift')
    await page.keyboard.press('Control+g')
    expect((await documentOf(page)).groups).toMatchObject([{ name: 'Box 1' }])
    await page.getByText(SAVED).waitFor()
    await page.reload()
    await nodeOf(page, 'make').waitFor()
    await page.getByText(SAVED).waitFor()
    // Nothing has to be clicked first: the canvas has the focus.
    await page.keyboard.press('Control+z')
    await page.getByText('Undone: Box around 2 things').first().waitFor()
    expect((await documentOf(page)).groups ?? []).toEqual([])
    await page.context().close()
  })

  it('makes a node of what is chosen, goes into it and out, and puts it back in place', async () => {
    page = await here.flow(lineFlow())
    await choose(page, 'keep')
    await page.keyboard.down('Shift')
    await page.mouse.click(...(await headOf(page, 'show')))
    await page.keyboard.up('Shift')
    await page.keyboard.press('m')
    const dialog = page.getByRole('dialog', { name: 'Make a node of this' })
    await dialog.getByRole('textbox', { name: 'Name', exact: true }).fill('Large ids')
    await dialog.getByRole('button', { name: 'Make the node' }).click()
    await page.getByText('Large ids is a node now').first().waitFor()
    expect((await documentOf(page)).nodes.map((node) => node.typeId)).toEqual(['generate/pattern', 'subflow/large-ids'])
    await page.getByRole('application', { name: 'Canvas of line' }).focus()
    await page.keyboard.press('Enter')
    await page.getByRole('application', { name: 'Canvas of large-ids' }).waitFor()
    await nodeOf(page, 'keep').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('application', { name: 'Canvas of line' }).waitFor()
    await nodeOf(page, 'large-ids').waitFor()
    await choose(page, 'large-ids')
    await page.getByRole('button', { name: 'Put in place' }).click()
    await expect
      .poll(async () => (await documentOf(page)).nodes.map((node) => node.typeId).sort())
      .toEqual(['debug/log', 'generate/pattern', 'logic/filter'])
    expect((await edgesOf(page)).length).toBe(2)
    await page.context().close()
  })
})
