// The canvas in Debian's Chromium under the policy of a server: what pointer and keys do, and how little is drawn.
import type axeCore from 'axe-core'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { at, drag, told } from './page/hands.ts'
import type { Scene } from './page/page.tsx'
import { hasBrowser, startSite } from './page/site.ts'
import type { CanvasSite } from './page/site.ts'

declare const scene: Scene
declare const axe: typeof axeCore

describe.skipIf(!hasBrowser)('the canvas', { timeout: 120_000 }, () => {
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

  describe('draws', () => {
    const frames = (): Promise<number> => page.evaluate(() => scene.view().frames)

    it('nothing while nothing changes', async () => {
      const before = await frames()
      await page.waitForTimeout(600)
      expect(await frames()).toBe(before)
    })

    it('once for all that changes within a frame, and only where it does', async () => {
      await page.evaluate(() => scene.show())
      await page.waitForTimeout(250)
      const [drawn, share] = await page.evaluate(async () => {
        const view = scene.view()
        const { figures } = scene.session().run.getState().shown ?? {}
        const before = view.frames
        for (let i = 1; i <= 20; ++i) figures?.write([], [{ id: 'e4', rate: i, fill: i / 40 }])
        await scene.nextFrame()
        await scene.nextFrame()
        return [view.frames - before, view.painted / (1200 * 760)] as const
      })
      expect(drawn).toBe(1)
      expect(share).toBeLessThan(0.35)
    })

    it('nothing for figures that look the same', async () => {
      await page.evaluate(() => scene.show())
      await page.evaluate(() => {
        scene.view().setCamera({ x: 0, y: 0, zoom: 0.2 })
      })
      await page.waitForTimeout(250)
      const drawn = await page.evaluate(async () => {
        const { figures } = scene.session().run.getState().shown ?? {}
        const write = async (more: number): Promise<number> => {
          figures?.write([{ id: 'net', rowsOut: 5, outRate: 1e6 + more }], [{ id: 'e2', rate: 1e6 + more, fill: 0.1 }])
          await scene.nextFrame()
          await scene.nextFrame()
          return scene.view().frames
        }
        const before = await write(1)
        return (await write(2)) - before
      })
      expect(drawn).toBe(0)
    })

    it('in the colours of the theme, at once when that changes', async () => {
      const ground = (): Promise<number[]> =>
        page.evaluate(() => {
          const canvas = document.querySelector<HTMLCanvasElement>('[data-canvas] > canvas')
          const copy = document.createElement('canvas').getContext('2d', { willReadFrequently: true })
          if (canvas !== null)
            copy?.drawImage(canvas, -33 - (canvas.width - 1200) / 2, -700 - (canvas.height - 760) / 2)
          return [...(copy?.getImageData(0, 0, 1, 1).data ?? [])].slice(0, 3)
        })
      expect(await ground()).toEqual([0x0d, 0x11, 0x15])
      await page.evaluate(() => {
        document.documentElement.dataset.theme = 'light'
      })
      await page.waitForTimeout(100)
      expect(await ground()).toEqual([0xf3, 0xf5, 0xf7])
    })

    it('every pixel of its place', async () => {
      const sizes = await page.evaluate(() => {
        const canvas = document.querySelector<HTMLCanvasElement>('[data-canvas] > canvas')
        const box = canvas?.getBoundingClientRect()
        return [canvas?.width, canvas?.height, box?.width, box?.height]
      })
      // A margin is ready for a pan.
      const [width = 0, height = 0] = sizes
      expect(width).toBeGreaterThanOrEqual(1200)
      expect(height).toBeGreaterThanOrEqual(760)
      expect(sizes.slice(2)).toEqual([width, height])
      const fine = await site.open({ ratio: 2, width: 600, height: 400 })
      await fine.evaluate(() => {
        scene.open('orders')
      })
      await fine.waitForFunction(
        () => document.querySelector<HTMLCanvasElement>('[data-canvas] > canvas')?.style.width !== ''
      )
      const ratio = await fine.evaluate(() => {
        const canvas = document.querySelector<HTMLCanvasElement>('[data-canvas] > canvas')
        return (canvas?.width ?? 0) / (canvas?.getBoundingClientRect().width ?? 1)
      })
      expect(ratio).toBe(2)
      await fine.close()
    })
  })

  describe('is looked around in', () => {
    it('with the wheel, and zoomed where the pointer is', async () => {
      await page.mouse.move(400, 300)
      await page.mouse.wheel(50, 80)
      await page.waitForFunction(() => scene.view().camera.y === 80)
      expect(await page.evaluate(() => scene.view().camera)).toEqual({ x: 50, y: 80, zoom: 1 })
      const before = await page.evaluate(() => scene.view().toCanvas(400, 300))
      await page.keyboard.down('Control')
      await page.mouse.wheel(0, -100)
      await page.keyboard.up('Control')
      await page.waitForFunction(() => scene.view().camera.zoom > 1)
      const after = await page.evaluate(() => scene.view().toCanvas(400, 300))
      expect(after.x).toBeCloseTo(before.x, 6)
      expect(after.y).toBeCloseTo(before.y, 6)
    })

    it('by dragging with Space held or the middle button, which opens no palette', async () => {
      await page.locator('[data-canvas]').focus()
      await page.keyboard.down('Space')
      await drag(page, [600, 600], [500, 560])
      await page.keyboard.up('Space')
      expect(await page.evaluate(() => scene.view().camera)).toEqual({ x: 100, y: 40, zoom: 1 })
      await page.mouse.move(500, 560)
      await page.mouse.down({ button: 'middle' })
      await page.mouse.move(520, 570, { steps: 4 })
      await page.mouse.up({ button: 'middle' })
      expect(await page.evaluate(() => scene.view().camera)).toEqual({ x: 80, y: 30, zoom: 1 })
      expect(await page.evaluate(() => scene.session().view.getState().palette)).toBeUndefined()
    })

    it('as a whole with 1, at what is selected with 2', async () => {
      await page.locator('[data-canvas]').focus()
      await page.evaluate(() => {
        scene.session().selection.set([{ kind: 'nodes', id: 'unpaid' }])
      })
      await page.keyboard.press('2')
      const near = await page.evaluate(() => scene.view().area())
      expect(near.x).toBeGreaterThan(100)
      await page.keyboard.press('1')
      const all = await page.evaluate(() => scene.view().area())
      expect(all.x).toBeLessThan(60)
      expect(all.x + all.width).toBeGreaterThan(1110)
    })

    it('with a minimap that is there only while something is out of view', async () => {
      await page.keyboard.press('Tab')
      await page.evaluate(() => {
        scene.view().fit()
      })
      await page.waitForTimeout(250)
      expect(await page.locator('[data-canvas-own] canvas').count()).toBe(0)
      await page.evaluate(() => {
        scene.view().setCamera({ x: 500, y: 100, zoom: 1.5 })
      })
      await page.waitForFunction(() => document.querySelectorAll('[data-canvas-own] canvas').length === 1)
    })
  })

  it('shows the figures of the edge under the pointer, and pins the one that is clicked', async () => {
    await page.evaluate(() => scene.show())
    await page.mouse.move(...(await at(page, 580, 158)))
    await page.getByText('Paid orders → Net price').waitFor()
    await page.getByText('8,000 waiting · 10 % full').waitFor()
    await page.mouse.click(...(await at(page, 580, 158)))
    const { tapped, bottom } = await page.evaluate(() => scene.session().view.getState())
    expect([tapped, bottom.tab, bottom.open]).toEqual(['e2', 'data', true])
  })

  it('collapses a box into one with ports, and goes into that', async () => {
    await page.mouse.dblclick(...(await at(page, 340, 72)))
    await page.waitForFunction(() => document.querySelectorAll('[data-node]').length === 3)
    const ports = await page.evaluate(() => {
      const box = scene.view().scene.collapsed.boxes.get('clean')
      return [box?.inputs.map((port) => port.name), box?.outputs.map((port) => port.name)]
    })
    expect(ports).toEqual([['rows'], ['rows', 'rest']])
    expect(await page.evaluate(() => scene.view().hitAt(700, 130))).toBeUndefined()
    await page.mouse.dblclick(...(await at(page, 420, 100)))
    await page.waitForFunction(() => scene.session().view.getState().inside.at(-1) === 'clean')
    await page.keyboard.press('Escape')
    await page.waitForFunction(() => document.querySelectorAll('[data-node]').length === 3)
    await page.evaluate(() => {
      scene.session().undo()
    })
    await page.waitForFunction(() => document.querySelectorAll('[data-node]').length === 5)
  })

  it('shows notes as what they say, whatever they say, and has them written', async () => {
    await page.mouse.dblclick(...(await at(page, 100, 330)))
    const area = page.getByLabel('Text of the note, Markdown')
    await area.fill('# Hello\n<img src=x onerror=alert(1)> [bad](javascript:alert(1)) **so**')
    await page.mouse.click(...(await at(page, 500, 600)))
    const note = page.locator('.canvas-note')
    await note.getByText('<img src=x onerror=alert(1)> [bad](javascript:alert(1))').waitFor()
    expect(await note.locator('img, a').count()).toBe(0)
    expect(await note.locator('h3, strong').count()).toBe(2)
    await page.mouse.dblclick(...(await at(page, 100, 330)))
    await area.fill('other')
    await area.press('Escape')
    expect(await page.evaluate(() => scene.session().document.note('why')?.text)).toContain('# Hello')
  })

  it('has at most 300 nodes as elements, of the sizes that the schema gives', async () => {
    await page.evaluate(() => {
      scene.open(2000)
    })
    await page.waitForTimeout(300)
    await page.setViewportSize({ width: 2400, height: 1600 })
    for (const zoom of [0.6, 0.59]) {
      await page.evaluate((one) => {
        scene.view().setCamera({ x: 2000, y: 400, zoom: one })
      }, zoom)
      const count = (): Promise<number> => page.locator('[data-node]').count()
      if (zoom < 0.6) await expect.poll(count).toBe(0)
      else await expect.poll(count).toBeGreaterThan(100)
      expect(await count()).toBeLessThanOrEqual(300)
    }
    await page.evaluate(() => {
      scene.session().selection.set([{ kind: 'nodes', id: 'n7' }])
    })
    await page.waitForFunction(() => document.querySelectorAll('[data-node]').length === 1)
    const width = await page.locator('[data-node=n7]').evaluate((node) => (node as HTMLElement).offsetWidth)
    expect(width).toBe(206)
  })

  it('passes the checks of axe', async () => {
    await page.evaluate(readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8'))
    const found = await page.evaluate(async () => {
      const { violations } = await axe.run('[data-canvas]')
      return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`)
    })
    expect(found).toEqual([])
  })

  it('is moved and pinched by fingers', async () => {
    const touch = await site.open({ touch: true, width: 1200, height: 760 })
    await touch.evaluate(() => {
      scene.open('orders')
    })
    await touch.waitForFunction(() => document.querySelectorAll('[data-node]').length === 5)
    await touch.evaluate(() => {
      scene.view().setCamera({ x: 0, y: 0, zoom: 1 })
    })
    const cdp = await touch.context().newCDPSession(touch)
    const send = (type: 'touchStart' | 'touchMove' | 'touchEnd', points: [number, number][]): Promise<unknown> =>
      cdp.send('Input.dispatchTouchEvent', { type, touchPoints: points.map(([x, y], id) => ({ x, y, id })) })
    await send('touchStart', [[600, 600]])
    for (const x of [590, 570, 550]) await send('touchMove', [[x, 600]])
    await send('touchEnd', [])
    await touch.waitForFunction(() => scene.view().camera.x === 50)
    await send('touchStart', [[400, 600]])
    await send('touchStart', [
      [400, 600],
      [600, 600]
    ])
    for (const by of [20, 50, 100])
      await send('touchMove', [
        [400 - by, 600],
        [600 + by, 600]
      ])
    await send('touchEnd', [])
    await touch.waitForFunction(() => Math.abs(scene.view().camera.zoom - 2) < 0.05)
    await touch.evaluate(() => {
      scene.view().setCamera({ x: 0, y: 0, zoom: 1 })
      document.addEventListener('contextmenu', () => {
        document.title = [...scene.session().selection.ids('nodes')].join()
      })
    })
    await send('touchStart', [[160, 130]])
    await touch.waitForFunction(() => document.title === 'read')
    await send('touchEnd', [])
    await touch.close()
  })

  it('moves nothing of a flow that may only be looked at, and says why once', async () => {
    await page.evaluate(() => {
      scene.open('orders', false, 'It is locked.')
    })
    await page.waitForFunction(() => document.querySelectorAll('[data-node]').length === 5)
    const before = await page.evaluate(() => scene.session().document.revision)
    for (const [x, y] of [
      [160, 130],
      [266, 158],
      [580, 158]
    ] as const)
      await drag(page, await at(page, x, y), await at(page, x + 90, y + 90))
    await page.mouse.dblclick(...(await at(page, 400, 500)))
    expect(await page.evaluate(() => scene.session().document.revision)).toBe(before)
    expect(await told(page)).toBe('It is locked.')
    expect(await page.evaluate(() => scene.session().view.getState().palette)).toBeUndefined()
  })

  it('gives back all that it took, after 50 flows', async () => {
    const heap = (): Promise<number> =>
      page.evaluate(async () => {
        const { gc } = globalThis as { gc?: () => void }
        for (let i = 0; i < 3; ++i) {
          gc?.()
          await new Promise((resolve) => setTimeout(resolve, 20))
        }
        return (performance as unknown as { memory: { usedJSHeapSize: number } }).memory.usedJSHeapSize
      })
    const turn = (times: number): Promise<void> =>
      page.evaluate(async (count) => {
        for (let i = 0; i < count; ++i) {
          scene.open(200, i % 2 === 0)
          for (let frame = 0; frame < 4; ++frame) await scene.nextFrame()
          scene.show()
          scene.session().selection.set([{ kind: 'nodes', id: 'n3' }])
          await scene.nextFrame()
        }
        scene.close()
      }, times)
    await turn(6)
    const before = await heap()
    await turn(50)
    expect((await heap()) - before).toBeLessThan(3_000_000)
    expect(await page.evaluate(() => document.querySelectorAll('#root *').length)).toBe(0)
  })
})
