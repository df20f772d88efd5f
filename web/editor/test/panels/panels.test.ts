// The panels in a real page, under the policy of a server; pictures go to build/panels.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type axeCore from 'axe-core'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'
import { hasBrowser, panelWorld, picturePath } from './page/world.ts'
import type { PanelWorld } from './page/world.ts'
import type { Scene } from './page/main.tsx'

declare const scene: Scene
declare const axe: typeof axeCore

describe.skipIf(!hasBrowser)('panels in a page', { timeout: 180_000 }, () => {
  let world: PanelWorld
  let page: Page

  beforeAll(async () => {
    world = await panelWorld()
    page = world.page
    const source = createRequire(new URL('../../../studio/package.json', import.meta.url)).resolve(
      'axe-core/axe.min.js'
    )
    await page.evaluate(readFileSync(source, 'utf8'))
  })
  afterAll(async () => {
    await world.end()
  })

  async function picture(name: string): Promise<void> {
    for (const theme of ['dark', 'light', 'contrast']) {
      await page.evaluate((one) => {
        document.documentElement.dataset.theme = one
      }, theme)
      await page.screenshot({ path: picturePath(`${name}-${theme}.png`) })
    }
    await page.evaluate(() => {
      document.documentElement.dataset.theme = 'dark'
    })
  }

  /** What axe finds in each theme. */
  async function checked(): Promise<string[]> {
    const found: string[] = []
    for (const theme of ['dark', 'light', 'contrast']) {
      found.push(
        ...(await page.evaluate(async (one) => {
          document.documentElement.dataset.theme = one
          const { passes, violations } = await axe.run('#root')
          if (passes.length < 10) return [`only ${passes.length} checks ran`]
          return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${one} ${id}: ${node.html.slice(0, 200)}`))
        }, theme))
      )
    }
    await page.evaluate(() => {
      document.documentElement.dataset.theme = 'dark'
    })
    return found
  }

  const choose = (kind: 'nodes' | 'edges', ...ids: string[]): Promise<void> =>
    page.evaluate(
      ([what, which]) => {
        scene.session.selection.set(which.map((id) => ({ kind: what, id })))
      },
      [kind, ids] as const
    )
  const settingsOf = (id: string): Promise<string> =>
    page.evaluate((node) => {
      const text = scene.session.document.text()
      const found = (JSON.parse(text) as { nodes: { id: string; settings?: unknown }[] }).nodes.find(
        (each) => each.id === node
      )
      return JSON.stringify(found?.settings)
    }, id)

  it('show a condition as rows over a sample, and write what is chosen there', async () => {
    await page.evaluate(() => {
      scene.session.run.setState({ shown: new scene.FakeRun('sample', 'Sample', 'done') })
    })
    await choose('nodes', 'paid')
    await page
      .getByText(/\d+ kept/)
      .first()
      .waitFor()
    await picture('node-condition')
    expect(await checked()).toEqual([])
    await page.getByLabel('Condition 2: comparison').selectOption('atLeast')
    await page.getByLabel('Condition 2: value').fill('3')
    await expect.poll(() => settingsOf('paid')).toContain('row.quantity >= 3')
    expect(await page.evaluate(() => scene.session.history.undoLabel)).toBe('Change condition')
  })

  it('show the text of a formula with colours, completion, what is wrong, and habits rewritten', async () => {
    await page.getByRole('button', { name: 'as formula' }).click()
    const text = page.getByRole('textbox', { name: 'Condition' })
    await text.click()
    await page.keyboard.press('Control+a')
    await page.keyboard.type('row.')
    await page.getByRole('listbox').waitFor()
    await picture('formula-completion')
    await page.keyboard.type('statos == "paid"')
    await page.keyboard.press('Escape')
    await page.getByText("there is no field 'statos'.").first().waitFor()
    await picture('formula-wrong')
    expect.soft(await checked()).toEqual([])
    await page.keyboard.press('Control+a')
    await page.keyboard.type('status = "paid" AND quantity <> 5')
    await page.getByText('Read as CEL').waitFor()
    await page.getByLabel('Name').focus()
    await page.getByText('Rewritten').waitFor()
    expect(await settingsOf('paid')).toContain('row.status == \\"paid\\" && row.quantity != 5')
    await page.getByRole('button', { name: 'as rows' }).click()
    expect(await page.getByLabel('Condition 2: comparison').inputValue()).toBe('isNot')
  })

  it('show a long form with its help, defaults and what is wrong, and lead problems to their fields', async () => {
    await choose('nodes', 'read')
    await page.getByLabel('Longest record', { exact: true }).waitFor({ state: 'attached' })
    await page.getByText(/More settings/).click()
    await page.getByLabel('Longest record', { exact: true }).fill('1 kiB')
    await page.getByText(/Expected a size/).waitFor()
    expect(await settingsOf('read')).not.toContain('maxRecordBytes')
    await page.getByLabel('Longest record', { exact: true }).fill('512GiB')
    await page.getByText(/is more than/).waitFor()
    await picture('node-long-form')
    expect.soft(await checked()).toEqual([])
    await page.getByLabel('Longest record', { exact: true }).fill('2MiB')
    await page.getByRole('button', { name: 'Reset Longest record' }).click()
    expect(await settingsOf('read')).not.toContain('maxRecordBytes')
    await page.getByRole('tab', { name: /Problems/ }).click()
    await picture('problems')
    expect.soft(await checked()).toEqual([])
    await page.getByRole('button', { name: "Call it 'columns'" }).click()
    await expect.poll(() => settingsOf('unpaid')).toContain('"columns":["id"]')
    await choose('nodes', 'sum')
    await page.evaluate(() => {
      scene.session.do(
        [{ op: 'set', kind: 'nodes', id: 'sum', path: '/settings/memoryBytes', value: 'much' }],
        'Break it'
      )
    })
    await page.getByRole('button', { name: /found "much"/ }).click()
    await expect
      .poll(() =>
        page.evaluate(
          () =>
            document.activeElement?.getAttribute('id') !== null && (document.activeElement as HTMLInputElement).value
        )
      )
      .toBe('much')
    await picture('node-lists')
    expect.soft(await checked()).toEqual([])
    await page.evaluate(() => {
      scene.session.undo()
    })
  })

  it('share a form among several nodes, and keep all of what is not known', async () => {
    await choose('nodes', 'paid', 'net')
    await page.getByText('2 nodes').waitFor()
    await page.getByText('When things go wrong').click()
    await page.getByLabel('Attempts', { exact: true }).fill('7')
    await page.getByLabel('Time for one row or call', { exact: true }).fill('1m30s')
    await picture('several-nodes')
    const nodes = await page.evaluate(() =>
      scene.session.document.nodes().map((node) => [node.id, node.retry.attempts, node.timeoutMs])
    )
    expect(nodes).toContainEqual(['paid', 7, 90_000])
    expect(nodes).toContainEqual(['net', 7, 90_000])
    await choose('nodes', 'odd')
    await page.getByLabel('Settings as JSON').waitFor()
    await picture('unknown-node')
    expect(await page.evaluate(() => scene.session.document.text())).toContain('"x-kept": [1, { "a": null }]')
  })

  it('write out the equation of an edge, and report what does not add up', async () => {
    await page.evaluate(() => {
      const run = new scene.FakeRun('test', 'Test of draft', 'running')
      const counts = { filtered: 0, dropped: 340, discarded: 0, failed: 12, held: 53_120, taken: 1_241_774 }
      run.figures.last = {
        elapsedMicros: 0,
        usedBytes: 0,
        peakBytes: 0,
        deadLetters: 0,
        errors: 0,
        nodes: [{ id: 'paid', stepNanos: { p95: 210_000 } }],
        edges: [{ id: 'e2', offered: 1_295_246, ...counts }]
      }
      run.figures.write(
        [{ id: 'paid', rowsIn: 1_700_000, rowsOut: 1_295_246, inRate: 1.28e6, outRate: 1.02e6, busy: 0.18 }],
        [{ id: 'e1', waiting: 9216, fill: 0.14 }]
      )
      run.facts.setState({ heldUpBy: 'sum', aside: 12, dropped: 340 })
      Object.assign(window, { run })
      scene.session.run.setState({ shown: run })
    })
    await choose('edges', 'e2')
    await page.getByText('given by the source').waitFor()
    await picture('edge')
    await page.evaluate(() => {
      const { run } = window as unknown as { run: InstanceType<Scene['FakeRun']> }
      const [edge] = run.figures.last?.edges ?? []
      if (edge !== undefined) edge.taken = 1_241_700
      run.figures.write([], [{ id: 'e2', waiting: 1 }])
    })
    await page
      .getByRole('alert')
      .getByText(/fault of the engine/)
      .waitFor()
    await picture('edge-imbalance')
    expect.soft(await checked()).toEqual([])
    await page.getByLabel('Rows that may wait', { exact: true }).fill('1000')
    await page.getByLabel('Bytes that may wait', { exact: true }).fill('64MiB')
    const edge = await page.evaluate(() => JSON.stringify(scene.session.document.edge('e2')?.buffer))
    expect(JSON.parse(edge)).toMatchObject({ rows: 1000, bytes: 64 * 1024 * 1024 })
  })

  it('set a breakpoint with its condition', async () => {
    await page.getByRole('button', { name: /^Breakpoint/ }).click()
    await page.getByLabel('Holds rows where').fill('row.id = 3')
    await page.keyboard.press('Enter')
    await page.getByLabel('From the').fill('2')
    await page.getByRole('button', { name: 'Breakpoint set' }).focus()
    expect(await page.evaluate(() => scene.session.view.getState().breakpoints)).toEqual([
      { edge: 'e2', where: 'row.id == 3', after: 2 }
    ])
    await picture('breakpoint')
    await page.getByRole('button', { name: 'Breakpoint set' }).click()
    expect(await page.evaluate(() => scene.session.view.getState().breakpoints)).toEqual([])
  })

  it('follow a tap with exact counts, offer nodes behind it, and copy and sort the shown rows', async () => {
    await page.evaluate(() => {
      scene.session.view.setState({ tapped: 'e2' })
      scene.session.selection.set([{ kind: 'nodes', id: 'paid' }])
    })
    await page.getByRole('tab', { name: 'Data' }).click()
    await page.getByText('Waiting for rows from Paid orders.').waitFor()
    await picture('data-waiting')
    await page.getByLabel('where').fill('price > 500')
    await page.keyboard.press('Enter')
    await page.waitForFunction(() => {
      const { run } = window as unknown as { run: InstanceType<Scene['FakeRun']> }
      return run.taps.some((tap) => tap.options.where === 'price > 500' || tap.options.where === 'row.price > 500')
    })
    await page.evaluate(() => {
      const { run } = window as unknown as { run: InstanceType<Scene['FakeRun']> }
      const tap = run.taps.filter((each) => each.options.where !== undefined).at(-1)
      tap?.give(scene.orderBatch(200), { passed: 52_431_870, seen: 1_241_774, matched: 31_044, shown: 200, failed: 0 })
    })
    await page.getByText(/showing 200 of 31,044 matches in 1,241,774 seen, ≈.52.4.M passed/).waitFor()
    await page.getByRole('gridcell', { name: 'island' }).first().click()
    await page.getByRole('button', { name: 'Keep only island' }).waitFor()
    await picture('data-cell')
    expect.soft(await checked()).toEqual([])
    await page.getByRole('button', { name: /^region/ }).click()
    await page.getByRole('button', { name: 'Sort ↓' }).click()
    await page
      .getByText(/in the shown rows/)
      .first()
      .waitFor()
    expect(await page.getByRole('gridcell').nth(3).textContent()).toBe('west')
    await page.getByRole('button', { name: 'Chart' }).click()
    await picture('data-column')
    expect.soft(await checked()).toEqual([])
    await page.getByRole('button', { name: 'Close the view' }).click()
    await page.getByRole('button', { name: 'Summarise by region' }).click()
    const made = await page.evaluate(() => [...scene.session.selection.ids('nodes')])
    expect(await settingsOf(made[0] ?? '')).toContain('"keys":["region"]')
    expect(await page.evaluate(() => scene.session.document.edge('e2')?.target.node)).toBe(made[0])
    await page.evaluate(() => {
      scene.session.undo()
    })
  })

  it('are walked through by keyboard', async () => {
    await page.getByRole('grid').focus()
    for (const key of ['ArrowDown', 'ArrowDown', 'ArrowRight', 'End', 'PageDown']) await page.keyboard.press(key)
    const active = await page.getByRole('grid').getAttribute('aria-activedescendant')
    expect(active).toMatch(/-\d+-6$/)
    await page.getByRole('tab', { name: 'Data' }).focus()
    await page.keyboard.press('ArrowRight')
    await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe('Log')
    await page.getByRole('separator').focus()
    const before = await page.evaluate(() => scene.session.view.getState().bottom.height)
    await page.keyboard.press('ArrowUp')
    expect(await page.evaluate(() => scene.session.view.getState().bottom.height)).toBe(before + 24)
    expect(await page.evaluate(() => localStorage.getItem('weir.editor.bottom'))).toBe(String(before + 24))
  })

  it('show the log, what was set aside by cause, and give rows again as edited', async () => {
    await page.evaluate(() => {
      const { run } = window as unknown as { run: InstanceType<Scene['FakeRun']> }
      const levels = ['info', 'warning', 'error', 'debug'] as const
      const lines = Array.from({ length: 10_000 }, (_, i) => ({
        at: 1_772_623_207_120 - i,
        level: levels[i % 4] ?? 'info',
        node: i % 3 === 0 ? 'read' : 'net',
        message: `line ${i}: a row was looked at`
      }))
      run.log.setState({ lines, dropped: 120 })
      run.letters = Array.from({ length: 12 }, (_, i) => ({
        code: i < 9 ? 'cel.divide' : 'csv.ragged',
        nodeId: i < 9 ? 'net' : 'read',
        message: i < 9 ? `division by zero in row ${i}` : `expected 7 fields, found ${i}`,
        row: { id: i, price: 1.5 },
        time: '2026-03-04T12:20:07Z',
        traceId: `t${i}`,
        tries: 1
      }))
    })
    await page.getByRole('tab', { name: 'Log' }).click()
    await page.getByLabel('Text in the line').fill('line 99')
    await page.getByText(/82 of 10,000 lines/).waitFor()
    await picture('log')
    expect.soft(await checked()).toEqual([])
    expect(await page.getByRole('log').locator('[title]').count()).toBeLessThan(40)
    await page.getByRole('tab', { name: /Set aside/ }).click()
    await page.getByText('✕ 9').waitFor()
    await page.getByRole('button', { name: 'Edit' }).first().click()
    await page.getByLabel('Row', { exact: true }).fill('{ "id": 3,')
    await page.getByText('This is no row').waitFor()
    await page.getByLabel('Row', { exact: true }).fill('{ "id": 3 }')
    await picture('aside')
    expect.soft(await checked()).toEqual([])
    await page.getByRole('button', { name: 'Replay as edited' }).click()
    const acts = await page.evaluate(() =>
      JSON.stringify((window as unknown as { run: InstanceType<Scene['FakeRun']> }).run.acts)
    )
    expect(acts).toContain('"row":{"id":3},"time"')
    expect(acts).toContain('"edited":true')
  })

  it('show a result to be taken away, and hold a row to be edited', async () => {
    await page.evaluate(() => {
      scene.session.run.setState({ shown: new scene.FakeRun('finished', 'Finished 12:04', 'done') })
    })
    await page.getByRole('tab', { name: 'Result' }).click()
    await page.getByText('done, nothing lost').waitFor()
    const saving = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Download CSV' }).click()
    expect((await saving).suggestedFilename()).toBe('Revenue-by-region.csv')
    await page.evaluate(() => {
      const run = new scene.FakeRun('test', 'Test of draft', 'held')
      const row = { id: 5240012, status: 'open', quantity: 0, net: 12.5, note: null }
      const types = { id: 'int', status: 'string', quantity: 'int', net: 'double', note: 'string' }
      run.facts.setState({
        endedAt: undefined,
        held: [{ held: 4, breakpoint: 1, edge: 'e2', source: 'paid', target: 'net', row, types, rowsBehind: 53_120 }]
      })
      Object.assign(window, { run })
      scene.session.run.setState({ shown: run })
    })
    await page
      .getByLabel('Held row')
      .getByLabel(/quantity/)
      .fill('many')
    await page.getByText('"many" is no int.').waitFor()
    await picture('held')
    expect.soft(await checked()).toEqual([])
    await page
      .getByLabel('Held row')
      .getByLabel(/quantity/)
      .fill('3')
    await page.getByRole('button', { name: 'Go on with the changes' }).click()
    const acts = await page.evaluate(() =>
      JSON.stringify((window as unknown as { run: InstanceType<Scene['FakeRun']> }).run.acts)
    )
    expect(acts).toBe('[{"goOn":4,"row":{"quantity":3}}]')
  })

  it('show the flow itself when nothing is chosen', async () => {
    await page.evaluate(() => {
      scene.session.run.setState({ shown: undefined })
      scene.session.selection.clear()
    })
    await page.getByText(/^Parameters ·/).click()
    await picture('flow')
    expect.soft(await checked()).toEqual([])
    await page.getByRole('textbox', { name: 'Description' }).fill('Paid orders')
    expect(await page.evaluate(() => scene.session.document.text())).toContain('"description": "Paid orders"')
  })

  it('went without a complaint of the browser, under its policy', () => {
    expect(world.complaints).toEqual([])
  })
})
