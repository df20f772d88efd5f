// A world for journeys: a server of its own with people of every role, the built studio before it, and Chromium.
import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium, type Browser, type Page } from 'playwright-core'
import { studioInto } from '../built-studio.ts'
import { serveStudio } from '../../scripts/serve.mjs'

export const CHROMIUM = '/usr/bin/chromium'
const BINARY = process.env.WEIR_BINARY ?? fileURLToPath(new URL('../../../../build/bin/weir', import.meta.url))
export const PASSWORD = 'a long river in the rain'
export const ROLES = ['viewer', 'operator', 'editor', 'admin'] as const

/** Why journeys without a server cannot run here; empty if they can. */
export function whyNoBrowser(): string {
  return existsSync(CHROMIUM) ? '' : `there is no ${CHROMIUM}`
}

/** Why journeys cannot run here; empty if they can. */
export function whyNot(): string {
  if (whyNoBrowser() !== '') return whyNoBrowser()
  if (!existsSync(BINARY)) return `there is no ${BINARY}`
  return ''
}

type Json = Record<string, unknown>

/** Requests of the first account, to prepare things. */
export class Api {
  private cookie = ''
  private csrf = ''
  constructor(readonly url: string) {}

  async ask(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Json> {
    const answer = await fetch(`${this.url}/api/v1${path}`, {
      method,
      headers: { cookie: this.cookie, 'x-weir-csrf': this.csrf, 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) })
    })
    const set = answer.headers.get('set-cookie')
    if (set !== null) this.cookie = set.split(';')[0] ?? ''
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
    const given = text === '' ? {} : (JSON.parse(text) as Json)
    if (typeof given.csrf === 'string') this.csrf = given.csrf
    return given
  }

  /** A run that has come to its end. */
  async ended(flow: string): Promise<string> {
    const { id } = await this.ask('POST', `/flows/${flow}/runs`, {})
    for (let i = 0; i < 200; ++i) {
      const run = await this.ask('GET', `/runs/${String(id)}`)
      if (run.state === 'done' || run.state === 'failed') return String(id)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    throw new Error(`the run of ${flow} does not end`)
  }
}

/** Divides by zero in one row of `rows`. */
export function sharesFlow(rows = 20): Json {
  return {
    id: 'shares',
    version: '1.0.0',
    metadata: { description: 'Splits what is left', tags: ['nightly'] },
    nodes: [
      { id: 'make', typeId: 'generate/pattern', version: '1.0.0', settings: { rows, rate: 200, batchRows: 10 } },
      { id: 'share', typeId: 'logic/map', version: '1.0.0', settings: { set: { share: '100 / (row.id - 7)' } } },
      { id: 'show', typeId: 'debug/log', version: '1.0.0', settings: { rows: 3 } }
    ],
    edges: [
      { id: 'rows', source: { node: 'make', port: 'rows' }, target: { node: 'share', port: 'rows' } },
      { id: 'shares', source: { node: 'share', port: 'rows' }, target: { node: 'show', port: 'rows' } }
    ]
  }
}

async function started(data: string, config: string): Promise<{ child: ChildProcess; url: string }> {
  const child = spawn(BINARY, ['serve', '--data', data, '--listen', '127.0.0.1:0'], {
    env: { ...process.env, XDG_CONFIG_HOME: config },
    stdio: ['ignore', 'pipe', 'pipe']
  })
  let said = ''
  const url = await new Promise<string>((resolve, reject) => {
    const read = (piece: Buffer) => {
      said += piece.toString()
      const found = /listening at (http:\S+)/.exec(said)?.[1]
      if (found !== undefined) resolve(found)
    }
    child.stdout.on('data', read)
    child.stderr.on('data', read)
    child.once('exit', () => {
      reject(new Error(`the server ended: ${said}`))
    })
  })
  return { child, url }
}

export interface World {
  api: Api
  /** Where the studio is. */
  url: string
  setupCode: string
  browser: Browser
  /** A page of its own context; signed in if a name is given. */
  page(name?: string, theme?: 'dark' | 'light'): Promise<Page>
  stopServer(): Promise<void>
  end(): Promise<void>
}

export interface Wishes {
  /** Leaves the server without an account. */
  bare?: boolean
  /** The folder of the web host. */
  base?: string
  /** A studio that is built already; by default one is built. */
  site?: string
}

/** Starts all of it; `end` ends it, by process ids that it has started. */
export async function world(wishes: Wishes = {}): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'weir-studio-'))
  const site = wishes.site ?? join(folder, 'site')
  if (wishes.site === undefined) await studioInto(site)
  const { child, url: serverUrl } = await started(join(folder, 'data'), join(folder, 'config'))
  const link = readFileSync(join(folder, 'data', 'setup-link'), 'utf8')
  const setupCode = /#code=(\S+)/.exec(link)?.[1] ?? ''
  const api = new Api(serverUrl)
  if (wishes.bare !== true) await people(api, setupCode)
  const studio = await serveStudio({ folder: site, server: () => serverUrl, base: wishes.base ?? '/' })
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking']
  })
  const stopServer = () =>
    new Promise<void>((resolve) => {
      if (child.exitCode !== null) {
        resolve()
        return
      }
      child.once('exit', () => {
        resolve()
      })
      child.kill('SIGTERM')
    })
  return {
    api,
    url: studio.url,
    setupCode,
    browser,
    page: async (name, theme = 'dark') => {
      const context = await browser.newContext({
        viewport: { width: 1400, height: 900 },
        colorScheme: theme,
        reducedMotion: 'reduce'
      })
      context.setDefaultTimeout(60_000)
      const page = await context.newPage()
      if (name !== undefined) await signIn(page, studio.url, name)
      return page
    },
    stopServer,
    end: async () => {
      await browser.close()
      studio.close()
      await stopServer()
      rmSync(folder, { recursive: true, force: true })
    }
  }
}

/** The first account and one person of each role. */
async function people(api: Api, code: string): Promise<void> {
  await api.ask('POST', '/setup', { code, name: 'root', password: PASSWORD })
  for (const role of ROLES) {
    const { id } = await api.ask('POST', '/users', { name: role, password: PASSWORD })
    await api.ask('POST', '/grants', { user: id, role, folder: '' })
  }
}

/** Signs in as a person would. */
export async function signIn(page: Page, url: string, name: string): Promise<void> {
  await page.goto(url)
  await page.getByLabel('Name').fill(name)
  await page.getByLabel('Password').fill(PASSWORD)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('heading', { name: 'Flows' }).waitFor()
}

/** What is published, with a flow to start. */
export async function publish(api: Api, document: Json): Promise<void> {
  await api.ask('POST', '/flows', document)
  await api.ask('POST', `/flows/${String(document.id)}/versions`, { publish: true })
}
