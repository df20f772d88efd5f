// The states of pages, filters in the address, a phone, and a server that nobody administers yet.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PASSWORD, publish, sharesFlow, whyNot, world, type World } from './world.ts'

const reason = whyNot()
if (reason !== '') console.warn(`journeys of the studio are skipped: ${reason}`)

describe.skipIf(reason !== '')('the pages', () => {
  let here: World

  beforeAll(async () => {
    here = await world({ base: '/weir/' })
    await publish(here.api, sharesFlow())
    await here.api.ended('shares')
    await here.api.ask('POST', '/flows/shares/schedules', {
      name: 'mornings',
      cron: '0 6 * * *',
      timeZone: 'Europe/Berlin'
    })
  })
  afterAll(async () => {
    await here.end()
  })

  it('say what is loading, refused and empty', async () => {
    const page = await here.page('root')
    let answer: 'held' | 'broken' | 'real' = 'held'
    let arrived: () => void = () => undefined
    let release: () => void = () => undefined
    const asked = new Promise<void>((resolve) => (arrived = resolve))
    const released = new Promise<void>((resolve) => (release = resolve))
    await page.route(/\/api\/v1\/schedules\?/, async (route) => {
      if (answer === 'broken') {
        const json = { detail: 'the disk is gone', code: 'storage.failed' }
        await route.fulfill({ status: 500, json, headers: { 'x-request-id': 'r-77' } })
        return
      }
      if (answer === 'held') {
        arrived()
        await released
      }
      await route.continue()
    })
    await page.goto(`${here.url}#/schedules`)
    await asked
    await page.getByText('Loading the schedules…').waitFor({ state: 'attached' })
    answer = 'real'
    release()
    await page.getByText('mornings').waitFor()
    answer = 'broken'
    await page.reload()
    await page.getByText('The disk is gone.').waitFor()
    await page.getByText('r-77').waitFor()
    answer = 'real'
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByText('mornings').waitFor()
    await page.getByPlaceholder('Search schedules').fill('nothing like it')
    await page.getByText('No schedule is like that').waitFor()
  })

  it('keep their filters in the address', async () => {
    const page = await here.page('root')
    await page.getByPlaceholder('Search flows').fill('share')
    await page.getByRole('button', { name: 'nightly' }).first().click()
    await page.waitForURL((url) => url.hash.includes('search=share') && url.hash.includes('tag=nightly'))
    await page.reload()
    await page.getByRole('row').filter({ hasText: 'shares' }).waitFor()
    expect(await page.getByPlaceholder('Search flows').inputValue()).toBe('share')
  })

  it('can be read on a phone', async () => {
    const page = await here.page('root')
    await page.setViewportSize({ width: 390, height: 800 })
    await page.getByRole('link', { name: 'Runs' }).click()
    await page.getByRole('heading', { name: 'Runs' }).waitFor()
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390)
  })
})

describe.skipIf(reason !== '')('a server that nobody administers yet', () => {
  let here: World
  beforeAll(async () => {
    here = await world({ bare: true })
  })
  afterAll(async () => {
    await here.end()
  })

  it('says at the first visit that it waits for its setup link, and takes it', async () => {
    const page = await here.page()
    await page.goto(here.url)
    await page.getByRole('heading', { name: 'This server waits to be set up' }).waitFor()
    await page.getByText('setup-link').first().waitFor()
    const field = page.getByLabel('The setup link, or its code')
    await field.fill('no link')
    await page.getByRole('button', { name: 'Go on' }).click()
    await page.getByText('This is no setup link').waitFor()
    await field.fill(`http://elsewhere.example/setup#code=${'0'.repeat(43)}`)
    await page.getByRole('button', { name: 'Go on' }).click()
    await page.getByLabel('Name, by which').fill('root')
    expect(page.url()).not.toContain('code=')
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD)
    await page.getByLabel('The password again').fill(PASSWORD)
    await page.getByRole('button', { name: 'Make the account' }).click()
    await page.getByRole('button', { name: 'Use another link' }).click()
    await field.fill(`${here.url}setup#code=${here.setupCode}`)
    await page.getByRole('button', { name: 'Go on' }).click()
    await page.getByLabel('Name, by which').waitFor()
    await page.context().close()
  })

  it('gets its first account by the setup link, whose code leaves the address', async () => {
    const page = await here.page()
    await page.goto(`${here.url}setup#code=${here.setupCode}`)
    await page.getByLabel('Name, by which').fill('root')
    expect(page.url()).not.toContain(here.setupCode)
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD)
    await page.getByLabel('The password again').fill('something else')
    await page.getByText('The two passwords differ.').waitFor()
    await page.getByLabel('The password again').fill(PASSWORD)
    await page.getByRole('button', { name: 'Make the account' }).click()
    await page.getByText('There is no flow yet').waitFor()
  })
})
