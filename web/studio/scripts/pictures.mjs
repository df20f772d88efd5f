// Pictures of the studio for the README and the guide: the program with a flow that runs, as a person sees it, in both themes.
//   node scripts/pictures.mjs [FOLDER]     into docs/images; the program is build/bin/weir with the studio in it
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const OUT = process.argv[2] ?? join(ROOT, 'docs/images')
const PASSWORD = 'a long river in the rain'
const VIEW = { width: 1400, height: 875 }
/** On the edge from the price to the log. */
const EDGE = [860, 240]

function node(id, name, typeId, settings, x, y) {
  return { id, name, typeId, version: '1.0.0', settings, position: { x, y } }
}
function edge(id, from, to) {
  const [source, port = 'rows'] = from.split('.')
  return { id, source: { node: source, port }, target: { node: to, port: 'rows' } }
}

const regions = '["north", "coast", "south", "east", "west"][row.id % 5]'
const FLOW = {
  id: 'orders-by-region',
  version: '1.0.0',
  metadata: { description: 'What is paid, by region, as it comes', tags: ['orders'] },
  nodes: [
    node(
      'orders',
      'Orders',
      'generate/pattern',
      { pattern: 'random', min: 20, max: 950, seed: 7, rows: 0, rate: 1200 },
      0,
      80
    ),
    node(
      'columns',
      'Columns',
      'logic/map',
      {
        set: {
          region: regions,
          quantity: '1 + row.id % 12',
          price: 'math.round(row.value * 100.0) / 100.0',
          paid: 'row.id % 4 != 0'
        }
      },
      280,
      80
    ),
    node('paid', 'Paid orders', 'logic/filter', { condition: 'row.paid && row.quantity > 1' }, 560, 80),
    node('net', 'Net price', 'logic/map', { set: { net: 'row.price * double(row.quantity) * 0.93' } }, 840, 40),
    node('log', 'Log', 'debug/log', { rows: 3 }, 1120, 40),
    node('open', 'Still open', 'debug/log', { rows: 3 }, 840, 220)
  ],
  edges: [
    edge('e1', 'orders', 'columns'),
    edge('e2', 'columns', 'paid'),
    edge('e3', 'paid.match', 'net'),
    edge('e4', 'net', 'log'),
    edge('e5', 'paid.rest', 'open')
  ]
}

async function started(folder) {
  const child = spawn(
    join(ROOT, 'build/bin/weir'),
    ['serve', '--data', join(folder, 'data'), '--listen', '127.0.0.1:0'],
    {
      env: { ...process.env, XDG_CONFIG_HOME: join(folder, 'config') },
      stdio: ['ignore', 'pipe', 'pipe']
    }
  )
  let said = ''
  const url = await new Promise((resolve, reject) => {
    const read = (piece) => {
      said += piece.toString()
      const found = /listening at (http:\S+)/.exec(said)?.[1]
      if (found !== undefined) resolve(found)
    }
    child.stdout.on('data', read)
    child.stderr.on('data', read)
    child.once('exit', () => reject(new Error(`the server ended: ${said}`)))
  })
  return { child, url }
}

async function prepared(url, folder) {
  let cookie = ''
  let csrf = ''
  const ask = async (method, path, body) => {
    const answer = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: { cookie, 'x-weir-csrf': csrf, 'content-type': 'application/json' },
      body: JSON.stringify(body)
    })
    const set = answer.headers.get('set-cookie')
    if (set !== null) cookie = set.split(';')[0]
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
    const given = text === '' ? {} : JSON.parse(text)
    if (typeof given.csrf === 'string') csrf = given.csrf
    return given
  }
  const code = /#code=(\S+)/.exec(readFileSync(join(folder, 'data/setup-link'), 'utf8'))?.[1]
  await ask('POST', '/setup', { code, name: 'ann', password: PASSWORD })
  const me = await ask('GET', '/me').catch(() => undefined)
  await ask('POST', '/grants', { user: me?.user?.id ?? 'ann', role: 'developer', folder: '' }).catch(() => undefined)
  await ask('POST', '/flows', FLOW)
}

async function signedIn(browser, url, theme) {
  const context = await browser.newContext({ viewport: VIEW, colorScheme: theme, reducedMotion: 'reduce' })
  const page = await context.newPage()
  await page.goto(url)
  await page.getByLabel('Name').fill('ann')
  await page.getByLabel('Password').fill(PASSWORD)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('heading', { name: 'Flows' }).waitFor()
  return page
}

async function drawn(page, url) {
  await page.goto(`${url}/#/flows/${FLOW.id}/edit`)
  await page.getByText('all saved').waitFor()
  await page
    .getByRole('radio', { name: 'Server' })
    .or(page.getByRole('button', { name: 'Server', exact: true }))
    .first()
    .click()
  await page.getByRole('button', { name: /^Run/ }).first().click()
  const really = page.getByRole('dialog').getByRole('button', { name: /^Run/ })
  await really.click({ timeout: 3000 }).catch(() => undefined)
  await page.waitForTimeout(4000)
  await page.mouse.click(...EDGE)
  await page.waitForTimeout(7500)
  await page
    .getByRole('button', { name: 'No', exact: true })
    .click({ timeout: 2000 })
    .catch(() => undefined)
  await page.mouse.move(700, 480)
  await page.waitForTimeout(600)
}

const folder = mkdtempSync(join(tmpdir(), 'weir-pictures-'))
const { child, url } = await started(folder)
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] })
try {
  await prepared(url, folder)
  mkdirSync(OUT, { recursive: true })
  for (const theme of ['dark', 'light']) {
    const page = await signedIn(browser, url, theme)
    await drawn(page, url)
    await page.screenshot({ path: join(OUT, `studio-${theme}.png`) })
    await page
      .getByRole('button', { name: /^Stop/ })
      .click({ timeout: 3000 })
      .catch(() => undefined)
    await page.context().close()
  }
} finally {
  await browser.close()
  child.kill('SIGTERM')
  await new Promise((resolve) => child.once('exit', resolve))
  rmSync(folder, { recursive: true, force: true })
}
