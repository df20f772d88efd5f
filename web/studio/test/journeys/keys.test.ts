// The keyboard alone: from an empty canvas to a result; what keys mean in a form, a table and a widget; and keys that a person gave.
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { choose, documentOf, edgeOf, localWorld, nodeAt, nodeOf, SAVED, type LocalWorld } from './hands.ts'
import { whyNoBrowser } from './world.ts'

const reason = whyNoBrowser()
if (reason !== '') console.warn(`journeys by key are skipped: ${reason}`)

/** They count on the canvas alone. */
const LETTERS = ['b', 'e', 'm', 'n', 'o', 'r', 'c', 't', '1', '2']
const OF_CANVAS = [...LETTERS, 'Delete', 'Backspace', 'F2', 'Control+Delete', 'Shift+ArrowDown', 'Enter']
/** They stay the browser's everywhere. */
const OF_BROWSER = ['F5', 'Control+r', 'Alt+ArrowLeft', 'Alt+ArrowRight', 'Tab', 'Shift+Tab']

/** Whether the page took a key for itself; the browser is not left to do what it means. */
async function isTaken(page: Page, key: string): Promise<boolean> {
  await page.evaluate(() => {
    const told = window as unknown as { took: boolean[] }
    told.took = []
    const hear = (event: KeyboardEvent): void => {
      if (['Control', 'Alt', 'Shift'].includes(event.key)) return
      window.removeEventListener('keydown', hear)
      told.took.push(event.defaultPrevented)
      event.preventDefault()
    }
    window.addEventListener('keydown', hear)
  })
  await page.keyboard.press(key)
  return await page.evaluate(() => (window as unknown as { took: boolean[] }).took[0] === true)
}

describe.skipIf(reason !== '')('the keyboard', () => {
  let here: LocalWorld

  beforeAll(async () => {
    here = await localWorld()
  })
  afterAll(async () => {
    await here.end()
    expect(here.complaints).toEqual([])
  })

  const focused = (page: Page) => page.locator(':focus')

  it('leads from an empty canvas to a result', async () => {
    const page = await here.page()
    await page.getByRole('button', { name: 'New flow' }).focus()
    await page.keyboard.press('Enter')
    await page.getByText(SAVED).waitFor()
    // The canvas has the focus: nothing has to be reached first.
    await page.locator('[data-canvas]:focus').waitFor()
    for (const words of ['pattern', 'filter', 'log']) {
      await page.keyboard.press('Space')
      await page.getByRole('combobox', { name: 'Find a node' }).waitFor()
      await page.keyboard.type(words)
      await page.keyboard.press('Enter')
      await page.getByRole('button', { name: new RegExp(`^${words},`, 'i'), pressed: true }).waitFor()
    }
    // From the last to the first, then each is connected with the next.
    for (const name of ['Filter', 'Pattern']) {
      await page.keyboard.press('ArrowLeft')
      await page.getByRole('button', { name: new RegExp(`^${name},`), pressed: true }).waitFor()
    }
    for (const name of ['Filter', 'Log']) {
      await page.keyboard.press('c')
      await page.keyboard.press('ArrowRight')
      await page.getByRole('button', { name: new RegExp(`^${name},`), pressed: true }).waitFor()
      await page.keyboard.press('c')
      await page.getByText(`to ${name}.`).first().waitFor()
    }
    await page.keyboard.press('ArrowLeft')
    await page.getByRole('button', { name: /^Filter,/, pressed: true }).waitFor()
    await page.keyboard.press('Enter')
    await expect.poll(() => focused(page).textContent()).toBe('+ condition')
    // Columns are known once the sample has run.
    await page.getByRole('banner').getByText('1,000').waitFor()
    await page.keyboard.press('Enter')
    await expect.poll(() => focused(page).getAttribute('aria-label')).toBe('Condition 1: column')
    await page.keyboard.press('Control+Enter')
    await page.getByRole('tab', { name: 'Result', selected: true }).waitFor()
    await page
      .getByRole('tabpanel', { name: 'Result' })
      .getByText(/^done|done/)
      .first()
      .waitFor()
    await page.context().close()
  })

  it('leaves a form, a table and a widget their keys, and the browser its own everywhere', async () => {
    const page = await here.flow({
      id: 'line',
      version: '1.0.0',
      nodes: [
        nodeAt('make', 'generate/pattern', { pattern: 'sequential', rows: 40 }, 0, 0),
        nodeAt('keep', 'logic/filter', { condition: 'row.id > 9' }, 320, 0),
        nodeAt('show', 'debug/log', { rows: 3 }, 640, 0)
      ],
      edges: [edgeOf('one', 'make.rows', 'keep.rows'), edgeOf('two', 'keep.match', 'show.rows')],
      widgets: [
        {
          id: 'w',
          type: 'table',
          title: 'Kept',
          node: 'keep',
          port: 'match',
          position: { x: 0, y: 200 },
          size: { width: 320, height: 200 }
        }
      ]
    })
    const before = await documentOf(page)
    await choose(page, 'make')
    const places: [string, () => Promise<void>][] = [
      ['form', () => page.getByLabel('Description').or(page.getByPlaceholder('Pattern')).first().focus()],
      ['table', () => page.getByRole('gridcell').first().click()],
      [
        'widget',
        async () => {
          const box = await page.getByRole('region', { name: 'Kept, rows' }).boundingBox()
          if (box === null) throw new Error('the widget is not in view')
          await page.mouse.click(box.x + box.width / 2, box.y + box.height * 0.6)
        }
      ]
    ]
    for (const [name, go] of places) {
      await go()
      for (const key of OF_BROWSER) {
        expect([name, key, await isTaken(page, key)]).toEqual([name, key, false])
      }
      await go()
      // What a person types into the name of the node is theirs: it is not looked at here.
      if (name === 'form') continue
      for (const key of OF_CANVAS) {
        await isTaken(page, key)
        expect([name, key, await page.getByRole('dialog').count()]).toEqual([name, key, 0])
      }
    }
    expect(await documentOf(page)).toEqual(before)
    await page.getByRole('application', { name: /^Canvas of/ }).focus()
    for (const key of OF_BROWSER.slice(0, 4)) expect([key, await isTaken(page, key)]).toEqual([key, false])
    await choose(page, 'keep')
    await page.keyboard.press('b')
    await page.getByText('1 node bypassed: rows pass by.').first().waitFor()
    await page.context().close()
  })

  it('shows the keys that count now', async () => {
    const page = await here.page()
    await page.getByRole('button', { name: /^Sine wave/ }).click()
    await nodeOf(page, 'show').or(page.locator('[data-node]')).first().waitFor()
    const run = page.getByRole('banner').getByRole('button', { name: 'Run' })
    await expect.poll(() => run.getAttribute('aria-keyshortcuts')).toBe('Control+Enter')
    await page.getByRole('button', { name: '? keys' }).click()
    await page.getByRole('button', { name: 'Change the key of Run', exact: true }).click()
    await page.getByRole('textbox', { name: 'New key of Run', exact: true }).press('F8')
    await page.keyboard.press('Escape')
    await expect.poll(() => run.getAttribute('aria-keyshortcuts')).toBe('F8')
    expect(await run.textContent()).toContain('F8')
    await page.getByRole('application', { name: /^Canvas of/ }).focus()
    await page.keyboard.press('F8')
    await page.getByRole('tab', { name: 'Result', selected: true }).waitFor()
    await page.context().close()
  })
})
