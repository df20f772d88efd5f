// Lists that come in pages are read to their end.
import { describe, expect, it } from 'vitest'
import { wholeList } from '../src/api/whole-list.ts'

interface Page {
  users: string[]
  next?: string
}

describe('a list in pages', () => {
  it('is one list, each page asked for behind the one before', async () => {
    const asked: object[] = []
    const pages: Page[] = [{ users: ['anna', 'bert'], next: 'b' }, { users: ['carl'], next: 'c' }, { users: ['dora'] }]
    const whole = await wholeList(
      async (query) => {
        asked.push(query)
        return Promise.resolve(pages[asked.length - 1] ?? { users: [] })
      },
      { search: 'a' }
    )
    expect(whole.users).toEqual(['anna', 'bert', 'carl', 'dora'])
    expect(whole.next).toBeUndefined()
    expect(asked).toEqual([
      { limit: 500, search: 'a' },
      { limit: 500, search: 'a', cursor: 'b' },
      { limit: 500, search: 'a', cursor: 'c' }
    ])
  })
  it('may be of one page, and is refused as its pages are', async () => {
    expect(await wholeList<Page>(() => Promise.resolve({ users: [] }))).toEqual({ users: [] })
    await expect(wholeList<Page>(() => Promise.reject(new Error('no')))).rejects.toThrow('no')
  })
  it('that never ends is left', async () => {
    let asked = 0
    const whole = await wholeList<Page>(() => Promise.resolve({ users: [String(++asked)], next: 'more' }))
    expect(whole.users.length).toBe(200)
    expect(whole.next).toBe('more')
  })
})
