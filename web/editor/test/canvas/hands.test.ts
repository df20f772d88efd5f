// The canvas in the hand: selecting, moving, connecting, dropping and keys, in Debian's Chromium.
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { at, drag, edgesOf, placeOf, selected, told } from './page/hands.ts'
import type { Scene } from './page/page.tsx'
import { hasBrowser, startSite } from './page/site.ts'
import type { CanvasSite } from './page/site.ts'

declare const scene: Scene

describe.skipIf(!hasBrowser)('the canvas in the hand', { timeout: 120_000 }, () => {
  let site: CanvasSite
  let page: Page

  beforeAll(async () => {
    site = await startSite()
  }, 240_000)
  afterAll(async () => {
    await site.close()
  })
  beforeEach(async () => {
    page = await site.open({ width: 1200, height: 760 })
    await page.evaluate(() => {
      scene.open('orders')
    })
    await page.waitForFunction(() => document.querySelectorAll('[data-node]').length === 5)
    await page.evaluate(() => {
      scene.view().setCamera({ x: 0, y: 0, zoom: 1 })
    })
    await page.waitForTimeout(250)
  })
  afterEach(async () => {
    await page.close()
    expect(site.complaints.splice(0)).toEqual([])
  })

  describe('selects', () => {
    it('what is clicked, more with Shift, nothing on the ground', async () => {
      await page.mouse.click(...(await at(page, 160, 130)))
      expect(await selected(page)).toEqual(['read'])
      await page.keyboard.down('Shift')
      await page.mouse.click(...(await at(page, 440, 130)))
      await page.keyboard.up('Shift')
      expect(await selected(page)).toEqual(['read', 'paid'])
      await page.mouse.click(...(await at(page, 200, 600)))
      expect(await selected(page)).toEqual([])
    })

    it('what a frame meets, and what was selected before if it is given up', async () => {
      await page.mouse.click(...(await at(page, 700, 310)))
      await drag(page, await at(page, 20, 60), await at(page, 400, 250), async () => {
        expect(await selected(page)).toEqual(['read', 'paid'])
        await page.keyboard.press('Escape')
      })
      expect(await selected(page)).toEqual(['unpaid'])
      await drag(page, await at(page, 20, 60), await at(page, 400, 250))
      expect(await selected(page)).toEqual(['read', 'paid'])
      expect(await told(page)).toBe('2 selected.')
    })
  })

  describe('moves', () => {
    it('all that is selected, on the grid, as one gesture', async () => {
      await page.mouse.click(...(await at(page, 160, 130)))
      await page.keyboard.down('Shift')
      await page.mouse.click(...(await at(page, 700, 310)))
      await page.keyboard.up('Shift')
      await drag(page, await at(page, 160, 130), await at(page, 183, 431))
      const [x, y] = await placeOf(page, 'read')
      expect([x % 4, y % 4]).toEqual([0, 0])
      expect(Math.abs(x - 83)).toBeLessThanOrEqual(8)
      const [ux, uy] = await placeOf(page, 'unpaid')
      expect([ux - 616, uy - 296]).toEqual([x - 60, y - 112])
      await page.evaluate(() => {
        scene.session().undo()
      })
      expect(await placeOf(page, 'read')).toEqual([60, 112])
      expect(await placeOf(page, 'unpaid')).toEqual([616, 296])
    })

    it('nothing if Escape is pressed meanwhile', async () => {
      await drag(page, await at(page, 160, 130), await at(page, 300, 500), async () => {
        expect(await placeOf(page, 'read')).not.toEqual([60, 112])
        await page.keyboard.press('Escape')
      })
      expect(await placeOf(page, 'read')).toEqual([60, 112])
    })

    it('things into line with their neighbours, with a guide', async () => {
      await drag(page, await at(page, 700, 310), await at(page, 983, 500), async () => {
        expect(await page.locator('.canvas-guides').getAttribute('visibility')).toBe('visible')
      })
      expect((await placeOf(page, 'unpaid'))[0]).toBe(904)
      expect(await page.locator('.canvas-guides').getAttribute('visibility')).toBe('hidden')
    })

    it('a box with what is in it, by its name', async () => {
      await drag(page, await at(page, 340, 72), await at(page, 340, 172))
      expect((await placeOf(page, 'paid'))[1]).toBeGreaterThan(180)
      expect((await placeOf(page, 'read'))[1]).toBe(112)
    })

    it('a node into a box that it is dropped in, and out of it', async () => {
      const parent = (): Promise<string | undefined> =>
        page.evaluate(() => scene.session().document.node('paid')?.parent)
      await drag(page, await at(page, 440, 130), await at(page, 440, 600))
      expect(await parent()).toBe('')
      await page.evaluate(() => {
        scene.session().undo()
      })
      expect(await parent()).toBe('clean')
    })

    it('by the keyboard', async () => {
      await page.mouse.click(...(await at(page, 160, 130)))
      await page.keyboard.press('Shift+ArrowRight')
      await page.keyboard.press('Shift+ArrowDown')
      expect(await placeOf(page, 'read')).toEqual([64, 116])
    })
  })

  describe('connects', () => {
    it('ports that fit', async () => {
      await page.evaluate(() => {
        scene.session().do([{ op: 'remove', kind: 'edges', id: 'e4' }], 'x')
      })
      await drag(page, await at(page, 546, 178), await at(page, 616, 342), async () => {
        expect(await page.locator('.canvas-wire').getAttribute('visibility')).toBe('visible')
      })
      expect(await edgesOf(page)).toContain('paid.rest-unpaid.rows')
      expect(await told(page)).toBe('Connected Paid orders to Unpaid.')
    })

    it('the other end of an edge that is taken up at its input', async () => {
      await drag(page, await at(page, 616, 342), await at(page, 904, 158))
      expect(await edgesOf(page)).toContain('paid.rest-sum.rows')
      expect(await edgesOf(page)).toHaveLength(4)
    })

    it('with the palette, filtered, if the wire is dropped on nothing', async () => {
      await drag(page, await at(page, 1110, 158), await at(page, 1150, 600))
      const palette = await page.evaluate(() => scene.session().view.getState().palette)
      expect(palette?.from).toEqual({ node: 'sum', side: 'outputs', port: 'rows' })
    })

    it('what does not fit through a converter, after saying why', async () => {
      await page.evaluate(() => {
        const value = (id: string, typeId: string): ReadonlyMap<string, string> =>
          new Map([
            ['id', id],
            ['typeId', typeId],
            ['version', '1.0.0']
          ])
        const box = (x: number): ReadonlyMap<string, number> =>
          new Map([
            ['x', x],
            ['y', 480]
          ])
        scene.session().do(
          [
            { op: 'add', kind: 'nodes', value: value('number', 'generate/number'), box: box(400) },
            { op: 'add', kind: 'nodes', value: value('parse', 'data/parse'), box: box(800) }
          ],
          'x'
        )
      })
      await drag(page, await at(page, 606, 526), await at(page, 800, 526))
      const card = page.getByRole('dialog', { name: 'These ports do not fit' })
      expect(await card.textContent()).toContain("The output 'number' gives number, the input 'text' takes string.")
      await card.getByRole('button', { name: 'To text' }).click()
      expect(await edgesOf(page)).toContain('number.number-to-text.value')
      expect(await edgesOf(page)).toContain('to-text.text-parse.text')
      expect(await card.count()).toBe(0)
    })

    it('nodes by key: at the one that gives, then at the one that takes', async () => {
      await page.mouse.click(...(await at(page, 440, 130)))
      await page.keyboard.press('c')
      expect(await told(page)).toMatch(/^Connecting from Paid orders/)
      await page.keyboard.press('ArrowRight')
      await page.keyboard.press('ArrowRight')
      await page.keyboard.press('c')
      expect(await edgesOf(page)).toHaveLength(5)
      expect((await edgesOf(page)).at(-1)).toBe('paid.match-sum.rows')
      await page.keyboard.press('c')
      await page.keyboard.press('ArrowLeft')
      await page.keyboard.press('c')
      expect(await told(page)).toContain('round in a circle')
      await page.keyboard.press('c')
      await page.keyboard.press('Escape')
      expect(await selected(page)).toEqual(['paid'])
      expect(await edgesOf(page)).toHaveLength(5)
    })

    it('nothing in a circle', async () => {
      await drag(page, await at(page, 1110, 158), await at(page, 340, 158))
      expect(await page.getByRole('dialog').textContent()).toContain('round in a circle')
      expect(await edgesOf(page)).toHaveLength(4)
      await page.keyboard.press('Escape')
      expect(await page.getByRole('dialog').count()).toBe(0)
    })
  })

  describe('takes nodes', () => {
    const drop = (x: number, y: number, text: string): Promise<void> =>
      page.evaluate(
        ([px, py, data]) => {
          const root = document.querySelector('[data-canvas]')
          const dataTransfer = new DataTransfer()
          dataTransfer.setData('application/x-weir-node', data)
          for (const type of ['dragover', 'drop'])
            root?.dispatchEvent(
              new DragEvent(type, { dataTransfer, clientX: px, clientY: py, bubbles: true, cancelable: true })
            )
        },
        [x, y, text] as const
      )

    it('that are dropped, on the grid', async () => {
      await drop(...(await at(page, 203, 602)), '{"typeId":"logic/map","version":"1.0.0"}')
      expect(await placeOf(page, 'map')).toEqual([100, 564])
      expect(await selected(page)).toEqual(['map'])
    })

    it('that are dropped on an edge, into it', async () => {
      await drop(...(await at(page, 303, 158)), 'logic/map')
      expect(await edgesOf(page)).toEqual(expect.arrayContaining(['read.rows-map.rows', 'map.rows-paid.rows']))
    })

    it('that are dragged onto an edge, into it', async () => {
      await drop(...(await at(page, 303, 602)), 'logic/map')
      await drag(page, await at(page, 303, 582), await at(page, 591, 242))
      expect(await edgesOf(page)).toEqual(expect.arrayContaining(['paid.rest-map.rows', 'map.rows-unpaid.rows']))
    })

    it('but none that nobody knows', async () => {
      for (const text of ['nothing/like-it', '{"typeId":3}', '[', '{"typeId":"x","version":2}'])
        await drop(...(await at(page, 203, 602)), text)
      expect(await page.evaluate(() => scene.session().document.tables.nodes.size)).toBe(5)
      expect(await told(page)).toBe('This node is not known here, so it was not added.')
    })

    it('where the palette was asked for, by Space or a double click', async () => {
      const palette = (): Promise<{ x: number; y: number } | undefined> =>
        page.evaluate(() => scene.session().view.getState().palette?.at)
      await page.mouse.click(300, 600)
      await page.keyboard.press('Space')
      expect(await palette()).toEqual({ x: 300, y: 600 })
      await page.mouse.dblclick(500, 620)
      expect(await palette()).toEqual({ x: 500, y: 620 })
    })
  })

  describe('answers keys', () => {
    it('that walk the graph, with the focus on an element that says what it is', async () => {
      await page.mouse.click(...(await at(page, 160, 130)))
      await page.keyboard.press('ArrowRight')
      expect(await selected(page)).toEqual(['paid'])
      await page.waitForFunction(() => document.activeElement?.getAttribute('data-node') === 'paid')
      await expect
        .poll(() => page.evaluate(() => document.activeElement?.getAttribute('aria-label')))
        .toMatch(/^Paid orders, Filter, row\.status/)
      await page.keyboard.press('ArrowRight')
      await page.waitForFunction(() => document.activeElement?.getAttribute('data-node') === 'net')
    })

    it('that delete, and delete and reconnect', async () => {
      await page.mouse.click(...(await at(page, 700, 130)))
      await page.keyboard.press('Control+Delete')
      expect(await edgesOf(page)).toContain('paid.match-sum.rows')
      await expect.poll(() => page.evaluate(() => document.activeElement?.closest('[data-canvas]') !== null)).toBe(true)
      await page.mouse.click(...(await at(page, 160, 130)))
      await page.keyboard.press('Delete')
      expect(await page.evaluate(() => scene.session().document.node('read'))).toBeUndefined()
      expect(await told(page)).toContain('Deleted 1 node')
    })

    it('that bypass and set breakpoints', async () => {
      await page.mouse.click(...(await at(page, 440, 130)))
      await page.keyboard.press('b')
      expect(await page.evaluate(() => scene.session().document.node('paid')?.bypass)).toBe(true)
      await page.keyboard.press('F9')
      expect(await page.evaluate(() => scene.session().view.getState().breakpoints)).toEqual([{ node: 'paid' }])
      await page.keyboard.press('F9')
      expect(await page.evaluate(() => scene.session().view.getState().breakpoints)).toEqual([])
    })

    it('but not those that somebody else has taken', async () => {
      await page.mouse.click(...(await at(page, 440, 130)))
      await page.evaluate(() => {
        window.addEventListener(
          'keydown',
          (event) => {
            event.preventDefault()
          },
          { capture: true }
        )
      })
      await page.keyboard.press('Delete')
      expect(await page.evaluate(() => scene.session().document.tables.nodes.size)).toBe(5)
    })
  })
})
