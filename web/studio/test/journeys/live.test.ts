// A draft over what is live on a server: the run that goes on is shown again after each reload, what was changed since shows no figures,
// and rows are held in a test of the draft.
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { choose, edgeOf, nodeAt, nodeOf, picture, SAVED, type FlowFile } from './hands.ts'
import { publish, whyNot, world, type World } from './world.ts'

const reason = whyNot()
if (reason !== '') console.warn(`journeys of live flows are skipped: ${reason}`)

/** It goes on and on. */
function streamFlow(id: string): FlowFile {
  return {
    id,
    version: '1.0.0',
    nodes: [
      nodeAt('make', 'generate/pattern', { pattern: 'sequential', rows: 0, rate: 100 }, 0, 0),
      nodeAt('keep', 'logic/filter', { condition: 'row.id % 2 == 0' }, 320, 0),
      nodeAt('show', 'debug/log', { rows: 3 }, 640, 0)
    ],
    edges: [edgeOf('one', 'make.rows', 'keep.rows'), edgeOf('two', 'keep.match', 'show.rows')]
  }
}

describe.skipIf(reason !== '')('a draft over a live version', () => {
  let here: World
  const open = async (page: Page, flow: string) => {
    await page.goto(`${here.url}#/flows/${flow}/edit`)
    await page.getByText(SAVED).waitFor()
  }
  const runsOf = async (flow: string) => {
    const { runs } = (await here.api.ask('GET', `/runs?flow=${flow}`)) as { runs: { id: string; state: string }[] }
    return runs
  }
  /** The rows that the top bar counts, once it does. */
  const rowsOf = async (page: Page): Promise<number> => {
    const bar = page.getByRole('banner')
    await expect.poll(() => bar.textContent(), { timeout: 30_000 }).toMatch(/[1-9][0-9,]* rows/)
    return Number(/([0-9,]+) rows/.exec((await bar.textContent()) ?? '')?.[1]?.replaceAll(',', ''))
  }

  beforeAll(async () => {
    here = await world({ base: '/weir/' })
    for (const id of ['reloaded', 'changed', 'held']) await publish(here.api, { ...streamFlow(id) })
  })
  afterAll(async () => {
    await here.end()
  })

  it('shows the live run again after each of ten reloads, and starts no other', async () => {
    await here.api.ask('POST', '/flows/reloaded/runs', {})
    const page = await here.page('editor')
    await open(page, 'reloaded')
    let before = 0
    for (let i = 0; i < 10; ++i) {
      await page.getByRole('banner').getByText('Live 1 on server').waitFor()
      const rows = await rowsOf(page)
      expect(rows).toBeGreaterThanOrEqual(before)
      before = rows
      await page.reload()
    }
    expect((await runsOf('reloaded')).map((run) => run.state)).toEqual(['running'])
    await page.context().close()
  })

  it('hatches what was changed since, without figures, and shows a test of the draft again, too', async () => {
    await here.api.ask('POST', '/flows/changed/runs', {})
    const page = await here.page('admin')
    await open(page, 'changed')
    await page.getByRole('banner').getByText('Live 1 on server').waitFor()
    await rowsOf(page)
    await choose(page, 'keep')
    await page.getByRole('heading', { name: 'Figures · Live 1 on server' }).waitFor()
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Even ids')
    await page.getByRole('checkbox', { name: /^Bypass/ }).check()
    await page.getByRole('button', { name: /^Even ids, .*not running yet/ }).waitFor()
    await page.getByText('Not running yet: it is not what Live 1 on server has.').waitFor()
    expect(await nodeOf(page, 'make').getAttribute('aria-label')).not.toContain('not running yet')
    await picture(page, 'draft-over-live')
    await page.getByText(SAVED).waitFor()
    // The one button is for tests: it does not stop what is live.
    await page.getByRole('banner').getByRole('button', { name: 'Run' }).click()
    await page.getByRole('banner').getByText('Test of draft').waitFor()
    await rowsOf(page)
    await page.reload()
    await page.getByRole('banner').getByText('Test of draft').waitFor()
    await rowsOf(page)
    await page.getByRole('banner').getByRole('button', { name: 'Stop' }).click()
    await page.getByText('nothing lost').first().waitFor({ timeout: 40_000 })
    expect((await runsOf('changed')).filter((run) => run.state === 'running').length).toBe(1)
    await page.context().close()
  })

  it('holds a row at a breakpoint, takes another value for it, and lets it go on', async () => {
    const page = await here.page('admin')
    await open(page, 'held')
    for (const node of ['keep', 'show']) {
      await choose(page, node)
      await page.keyboard.press('F9')
    }
    await page.getByRole('banner').getByRole('button', { name: 'Run' }).click()
    const held = page.getByRole('region', { name: 'Held row' })
    await held.getByText('Pattern → Filter').waitFor()
    await page.getByRole('banner').getByRole('button', { name: 'Resume' }).waitFor()
    await held.getByRole('textbox', { name: /^value/ }).fill('4711')
    await picture(page, 'held')
    await held.getByRole('button', { name: 'Go on with the changes' }).click()
    // It is held again behind the filter, as it was changed; the one that came after it is held before the filter.
    await held.getByText('1 of 2').waitFor()
    if ((await held.getByText('Filter → Log').count()) === 0) await held.getByRole('button', { name: 'Next' }).click()
    await held.getByText('Filter → Log').waitFor()
    expect(await held.getByRole('textbox', { name: /^value/ }).inputValue()).toBe('4711')
    // Without breakpoints nothing is held.
    for (const node of ['show', 'keep']) {
      await choose(page, node)
      await page.getByRole('button', { name: /Breakpoint set/ }).click()
    }
    await held.waitFor({ state: 'detached' })
    await page.getByRole('banner').getByRole('button', { name: 'Stop' }).waitFor()
    await page.getByRole('banner').getByRole('button', { name: 'Stop' }).click()
    await page.getByRole('banner').getByRole('button', { name: 'Run' }).waitFor({ timeout: 40_000 })
    await page.context().close()
  })
})
