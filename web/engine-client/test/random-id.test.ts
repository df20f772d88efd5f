// Ids by chance, with and without what pages by https have.
import { describe, expect, it } from 'vitest'
import { randomId } from '../src/random-id.ts'

const kForm = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

describe('an id by chance', () => {
  it('is a version 4 UUID, and another each time', () => {
    const made = Array.from({ length: 50 }, () => randomId())
    for (const id of made) expect(id).toMatch(kForm)
    expect(new Set(made).size).toBe(50)
  })

  it('is made where there is no randomUUID at all', () => {
    Object.defineProperty(crypto, 'randomUUID', { value: undefined, configurable: true })
    try {
      expect(randomId()).toMatch(kForm)
    } finally {
      // The one of the prototype is seen again.
      Reflect.deleteProperty(crypto, 'randomUUID')
    }
  })
})
