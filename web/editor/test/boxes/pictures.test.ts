// Boxes in Debian's Chromium under the policy of a server: folded, gone into and left, by pointer and by key; pictures of both themes.
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { at, told } from '../canvas/page/hands.ts'
import type { Scene } from '../canvas/page/page.tsx'
import { hasBrowser, picturePath, startSite } from '../canvas/page/site.ts'
import type { CanvasSite } from '../canvas/page/site.ts'

declare const scene: Scene

describe.skipIf(!hasBrowser)('boxes on the canvas', { timeout: 120_000 }, () => {
  let site: CanvasSite
  let page: Page

  beforeAll(async () => {
    site = await startSite()
    page = await site.open({ width: 1200, height: 760 })
  }, 240_000)
  afterAll(async () => {
    await site.close()
  })
  beforeEach(async () => {
    await page.evaluate(() => {
      scene.open('orders')
    })
    await page.waitForFunction(() => document.querySelectorAll('[data-node]').length === 5)
    await page.evaluate(() => {
      scene.view().setCamera({ x: 0, y: 0, zoom: 1 })
    })
    await page.waitForTimeout(200)
  })
  const inside = (): Promise<readonly string[]> => page.evaluate(() => scene.session().view.getState().inside)
  const nodes = (): Promise<string[]> =>
    page.evaluate(() => [...document.querySelectorAll('[data-node]')].map((one) => one.getAttribute('data-node') ?? ''))

  it('are collapsed by their triangle, gone into by a double-click, and left by Esc', async () => {
    await page.mouse.click(...(await at(page, 334, 72)))
    expect(await told(page)).toBe('Clean is collapsed.')
    await page.waitForSelector('[data-box="clean"]')
    expect(await page.getAttribute('[data-box="clean"]', 'aria-label')).toBe(
      'Box Clean, collapsed, 2 nodes, 1 input, 2 outputs'
    )
    await page.screenshot({ path: picturePath('box-collapsed-dark.png') })
    await page.mouse.dblclick(...(await at(page, 430, 100)))
    expect(await inside()).toEqual(['clean'])
    await page.waitForFunction(() => document.querySelectorAll('[data-node]').length === 2)
    expect((await nodes()).sort()).toEqual(['net', 'paid'])
    expect(await page.textContent('nav[aria-label="Where you are"]')).toContain('orders-by-region›Clean')
    await page.screenshot({ path: picturePath('box-inside-dark.png') })
    await page.keyboard.press('Escape')
    expect(await inside()).toEqual([])
    expect(await page.evaluate(() => scene.view().camera)).toEqual({ x: 0, y: 0, zoom: 1 })
    await page.mouse.click(...(await at(page, 336, 102)))
    expect(await told(page)).toBe('Clean is open.')
  })

  it('are reached, opened and collapsed by keys alone', async () => {
    await page.focus('[data-canvas]')
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('e')
    expect(await told(page)).toBe('Clean is collapsed.')
    await page.keyboard.press('Enter')
    expect(await inside()).toEqual(['clean'])
    await page.click('nav[aria-label="Where you are"] button')
    expect(await inside()).toEqual([])
    await page.keyboard.press('ArrowRight')
    expect(await page.evaluate(() => [...scene.session().selection.ids('nodes')])).toHaveLength(1)
  })

  it('take what is dropped in them along', async () => {
    await page.evaluate(() => {
      scene.session().view.setState({ inside: ['clean'] })
    })
    await page.waitForTimeout(200)
    const box = await page.evaluate(() => scene.session().document.node('paid')?.parent)
    await page.evaluate(() => {
      scene.view().setCamera({ x: 0, y: 0, zoom: 1 })
    })
    await page.mouse.move(...(await at(page, 440, 130)))
    await page.mouse.down()
    await page.mouse.move(...(await at(page, 440, 500)), { steps: 6 })
    await page.evaluate(() => scene.nextFrame())
    await page.evaluate(() => scene.nextFrame())
    await page.mouse.up()
    expect(await page.evaluate(() => scene.session().document.node('paid')?.parent)).toBe(box)
    const height = await page.evaluate(() => scene.session().geometry.thing('groups', 'clean')?.height)
    expect(height).toBeGreaterThan(400)
  })

  it('heat, a held row and a lit way are seen, in both themes', async () => {
    await page.evaluate(() => {
      const shown = scene.show()
      shown.figures.write(
        [
          { id: 'read', worked: 4 },
          { id: 'paid', worked: 9 },
          { id: 'sum', worked: 30 }
        ],
        []
      )
      scene.session().view.setState({ heat: 'time', breakpoints: [{ edge: 'e2' }] })
      const held = {
        held: 1,
        breakpoint: 1,
        edge: 'e2',
        source: 'paid',
        target: 'net',
        row: {},
        types: {},
        rowsBehind: 3
      }
      shown.facts.setState({ status: 'held', held: [held] })
    })
    await page.waitForTimeout(900)
    await page.screenshot({ path: picturePath('heat-held-dark.png') })
    await page.evaluate(() => {
      document.documentElement.dataset['theme'] = 'light'
      scene.session().view.setState({
        heat: 'none',
        lit: { nodes: new Set(['read', 'paid', 'unpaid']), edges: new Set(['e1', 'e4']) }
      })
    })
    await page.waitForTimeout(300)
    await page.screenshot({ path: picturePath('lit-light.png') })
    await page.selectOption('select[aria-label="Heat map"]', 'rows')
    expect(await page.evaluate(() => scene.session().view.getState().heat)).toBe('rows')
    await page.evaluate(() => {
      delete document.documentElement.dataset['theme']
    })
    expect(site.complaints.splice(0)).toEqual([])
  })
})
