// S11: a canary secret is sent where it belongs and is found nowhere else: no rows, errors, logs, events, files, storage.
import { existsSync } from 'node:fs'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { counting, flowOf, type Flow } from './flows.ts'
import type { Harness } from './harness.ts'
import { harnessSite, launch, openHarness, pathOf, type Route, type Site } from './site.ts'

declare const harness: Harness

const isBuilt = existsSync(pathOf('../../../build/wasm/weir.wasm')) && existsSync('/usr/bin/chromium')
const CANARY = 'canary/9f+3c a7"yellow'
const FORMS = [
  CANARY,
  encodeURIComponent(CANARY),
  JSON.stringify(CANARY).slice(1, -1),
  Buffer.from(CANARY).toString('base64').replaceAll('=', '')
]

let arrived = 0

/** Says back all that it was sent, in every form, with this status. */
const parrot =
  (status: number): Route =>
  (request, response) => {
    const token = request.headers['x-token'] as string
    if (token === CANARY) arrived += 1
    response.writeHead(status, { 'content-type': 'application/json', 'x-back': encodeURIComponent(token) })
    response.end(JSON.stringify({ token, url: request.url, forms: FORMS }))
  }

const asking = (url: string): Flow =>
  flowOf(
    [
      counting(2),
      {
        id: 'ask',
        typeId: 'http/request',
        settings: { url, headers: { 'x-token': '${secret:CANARY}' } }
      },
      { id: 'show', typeId: 'debug/log', settings: {} },
      { id: 'write', typeId: 'files/json-write', settings: { path: 'out/answers.ndjson' } }
    ],
    [
      ['count', 'ask'],
      ['ask.response', 'show'],
      ['ask.response', 'write']
    ]
  )

let site: Site
let browser: Browser
let page: Page
const consoleLines: string[] = []

beforeAll(async () => {
  if (!isBuilt) return
  site = await harnessSite({ '/good': parrot(200), '/bad': parrot(401), '/broken': parrot(500) })
  browser = await launch()
  page = await openHarness(browser, site.url)
  page.on('console', (message) => consoleLines.push(message.text()))
})

afterAll(async () => {
  if (!isBuilt) return
  await browser.close()
  site.close()
})

/** What a run showed to anybody. */
function shownBy(flow: Flow): Promise<string> {
  return page.evaluate(async (document) => {
    const shown: unknown[] = []
    const engine = await harness.engine()
    try {
      const project = { kind: 'private' as const, path: 'canary' }
      const run = await engine.run(document, {
        folders: { project },
        outlets: [{ node: 'ask', port: 'response' }],
        traceRows: 1
      })
      const watcher = run.watch()
      watcher.onMessage((message) => shown.push(message))
      await Promise.all([
        watcher.ask('subscribe', { kind: 'events' }),
        watcher.ask('subscribe', { kind: 'metrics' }),
        (async () => {
          for await (const row of run.rows('ask', 'response')) shown.push(row)
        })()
      ])
      shown.push(await run.result, await run.deadLetters())
    } catch (reason) {
      shown.push(String(reason), reason)
    }
    engine.close()
    return JSON.stringify([shown, harness.logs])
  }, flow)
}

/** Everything that the origin has stored, bytes as letters. */
function stored(): Promise<string> {
  return page.evaluate(async () => {
    const found: string[] = [
      JSON.stringify(Object.entries(localStorage)),
      JSON.stringify(Object.entries(sessionStorage))
    ]
    const letters = (bytes: ArrayBuffer): string => new TextDecoder('latin1').decode(bytes)
    const flat = (value: unknown): string =>
      JSON.stringify(value, (_, one: unknown) =>
        one instanceof ArrayBuffer
          ? letters(one)
          : ArrayBuffer.isView(one)
            ? letters(new Uint8Array(one.buffer as ArrayBuffer).slice().buffer)
            : one
      )
    const done = <T>(request: IDBRequest<T>): Promise<T> =>
      new Promise((resolve, reject) => {
        request.onsuccess = () => {
          resolve(request.result)
        }
        request.onerror = () => {
          reject(request.error ?? new Error('not read'))
        }
      })
    for (const { name = '' } of await indexedDB.databases()) {
      const database = await done(indexedDB.open(name))
      for (const store of database.objectStoreNames) {
        found.push(`${name}/${store}: ${flat(await done(database.transaction(store).objectStore(store).getAll()))}`)
      }
      database.close()
    }
    async function walk(folder: FileSystemDirectoryHandle, path: string): Promise<void> {
      for await (const [name, handle] of folder as unknown as AsyncIterable<[string, FileSystemHandle]>) {
        if (handle.kind === 'directory') await walk(handle as FileSystemDirectoryHandle, `${path}${name}/`)
        else {
          const file = await (handle as FileSystemFileHandle).getFile()
          found.push(`${path}${name}: ${letters(await file.arrayBuffer())}`)
        }
      }
    }
    await walk(await navigator.storage.getDirectory(), '')
    return found.join('\n')
  })
}

it.skipIf(!isBuilt)('S11: a canary secret is found nowhere but at its server', { timeout: 120_000 }, async () => {
  const host = new URL(site.url).host
  await page.evaluate(
    async ({ value, host }) => {
      await new harness.SecretStore().set('CANARY', value, [host])
    },
    { value: CANARY, host }
  )
  const shown = [
    await shownBy(asking(`${site.url}good`)),
    await shownBy(asking(`${site.url}bad`)),
    await shownBy(asking(`${site.url}broken`)),
    await shownBy(asking('http://127.0.0.1:9/nobody')),
    await shownBy(asking('https://elsewhere.example/'))
  ]
  const kept = await stored()
  // It went where it belongs, and what was looked through is not empty.
  expect(arrived).toBeGreaterThanOrEqual(2)
  expect(shown[0]).toContain('***')
  expect(kept).toContain('out/answers.ndjson: ')
  expect(kept).toContain('weir-secrets/')
  for (const text of [...shown, kept, consoleLines.join('\n')]) {
    for (const form of FORMS) expect(text.includes(form), `${form} in ${text.slice(0, 300)}`).toBe(false)
  }
})
