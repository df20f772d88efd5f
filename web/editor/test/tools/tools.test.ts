// The tools in a real page, under the policy of a server: keys by where the focus is, menus, find, outline and clipboard.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type axeCore from 'axe-core'
import type { Page } from 'playwright-core'
import { build, mergeConfig } from 'vite'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import config from '../../../studio/scripts/vite-config.ts'
import { hasBrowser, picturePath, startSite } from '../canvas/page/site.ts'
import type { CanvasSite } from '../canvas/page/site.ts'
import { schemasOfNodes } from '../panels/schemas.ts'
import type { Scene } from './page/main.tsx'

declare const scene: Scene
declare const axe: typeof axeCore

describe.skipIf(!hasBrowser)('the tools in a page', { timeout: 180_000 }, () => {
  let site: CanvasSite
  let page: Page
  const folder = mkdtempSync(join(tmpdir(), 'weir-tools-'))

  beforeAll(async () => {
    const root = fileURLToPath(new URL('./page/', import.meta.url))
    // As the studio is built: what would break its policy is left out.
    await build(
      mergeConfig(config, { root, logLevel: 'error', build: { outDir: folder, emptyOutDir: true, minify: false } })
    )
    writeFileSync(join(folder, 'schemas.json'), JSON.stringify(schemasOfNodes()))
    site = await startSite(folder)
    page = await site.open({ width: 1400, height: 860 })
    page.setDefaultTimeout(8_000)
    // Colours on their way from one theme to another are no colours to check.
    await page.emulateMedia({ reducedMotion: 'reduce' })
    const axePath = createRequire(new URL('../../../studio/package.json', import.meta.url)).resolve(
      'axe-core/axe.min.js'
    )
    await page.evaluate(readFileSync(axePath, 'utf8'))
  }, 240_000)
  afterAll(async () => {
    await site.close()
    rmSync(folder, { recursive: true, force: true })
  })
  beforeEach(async () => {
    await page.evaluate(() => {
      localStorage.clear()
      scene.kBindings.resetAll()
      scene.open()
    })
    await page.waitForFunction(() => document.querySelectorAll('[data-node]').length > 4)
    await page.evaluate(() => {
      scene.view()?.setCamera({ x: 0, y: 0, zoom: 0.9 })
    })
    await page.waitForTimeout(200)
  })
  afterEach(() => {
    expect(site.complaints.splice(0)).toEqual([])
  })

  const choose = (...ids: string[]): Promise<void> =>
    page.evaluate((which) => {
      scene.session().selection.set(which.map((id) => ({ kind: 'nodes' as const, id })))
    }, ids)
  const focusCanvas = (): Promise<void> => page.locator('[data-canvas]').focus()
  const told = (): Promise<string> => page.evaluate(() => scene.session().notice.getState().notice?.text ?? '')
  const text = (): Promise<string> => page.evaluate(() => scene.session().document.text())
  const count = (kind: 'nodes' | 'edges'): Promise<number> =>
    page.evaluate((which) => scene.session().document.tables[which].size, kind)
  const chosen = (): Promise<string[]> =>
    page.evaluate(() =>
      (['nodes', 'edges', 'groups', 'notes'] as const).flatMap((kind) =>
        [...scene.session().selection.ids(kind)].map((id) => `${kind}/${id}`)
      )
    )
  /** Pixels of the page at a point of the canvas. */
  const at = (x: number, y: number): Promise<[number, number]> =>
    page.evaluate(
      ([px, py]) => {
        const view = scene.view()
        const { left = 0, top = 0 } = view?.root.getBoundingClientRect() ?? {}
        const { x: cx, y: cy, zoom } = view?.camera ?? { x: 0, y: 0, zoom: 1 }
        return [left + (px - cx) * zoom, top + (py - cy) * zoom] as [number, number]
      },
      [x, y] as const
    )
  async function picture(name: string): Promise<void> {
    for (const theme of ['dark', 'light']) {
      await page.evaluate((one) => {
        document.documentElement.dataset.theme = one
      }, theme)
      await page.waitForTimeout(60)
      await page.screenshot({ path: picturePath(`tools-${name}-${theme}.png`) })
    }
  }
  /** What axe finds in each theme. */
  async function checked(of = 'body'): Promise<string[]> {
    const found: string[] = []
    for (const theme of ['light', 'contrast', 'dark']) {
      found.push(
        ...(await page.evaluate(
          async ([one, part]) => {
            document.documentElement.dataset.theme = one
            const { violations } = await axe.run(part, { rules: { region: { enabled: false } } })
            return violations.flatMap(({ id, nodes }) =>
              nodes.map((node) => `${one} ${id}: ${node.html.slice(0, 200)}`)
            )
          },
          [theme, of] as const
        ))
      )
    }
    return found
  }

  describe('keys', () => {
    it('act on the canvas: bypass, breakpoint, box, duplicate, undo, all, up', async () => {
      await choose('net')
      await focusCanvas()
      await page.keyboard.press('b')
      expect(await told()).toContain('bypassed')
      await page.keyboard.press('F9')
      expect(await told()).toContain('Breakpoint set')
      await page.keyboard.press('Control+d')
      expect(await chosen()).toEqual(['nodes/net-2'])
      await page.keyboard.press('Control+g')
      expect((await chosen())[0]).toMatch(/^groups\//)
      await page.keyboard.press('Control+z')
      await page.keyboard.press('Control+z')
      await page.keyboard.press('Control+z')
      expect(await text()).not.toContain('net-2')
      expect(await text()).not.toContain('"bypass"')
      await page.keyboard.press('Control+Shift+z')
      expect(await text()).toContain('"bypass"')
      await page.keyboard.press('Control+a')
      expect(await chosen()).toHaveLength(8)
      await page.keyboard.press('Escape')
      expect(await chosen()).toEqual([])
    })

    it('run, stop and save by what the page gives, and say why something does not apply', async () => {
      await focusCanvas()
      await page.keyboard.press('Control+Shift+Enter')
      expect(await told()).toBe('Choose the one node to run to.')
      await choose('net')
      await page.keyboard.press('Control+Shift+Enter')
      await page.keyboard.press('Control+Enter')
      await page.keyboard.press('Control+s')
      await page.keyboard.press('Control+.')
      expect(await page.evaluate(() => scene.acts)).toEqual(['runToHere', 'run', 'save'])
      expect(await told()).toBe('Nothing runs.')
      await page.keyboard.press('F10')
      expect(await told()).toBe('No row is held.')
    })

    it('do nothing to the flow while something is written, and letters nothing outside of the canvas', async () => {
      await choose('paid')
      const before = await text()
      const name = page.getByLabel('Name', { exact: true }).first()
      await name.focus()
      for (const key of ['b', 'Delete', 'Control+d', 'Control+g', 'F9', '1', '?', 'Control+a', 'Shift+ArrowLeft'])
        await page.keyboard.press(key)
      expect(await page.evaluate(() => scene.session().view.getState().breakpoints)).toEqual([])
      expect(await page.getByRole('dialog').count()).toBe(0)
      expect(await count('nodes')).toBe(6)
      expect(await text()).not.toContain('"bypass"')
      await page.keyboard.press('Control+k')
      await page.getByRole('dialog', { name: 'Commands' }).waitFor()
      await page.keyboard.press('b')
      await page.keyboard.press('Escape')
      await page.getByRole('tab', { name: 'Log' }).focus()
      await page.keyboard.press('b')
      await page.keyboard.press('Delete')
      expect(await count('nodes')).toBe(6)
      expect(before).not.toBe('')
    })

    it('open the form with Enter, and leave the browser what is its', async () => {
      await choose('unpaid')
      await focusCanvas()
      await page.keyboard.press('Enter')
      await expect
        .poll(() => page.evaluate(() => document.activeElement?.closest('[data-path]')?.getAttribute('data-path')))
        .toBe('/settings/path')
      await focusCanvas()
      const prevented = await page.evaluate(() =>
        [
          { key: 'F5' },
          { key: 'r', ctrlKey: true },
          { key: 'ArrowLeft', altKey: true },
          { key: 'Tab' },
          { key: 'f', ctrlKey: true }
        ].map(
          (init) =>
            !(
              scene
                .view()
                ?.root.dispatchEvent(new KeyboardEvent('keydown', { ...init, bubbles: true, cancelable: true })) ?? true
            )
        )
      )
      expect(prevented).toEqual([false, false, false, false, true])
    })

    it('are listed, given anew with what is in the way, kept and taken back', async () => {
      await focusCanvas()
      await page.keyboard.press('?')
      const dialog = page.getByRole('dialog', { name: 'Keys' })
      await dialog.waitFor()
      await picture('keys')
      expect(await checked('[role="dialog"]')).toEqual([])
      await dialog.getByRole('button', { name: 'Change the key of Duplicate' }).click()
      await page.keyboard.press('Control+g')
      await dialog.getByText('This is the key of Put into a box.').waitFor()
      await page.getByLabel('New key of Duplicate').focus()
      await page.keyboard.press('F5')
      await dialog.getByText('F5 keeps what it means in the browser.').waitFor()
      await page.keyboard.press('Control+u')
      await dialog.getByText('changed', { exact: true }).waitFor()
      expect(await page.evaluate(() => localStorage.getItem('weir.keys'))).toBe('{"change.duplicate":["Mod+u"]}')
      await page.keyboard.press('Escape')
      await choose('net')
      await focusCanvas()
      await page.keyboard.press('Control+u')
      expect(await chosen()).toEqual(['nodes/net-2'])
    })
  })

  describe('commands', () => {
    it('are found by a part of their name, and say why they do not apply', async () => {
      await choose('net')
      await focusCanvas()
      await page.keyboard.press('Control+k')
      await page.getByRole('dialog', { name: 'Commands' }).waitFor()
      await picture('commands')
      expect(await checked('[role="dialog"]')).toEqual([])
      await page.keyboard.type('bypa')
      await page.keyboard.press('Enter')
      await expect.poll(told).toContain('bypassed')
    })
  })

  describe('menus', () => {
    it('of a node: by the right button and by key, with what applies', async () => {
      await page.mouse.click(...(await at(680, 130)), { button: 'right' })
      const menu = page.getByRole('menu', { name: 'Menu of the node' })
      await menu.waitFor()
      expect(await chosen()).toEqual(['nodes/net'])
      await picture('menu-node')
      await page.keyboard.press('Escape')
      await menu.waitFor({ state: 'hidden' })
      await focusCanvas()
      await page.keyboard.press('Shift+F10')
      await menu.waitFor()
      await page.keyboard.press('ArrowDown')
      await page.keyboard.type('Dupl')
      await page.keyboard.press('Enter')
      expect(await chosen()).toEqual(['nodes/net-2'])
      await page.keyboard.press('ContextMenu')
      await menu.waitFor()
    })

    it('replace a node, its edges kept, as one step', async () => {
      const before = await text()
      await page.mouse.click(...(await at(680, 130)), { button: 'right' })
      await page.getByRole('menuitem', { name: 'Replace with…' }).click()
      const palette = page.getByRole('dialog', { name: 'Replace Net price' })
      await palette.waitFor()
      await page.keyboard.type('limit')
      await page.keyboard.press('Enter')
      await expect.poll(text).toContain('flow/limit')
      expect(await count('edges')).toBe(4)
      await page.keyboard.press('Control+z')
      expect(await text()).toBe(before)
    })

    it('of an edge inserts on it; of the ground adds where it was asked for', async () => {
      await page.mouse.click(...(await at(580, 158)), { button: 'right' })
      await page.getByRole('menu', { name: 'Menu of the edge' }).waitFor()
      await picture('menu-edge')
      await page.getByRole('menuitem', { name: 'Insert a node here' }).click()
      await page.keyboard.type('limit')
      await page.keyboard.press('Enter')
      await expect.poll(() => count('edges')).toBe(5)
      await page.mouse.click(...(await at(1000, 420)), { button: 'right' })
      await page.getByRole('menuitem', { name: 'Add a note' }).click()
      await page.keyboard.type('Look here')
      await focusCanvas()
      await expect.poll(text).toContain('Look here')
    })

    it('of a selection arranges and tidies it, and undo takes that back', async () => {
      const before = await text()
      await choose('read', 'paid', 'net', 'sum', 'unpaid')
      await page.mouse.click(...(await at(680, 130)), { button: 'right' })
      await page.getByRole('menuitem', { name: 'Arrange' }).focus()
      await page.keyboard.press('ArrowRight')
      await page.getByRole('menuitem', { name: 'Tidy up' }).waitFor()
      await picture('menu-arrange')
      await page.getByRole('menuitem', { name: 'Tidy up' }).click()
      await expect.poll(told).toContain('Tidied 5 nodes')
      await picture('tidied')
      await page.keyboard.press('Control+z')
      expect(await text()).toBe(before)
    })

    it('have nothing that changes a flow which may only be looked at', async () => {
      await page.evaluate(() => {
        scene.open(undefined, 'You may look at it only.')
      })
      await page.waitForFunction(() => document.querySelectorAll('[data-node]').length > 4)
      await choose('net')
      await focusCanvas()
      await page.keyboard.press('Shift+F10')
      await page.getByRole('menu').waitFor()
      expect(await page.getByRole('menuitem').allTextContents()).toEqual([
        expect.stringContaining('Open its settings'),
        expect.stringContaining('Run to here'),
        expect.stringContaining('Breakpoint'),
        expect.stringContaining('Copy as text')
      ])
      await page.keyboard.press('Escape')
      // The focus is back where the keys count.
      await expect.poll(() => page.evaluate(() => document.activeElement?.hasAttribute('data-canvas'))).toBe(true)
      await page.keyboard.press('b')
      expect(await told()).toBe('You may look at it only.')
    })
  })

  describe('find', () => {
    it('shows each on the canvas, and goes to its field', async () => {
      await focusCanvas()
      await page.keyboard.press('Control+f')
      await page.keyboard.type('paid')
      await page.getByRole('listbox', { name: 'Found' }).getByRole('option').first().waitFor()
      await page.keyboard.press('ArrowDown')
      await page.keyboard.press('ArrowDown')
      await page.keyboard.press('ArrowDown')
      expect(await chosen()).toEqual(['nodes/paid'])
      await picture('find')
      expect(await checked('[role="search"]')).toEqual([])
      const covered = await page.evaluate(() => {
        const rect = (of: string): DOMRect | undefined => document.querySelector(of)?.getBoundingClientRect()
        return (rect('[data-node="paid"]')?.top ?? 0) < (rect('[data-find-box]')?.bottom ?? 0)
      })
      expect(covered).toBe(false)
      await page.keyboard.press('ArrowUp')
      expect(await chosen()).toEqual(['nodes/unpaid'])
      await page.keyboard.press('Escape')
      // On the canvas itself, or on the node that was found.
      await expect.poll(() => page.evaluate(() => document.activeElement?.closest('[data-canvas]') !== null)).toBe(true)
      await page.keyboard.press('Control+f')
      await page.keyboard.type('unpaid.csv')
      await page.getByRole('listbox', { name: 'Found' }).getByRole('option').first().waitFor()
      await page.keyboard.press('Enter')
      await expect
        .poll(() => page.evaluate(() => (document.activeElement as HTMLInputElement | null)?.value))
        .toBe('out/unpaid.csv')
    })

    it('goes through all flows and into another one', async () => {
      await focusCanvas()
      await page.keyboard.press('Control+Shift+F')
      await page.getByRole('dialog', { name: 'Find in all flows' }).waitFor()
      await page.keyboard.type('quantity')
      await page.getByText('looked through 2 of 2').waitFor()
      await picture('find-all')
      expect(await checked('[role="dialog"]')).toEqual([])
      await page
        .getByRole('option', { name: /returns/ })
        .first()
        .click()
      expect(await page.evaluate(() => scene.acts)).toEqual(['open returns'])
    })
  })

  describe('the outline', () => {
    beforeEach(async () => {
      await focusCanvas()
      await page.keyboard.press('o')
      await page.getByRole('tree').waitFor()
    })

    it('is a tree in step with the canvas', async () => {
      const tree = page.getByRole('tree', { name: 'Outline of the flow' })
      await choose('net')
      await page.getByRole('treeitem', { name: /^Net price/, selected: true }).waitFor()
      await tree.focus()
      await page.keyboard.press('Home')
      await page.keyboard.press('p')
      expect(await chosen()).toEqual(['nodes/paid'])
      await page.keyboard.press('ArrowRight')
      await page.getByRole('treeitem', { name: /match → Net price/ }).waitFor()
      await page.keyboard.press('ArrowDown')
      expect(await chosen()).toEqual(['edges/e2'])
      await page.keyboard.press('ArrowLeft')
      await page.keyboard.press('ArrowLeft')
      await page.keyboard.press('ArrowLeft')
      expect(await chosen()).toEqual(['groups/clean'])
      await picture('outline')
      expect(await checked()).toEqual([])
    })

    it('renames in place, by key on the canvas too, and says problems in words', async () => {
      await choose('net')
      await focusCanvas()
      await page.keyboard.press('F2')
      await page.getByLabel('Name of Net price').waitFor()
      await page.keyboard.type('After discount')
      await page.keyboard.press('Enter')
      await page.getByRole('treeitem', { name: /^After discount/ }).waitFor()
      await page.keyboard.press('F2')
      await page.keyboard.type('Nothing')
      await page.keyboard.press('Escape')
      expect(await text()).not.toContain('Nothing')
      expect(await page.getByRole('treeitem', { name: /^Unpaid.*\d problems?/ }).count()).toBe(1)
      await page.keyboard.press('Delete')
      expect(await text()).not.toContain('After discount')
    })

    it('draws what is in view of thousands of nodes', async () => {
      await page.evaluate(() => {
        const nodes = Array.from({ length: 5000 }, (_, at) => ({
          id: `n${at}`,
          typeId: 'flow/limit',
          version: '1.0.0'
        }))
        const edges = nodes.slice(1).map((node, at) => ({
          id: `e${at}`,
          source: { node: `n${at}`, port: 'rows' },
          target: { node: node.id, port: 'rows' }
        }))
        scene.open({ id: 'large', version: '1.0.0', nodes, edges })
        scene.session().view.setState({ outlineOpen: true })
      })
      await page.getByRole('treeitem').first().waitFor()
      expect(await page.getByRole('treeitem').count()).toBeLessThan(100)
      await page.getByRole('tree').focus()
      await page.keyboard.press('End')
      await expect.poll(chosen).toEqual(['nodes/n4999'])
    })
  })

  describe('the clipboard', () => {
    it('copies as text, and pastes it as new nodes in one step', async () => {
      await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
      await choose('paid', 'net')
      await focusCanvas()
      await page.keyboard.press('Control+c')
      expect(await told()).toBe('Copied 2 nodes as text.')
      expect(await page.evaluate(() => navigator.clipboard.readText())).toContain('weir-selection')
      const before = await text()
      await page.keyboard.press('Control+v')
      await expect.poll(chosen).toEqual(['nodes/paid-2', 'nodes/net-2'])
      await page.keyboard.press('Control+z')
      expect(await text()).toBe(before)
      await choose('net')
      await page.keyboard.press('Control+x')
      expect(await text()).not.toContain('"net"')
    })

    it('takes rows of text, and says what is to be done with them', async () => {
      await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
      await page.evaluate(() => navigator.clipboard.writeText('id;price\n1;2\n2;3\n'))
      await focusCanvas()
      await page.keyboard.press('Control+v')
      await page.getByRole('dialog', { name: 'Pasted' }).waitFor()
      await picture('pasted')
      expect(await checked('[role="dialog"]')).toEqual([])
      expect(await text()).toContain('pasted/rows.csv')
    })

    it('leaves text alone that is pasted into a field', async () => {
      await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
      await page.evaluate(() => navigator.clipboard.writeText('a;b\n1;2\n'))
      await choose('unpaid')
      await page.getByLabel('Name', { exact: true }).first().focus()
      await page.keyboard.press('Control+v')
      expect(await count('nodes')).toBe(6)
    })
  })
})
