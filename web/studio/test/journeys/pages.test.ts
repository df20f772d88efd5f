// Every page in both themes: nothing serious for axe-core, and nothing that the policy of a server refuses.
import { mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { publish, sharesFlow, signIn, whyNot, world, type World } from './world.ts'

const reason = whyNot()
if (reason !== '') console.warn(`journeys of the studio are skipped: ${reason}`)

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
/** Where pictures of all pages go, if somebody wants to look at them. */
const PICTURES = process.env.WEIR_PICTURES ?? ''

const NAMED: readonly (readonly [name: string, address: string, ready: string])[] = [
  ['flows', '/flows', 'shares'],
  ['bin', '/flows?bin=true', 'The bin is empty'],
  ['runs', '/runs', 'shares'],
  ['compare-none', '/runs/compare', 'Two runs are needed'],
  ['schedules', '/schedules', 'mornings'],
  ['alerts', '/alerts', 'Raised'],
  ['rules', '/alerts?part=rules', 'New rule'],
  ['channels', '/alerts?part=channels', 'Nobody else is told'],
  ['nodes', '/nodes?node=files/csv-read', 'Delimiter'],
  ['users', '/administration/users', 'viewer'],
  ['groups', '/administration/groups', 'There is no group'],
  ['grants', '/administration/grants', 'everywhere'],
  ['secrets', '/administration/secrets', 'There is no secret'],
  ['mounts', '/administration/mounts', 'There is no mount'],
  ['audit', '/administration/audit', 'flow.created'],
  ['storage', '/administration/storage', 'Records'],
  ['settings', '/settings', 'Sessions']
]

interface Finding {
  id: string
  impact: string
  nodes: string[]
}

/** What axe-core holds to be serious or worse. */
async function findings(page: Page): Promise<Finding[]> {
  await page.evaluate(AXE)
  return await page.evaluate(async () => {
    const { axe } = window as unknown as {
      axe: { run(): Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }> }
    }
    const { violations } = await axe.run()
    return violations
      .filter((one) => one.impact === 'serious' || one.impact === 'critical')
      .map((one) => ({ id: one.id, impact: one.impact, nodes: one.nodes.map((node) => node.html).slice(0, 3) }))
  })
}

async function picture(page: Page, name: string): Promise<void> {
  if (PICTURES === '') return
  mkdirSync(PICTURES, { recursive: true })
  await page.screenshot({ path: `${PICTURES}/${name}.png` })
}

describe.skipIf(reason !== '')('the pages', () => {
  let here: World
  let run = ''

  beforeAll(async () => {
    here = await world({ base: '/weir/' })
    await publish(here.api, sharesFlow())
    run = await here.api.ended('shares')
    await here.api.ask('POST', '/flows/shares/schedules', {
      name: 'mornings',
      cron: '0 6 * * *',
      timeZone: 'Europe/Berlin'
    })
  })
  afterAll(async () => {
    await here.end()
  })

  describe.each(['dark', 'light'] as const)('in %s', (theme) => {
    it('are clean for axe-core and load nothing that the policy refuses', async () => {
      const page = await here.page(undefined, theme)
      const refused: string[] = []
      page.on('console', (message) => {
        if (/Content Security Policy|Refused to/.test(message.text())) refused.push(message.text())
      })
      page.on('pageerror', (error) => refused.push(error.message))
      await page.goto(here.url)
      await page.getByRole('heading', { name: 'Sign in' }).waitFor()
      const found: Record<string, Finding[]> = { 'sign-in': await findings(page) }
      await picture(page, `${theme}-sign-in`)
      await signIn(page, here.url, 'root')
      expect(await page.evaluate(() => document.documentElement.dataset.theme)).toBe(theme)
      const tabs = ['', '?tab=figures', '?tab=log', '?tab=aside'].map(
        (tab) => [`run${tab.replace('?tab=', '-')}`, `/runs/${run}${tab}`, 'shares'] as const
      )
      const compared = ['compare', `/runs/compare?a=${run}&b=${run}`, 'Rows read'] as const
      for (const [name, address, ready] of [...NAMED, ...tabs, compared]) {
        await page.goto(`${here.url}#${address}`)
        await page.locator('main').getByText(ready).filter({ visible: true }).first().waitFor()
        found[name] = await findings(page)
        await picture(page, `${theme}-${name}`)
      }
      await page.keyboard.press('Control+k')
      await page.getByRole('dialog').waitFor()
      found.commands = await findings(page)
      await picture(page, `${theme}-commands`)
      expect(Object.fromEntries(Object.entries(found).filter(([, list]) => list.length > 0))).toEqual({})
      expect(refused).toEqual([])
    })
  })
})
