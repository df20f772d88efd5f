// What people do in the studio against a real server: a run, a row that is mended and replayed, a channel, a schedule, being away.
import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { typesOf } from '../../scripts/write-types.mjs'
import { PASSWORD, publish, ROLES, sharesFlow, whyNot, world, type World } from './world.ts'

const reason = whyNot()
if (reason !== '') console.warn(`journeys of the studio are skipped: ${reason}`)

describe.skipIf(reason !== '')('the studio', () => {
  let here: World
  const pages = new Map<string, Page>()

  /** The page of a person, signed in once. */
  async function pageOf(name: string): Promise<Page> {
    const known = pages.get(name)
    if (known !== undefined) return known
    const page = await here.page(name)
    pages.set(name, page)
    return page
  }

  const go = (page: Page, address: string) => page.goto(`${here.url}#${address}`)

  beforeAll(async () => {
    here = await world()
    await publish(here.api, sharesFlow())
  })
  afterAll(async () => {
    await here.end()
  })

  it('has types of the API that are those of the server', async () => {
    const document: unknown = await (await fetch(`${here.api.url}/api/v1/openapi.json`)).json()
    const kept = readFileSync(new URL('../../src/api/schema.gen.ts', import.meta.url), 'utf8')
    expect(await typesOf(document), 'run scripts/write-types.mjs with a server').toBe(kept)
  })

  it('starts a run and sees it end, and lists it', async () => {
    const page = await pageOf('operator')
    await go(page, '/flows')
    await page.getByRole('button', { name: 'Run shares' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Run', exact: true }).click()
    await page.waitForURL(/#\/runs\/./)
    await page.getByText('done', { exact: true }).first().waitFor()
    await page.getByText('1 set aside', { exact: true }).waitFor()
    await go(page, '/runs?state=done')
    await page.getByRole('row').filter({ hasText: 'shares' }).first().getByText('20', { exact: true }).waitFor()
  })

  it('mends a row that was set aside, replays it, and it goes through', async () => {
    const run = await here.api.ended('shares')
    const page = await pageOf('editor')
    await go(page, `/runs/${run}?tab=aside`)
    await page.getByRole('button', { name: 'Mend row 1' }).click()
    const row = page.getByLabel('The row')
    await row.fill('{')
    await page.getByText(/^No JSON/).waitFor()
    expect(await page.getByRole('button', { name: 'Keep the row' }).isDisabled()).toBe(true)
    await row.fill('{"ts": "2026-01-01T00:00:00Z", "id": 8, "value": 7}')
    await page.getByRole('button', { name: 'Keep the row' }).click()
    await page.getByText('mended', { exact: true }).waitFor()
    await page.getByRole('button', { name: 'Replay all' }).click()
    await page.waitForURL((url) => !url.hash.includes(run))
    await page.getByText('done', { exact: true }).first().waitFor()
    await go(page, `/runs/${run}?tab=aside`)
    await page.getByText('Nothing is set aside').waitFor()
  })

  it('shows people what their role lets them do, and the server refuses the rest', async () => {
    const run = await here.api.ended('shares')
    const seen: Record<string, string[]> = {}
    for (const role of ROLES) {
      const page = await pageOf(role)
      await go(page, '/flows')
      await page.getByRole('row').filter({ hasText: 'shares' }).waitFor()
      const names = ['Run shares', 'Import a flow']
      const there = []
      for (const name of names) if (await page.getByRole('button', { name }).isVisible()) there.push(name)
      if (await page.getByRole('link', { name: 'Admin' }).isVisible()) there.push('Admin')
      await go(page, `/runs/${run}?tab=aside`)
      await page.getByRole('row').filter({ hasText: 'cel.divide_by_zero' }).waitFor()
      for (const name of ['Replay all', 'Throw all away', 'Mend row 1']) {
        if (await page.getByRole('button', { name }).isVisible()) there.push(name)
      }
      seen[role] = there
    }
    expect(seen).toEqual({
      viewer: [],
      operator: ['Run shares', 'Replay all'],
      editor: ['Run shares', 'Import a flow', 'Admin', 'Replay all', 'Throw all away', 'Mend row 1'],
      admin: ['Run shares', 'Import a flow', 'Admin', 'Replay all', 'Throw all away', 'Mend row 1']
    })
    const viewer = await pageOf('viewer')
    const forced = await viewer.evaluate(async () => {
      const session = (await (await fetch('/api/v1/session')).json()) as { csrf: string }
      const answer = await fetch('/api/v1/flows/shares/runs', {
        method: 'POST',
        headers: { 'x-weir-csrf': session.csrf, 'content-type': 'application/json' },
        body: '{}'
      })
      return answer.status
    })
    expect(forced).toBe(403)
    await go(viewer, '/administration/users')
    await viewer.getByText('Nothing here is yours to see').waitFor()
  })

  it('makes a channel and sends a test, which arrives', async () => {
    const taken: string[] = []
    const receiver: Server = createServer((asked, answer) => {
      let body = ''
      asked.on('data', (piece: Buffer) => (body += piece.toString()))
      asked.on('end', () => {
        taken.push(body)
        answer.writeHead(204).end()
      })
    })
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
    const { port } = receiver.address() as AddressInfo
    try {
      await here.api.ask('PUT', '/network', { allow: [`127.0.0.1:${port}`] })
      const page = await pageOf('root')
      await go(page, '/alerts?part=channels')
      await page.getByRole('button', { name: 'New channel' }).click()
      await page.getByLabel('Name').fill('ops')
      await page.getByLabel('Kind').selectOption('webhook')
      await page.getByLabel('Address').fill(`http://127.0.0.1:${port}/hook`)
      await page.getByRole('button', { name: 'Keep the channel' }).click()
      await page.getByRole('button', { name: 'Send test to ops' }).click()
      await page.getByText('the test was taken').waitFor()
      expect(taken).toHaveLength(1)
    } finally {
      receiver.closeAllConnections()
      receiver.close()
    }
  })

  it('shows an alert within two seconds of its being raised, wherever somebody is', async () => {
    const page = await pageOf('operator')
    await go(page, '/nodes')
    await page.getByRole('heading', { name: 'Nodes', level: 1 }).waitFor()
    await here.api.ask('PUT', '/alert-rules/threads', { name: 'Threads', metric: 'process_threads', over: 0, forMs: 0 })
    for (;;) {
      const { alerts } = (await here.api.ask('GET', '/alerts?state=raised')) as { alerts: unknown[] }
      if (alerts.length > 0) break
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    await page.getByRole('link', { name: /Alerts 1 raised/ }).waitFor({ timeout: 2000 })
    await go(page, '/alerts')
    await page.getByRole('button', { name: 'Acknowledge Threads' }).click()
    await page.getByText('Others see that you deal with it.').waitFor()
    await here.api.ask('DELETE', '/alert-rules/threads')
  })

  it('plans a schedule, shows its next five times, runs it now and pauses it', async () => {
    const page = await pageOf('editor')
    await go(page, '/schedules')
    await page.getByRole('button', { name: 'New schedule' }).click()
    await page.getByLabel('Name').fill('mornings')
    await page.getByLabel('Time zone').fill('Europe/Berlin')
    await page.getByRole('button', { name: 'Plan it' }).click()
    const row = page.getByRole('row').filter({ hasText: 'mornings' })
    await row.getByRole('listitem').nth(4).waitFor()
    expect(await row.getByRole('listitem').count()).toBe(5)
    await row.getByRole('button', { name: 'Run now: mornings' }).click()
    await row.getByText('by hand').waitFor()
    await row.getByRole('button', { name: 'Pause mornings' }).click()
    await row.getByText('paused', { exact: true }).waitFor()
  })

  it('is led by keys: commands, places, the list of keys, search', async () => {
    const page = await pageOf('viewer')
    await go(page, '/flows')
    await page.getByRole('heading', { name: 'Flows' }).waitFor()
    await page.keyboard.press('g')
    await page.keyboard.press('r')
    await page.getByRole('heading', { name: 'Runs' }).waitFor()
    await page.keyboard.press('?')
    await page.getByRole('dialog', { name: 'Keys' }).waitFor()
    await page.keyboard.press('Escape')
    await page.keyboard.press('Control+k')
    await page.keyboard.type('nodes')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Nodes', level: 1 }).waitFor()
    await page.keyboard.press('/')
    await page.keyboard.type('vlookup')
    await page.waitForURL(/words=vlookup/)
    await page.getByRole('heading', { name: /join/i }).first().waitFor()
  })

  it('says when the server is away and keeps what was read', async () => {
    const page = await pageOf('root')
    await go(page, '/flows')
    await page.getByRole('row').filter({ hasText: 'shares' }).waitFor()
    await page.route('**/api/**', (route) => route.abort())
    await page.getByText('The server does not answer').waitFor()
    expect(await page.getByRole('row').filter({ hasText: 'shares' }).isVisible()).toBe(true)
    await page.unroute('**/api/**')
    await page.getByText('The server does not answer').waitFor({ state: 'hidden' })
  })

  it('forgets what was read when somebody signs out, and goes on where the next one wanted', async () => {
    const page = await here.page('operator')
    await go(page, '/runs?state=done')
    await page.getByRole('heading', { name: 'Runs' }).waitFor()
    await page.getByRole('button', { name: 'Your account' }).click()
    await page.getByRole('menuitem', { name: 'Sign out' }).click()
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
    await page.getByLabel('Name').fill('viewer')
    await page.getByLabel('Password').fill('not the password')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByText('Check the name and the password').waitFor()
    await page.getByLabel('Password').fill(PASSWORD)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.waitForURL(/#\/runs\?state=done/)
    await page.getByRole('contentinfo').getByText('viewer').waitFor()
  })
})
