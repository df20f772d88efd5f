// Every page that the table of routes has, as addresses: a page that is added there is looked at by itself.
import { readFileSync } from 'node:fs'
import type { Page } from 'playwright-core'

/** What stands for the variable parts of addresses; what is not named here leads to a page that says that there is no such thing. */
export type Fillings = Readonly<Record<string, readonly string[]>>

/** All addresses of the table with a server, or of the one without; each once. The table is read as text: it needs a page to be loaded. */
export function addressesOf(table: 'server' | 'local', fillings: Fillings): string[] {
  const text = readFileSync(new URL('../../src/routes.tsx', import.meta.url), 'utf8')
  const [server = '', local = ''] = text.split('export const LOCAL_ROUTES')
  const [shared = '', own = ''] = server.split('export const ROUTES')
  const listed = table === 'server' ? own : local
  const paths = [...(shared + listed).matchAll(/path: '([^']+)'/g)].map((found) => found[1] ?? '')
  return [...new Set(['/', ...paths].flatMap((path) => filled(path.startsWith('/') ? path : `/${path}`, fillings)))]
}

function filled(path: string, fillings: Fillings): string[] {
  const [whole, name, optional] = /:(\w+)(\?)?/.exec(path) ?? []
  if (whole === undefined || name === undefined) {
    return [path.replace('*', encodeURIComponent(fillings['*']?.[0] ?? 'nowhere'))]
  }
  const values = fillings[name] ?? ['none']
  const all = optional === undefined ? values : ['', ...values]
  return all.flatMap((value) => filled(path.replace(whole, encodeURIComponent(value)).replace(/\/$/, ''), fillings))
}

/** Goes to an address and waits until the page has read what it shows. */
export async function goTo(page: Page, url: string, address: string): Promise<void> {
  await page.goto(`${url}#${address}`)
  await page.waitForFunction(() => {
    const { body } = document
    const there = body.querySelector('main, form') !== null
    return there && !/Loading [^.]*…/.test(body.textContent) && body.querySelector('[aria-busy="true"]') === null
  })
}
