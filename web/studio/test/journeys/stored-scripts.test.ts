// Script in every stored string: names, notes, labels, columns, cells, errors, files. Every page is shown, and nothing of it runs.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Page } from 'playwright-core'
import { addressesOf, goTo } from './all-pages.ts'
import { complaints, edge, node, openFlow, startSite, type Site } from './site.ts'
import { PASSWORD, signIn, whyNot, world, type World } from './world.ts'

const reason = whyNot()
if (reason !== '') console.warn(`stored scripts are not looked for: ${reason}`)

const EVIL = '"><img src=x onerror="window.ran=1"><script>window.ran=1</script>'
const LINK = '[press](javascript:window.ran=1) <a href="javascript:window.ran=1">here</a> ![x](javascript:window.ran=1)'

/** A flow whose every string is one; its rows fail with it, too. */
function evilFlow(id: string): { id: string; [part: string]: unknown } {
  const text = JSON.stringify(EVIL)
  const columns = { [EVIL]: text, link: JSON.stringify('javascript:window.ran=1'), region: text }
  return {
    id,
    version: '1.0.0',
    metadata: { description: EVIL + LINK, tags: [EVIL], author: EVIL },
    nodes: [
      node('make', 'generate/pattern', { rows: 40, batchRows: 10 }, 0, 80, { name: EVIL }),
      node('cells', 'logic/map', { set: columns }, 280, 80, { name: EVIL, note: LINK }),
      node('fail', 'logic/map', { set: { n: 'row.id % 2 == 0 ? 1 : int(row.region)' } }, 560, 80, { name: EVIL }),
      node('log', 'debug/log', { rows: 3, label: EVIL }, 840, 80, { name: EVIL }),
      node('odd', `acme/${EVIL}`, { [EVIL]: EVIL }, 0, 260, { name: EVIL })
    ],
    edges: [edge('e1', 'make', 'cells'), edge('e2', 'cells', 'fail'), edge('e3', 'fail', 'log')],
    groups: [{ id: 'box', name: EVIL, position: { x: -40, y: 40 }, size: { width: 520, height: 160 } }],
    notes: [{ id: 'note', text: `# ${EVIL}\n\n${LINK}`, position: { x: 0, y: 400 }, size: { width: 300, height: 160 } }]
  }
}

/** What of it is more than text on this page. */
async function alive(page: Page): Promise<string[]> {
  return await page.evaluate(() => {
    const found = document.querySelectorAll(
      'img[src="x"], script:not([src]), [onerror], a[href^="javascript:" i], iframe'
    )
    const ran = 'ran' in window ? ['it ran'] : []
    return [...ran, ...[...found].map((element) => element.outerHTML)]
  })
}

describe.skipIf(reason !== '')('script in stored strings', () => {
  let site: Site
  let here: World
  beforeAll(async () => {
    site = await startSite()
    here = await world({ base: '/weir/' })
  })
  afterAll(async () => {
    await here.end()
    await site.end()
  })

  it(
    'does nothing in the editor: canvas, panels, tables, log, result, outline, find',
    { timeout: 600_000 },
    async () => {
      const page = await site.page()
      const wrong = complaints(page)
      const found: string[] = []
      const look = async (where: string): Promise<void> => {
        found.push(...(await alive(page)).map((one) => `${where}: ${one}`))
      }
      const flow = evilFlow('evil')
      await openFlow(page, site.url, { ...flow, nodes: (flow.nodes as object[]).slice(0, 4) })
      await look('at rest')
      await page.getByRole('button', { name: 'Outline', exact: true }).first().click()
      await page.getByRole('treeitem').filter({ hasText: 'onerror' }).first().click()
      await look('a node')
      await page.getByRole('button', { name: /^Run/ }).first().click()
      await page.getByRole('tab', { name: 'Result', selected: true }).waitFor()
      for (const tab of await page.getByRole('tab').all()) {
        await tab.click()
        await look((await tab.textContent()) ?? '')
      }
      await page.keyboard.press('Control+f')
      await page.keyboard.type('onerror')
      await look('find')
      for (const address of addressesOf('local', { flow: ['evil'], '*': [EVIL] })) {
        await goTo(page, site.url, address)
        await look(address)
      }
      expect(found).toEqual([])
      expect(wrong).toEqual([])
      await page.context().close()
    }
  )

  it('does nothing on any page of a server, whoever stored it', { timeout: 600_000 }, async () => {
    const { api } = here
    const refused: string[] = []
    let kept = 0
    const store = async (path: string, body: unknown, method = 'POST'): Promise<void> => {
      try {
        await api.ask(method, path, body)
        kept += 1
      } catch (error) {
        // A name that is refused is not stored either.
        refused.push(`${path}: ${String(error)}`)
      }
    }
    const flow = evilFlow('evil')
    await store('/flows', { ...flow, nodes: (flow.nodes as object[]).slice(0, 4) })
    await store('/flows', { ...evilFlow('odd') })
    await store('/flows/evil/versions', { publish: true, label: EVIL, message: EVIL })
    await store('/flows/evil/schedules', { name: EVIL, cron: '0 6 * * *', timeZone: 'Europe/Berlin' })
    await store('/users', { name: EVIL, password: PASSWORD })
    await store('/groups', { name: EVIL })
    await store('/tokens', { name: EVIL, permissions: ['flow.read'] })
    await store('/secrets/evil', { value: EVIL, hosts: [EVIL] }, 'PUT')
    await store('/mounts/evil', { directory: `/tmp/${EVIL}`, writes: false }, 'PUT')
    const rule = { name: EVIL, folder: '', metric: 'weir_runs_failed', severity: 'warning', forMs: 0, over: 0 }
    await store('/alert-rules/evil', rule, 'PUT')
    const channel = { kind: 'webhook', name: EVIL, url: 'https://example.com/hook', severity: 'warning', enabled: true }
    await store('/channels/evil', channel, 'PUT')
    expect(kept, refused.join('\n')).toBeGreaterThan(3)
    const run = await api.ended('evil')
    const page = await here.page()
    const wrong = complaints(page)
    await signIn(page, here.url, 'root')
    const found: string[] = []
    const addresses = addressesOf('server', {
      flow: ['evil', 'odd', EVIL],
      run: [run, EVIL],
      part: ['users', 'groups', 'grants', 'secrets', 'mounts', 'audit', 'storage'],
      '*': [EVIL]
    })
    const tabs = ['figures', 'log', 'aside'].map((tab) => `/runs/${run}?tab=${tab}`)
    for (const address of [...addresses, ...tabs, `/flows?search=${encodeURIComponent(EVIL)}`]) {
      await goTo(page, here.url, address)
      found.push(...(await alive(page)).map((one) => `${address}: ${one}`))
    }
    await page.goto(`${here.url}#/sign-in?return=${encodeURIComponent('javascript:window.ran=1')}`)
    found.push(...(await alive(page)))
    expect(found).toEqual([])
    expect(wrong).toEqual([])
    await page.context().close()
  })
})
