// How figures and days are written: as chosen, and as before where nothing was.
import { afterEach, describe, expect, it } from 'vitest'
import { count, setFormats, time } from '@weir/ui/figures/figures.ts'

const at = Date.UTC(2026, 2, 4, 11, 20, 7)

describe('figures and days', () => {
  afterEach(() => {
    setFormats({ figures: 'en', days: 'iso' })
  })

  it('are exact with groups of three, and days sort', () => {
    expect(count(1_241_774)).toBe('1,241,774')
    expect(time(at, 'Europe/Berlin')).toBe('2026-03-04 12:20:07')
  })

  it('are written as a person chose', () => {
    setFormats({ figures: 'de', days: 'de' })
    expect(count(1_241_774)).toBe('1.241.774')
    expect(time(at, 'Europe/Berlin')).toBe('04.03.2026, 12:20:07')
    setFormats({ figures: 'en', days: 'iso' })
    expect(time(at, 'Europe/Berlin')).toBe('2026-03-04 12:20:07')
  })

  it('are written as the machine does where that was chosen', () => {
    setFormats({ figures: '', days: '' })
    expect(count(1_241_774)).toBe((1_241_774).toLocaleString())
    expect(time(at, 'UTC')).toContain('2026')
  })
})
