// The tokens can be read in every theme: text 4.5:1 (7:1 in high contrast), borders 3:1, and states that differ from types in lightness.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const text = readFileSync(new URL('../../ui/src/look/tokens.css', import.meta.url), 'utf8')
const GROUNDS = ['bg', 'panel', 'raised']
const STATES = ['state-ok', 'state-warn', 'state-error', 'state-rest']
const TYPES = ['type-number', 'type-string', 'type-bool', 'type-time', 'type-any']

function tokensOf(theme: string): Record<string, string> {
  const block = text.split(`[data-theme='${theme}'] {`)[1]?.split('}')[0] ?? ''
  return Object.fromEntries(
    [...block.matchAll(/--([\w-]+): ([^;]+);/g)].map((found) => [found[1] ?? '', found[2] ?? ''])
  )
}

function luminance(colour: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

function contrast(a: string, b: string): number {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x)
  return (light + 0.05) / (dark + 0.05)
}

/** L* of CIE Lab: 0 is black, 100 white. */
function lightness(colour: string): number {
  const y = luminance(colour)
  return y > 0.008856 ? 116 * Math.cbrt(y) - 16 : 903.3 * y
}

describe.each(['dark', 'light', 'contrast'])('the theme %s', (theme) => {
  const tokens = tokensOf(theme)
  const colour = (name: string): string => {
    const value = tokens[name] ?? ''
    expect(value, name).toMatch(/^#[0-9a-f]{6}$/)
    return value
  }
  const least = theme === 'contrast' ? 7 : 4.5

  it.each(['text', 'mute', 'faint', 'water', ...STATES, ...TYPES])(
    'has %s as the theme promises on every ground',
    (name) => {
      expect(Number(tokens.contrast)).toBe(least)
      for (const ground of GROUNDS) expect(contrast(colour(name), colour(ground)), ground).toBeGreaterThanOrEqual(least)
    }
  )

  it('has text that can be read on what is picked and on the main button', () => {
    for (const name of ['text', 'mute', 'water'])
      expect(contrast(colour(name), colour('water-dim'))).toBeGreaterThanOrEqual(least)
    expect(contrast(colour('on-water'), colour('water'))).toBeGreaterThanOrEqual(least)
  })

  it('has borders of what can be pressed at 3:1', () => {
    for (const ground of GROUNDS) expect(contrast(colour('edge'), colour(ground)), ground).toBeGreaterThanOrEqual(3)
  })

  it('has lines that are seen where contrast was asked for', () => {
    if (theme !== 'contrast') return
    for (const ground of GROUNDS) expect(contrast(colour('line'), colour(ground)), ground).toBeGreaterThanOrEqual(3)
  })

  it('has states that differ from types in lightness too', () => {
    for (const state of STATES) {
      for (const type of TYPES) {
        expect(
          Math.abs(lightness(colour(state)) - lightness(colour(type))),
          `${state} and ${type}`
        ).toBeGreaterThanOrEqual(5)
      }
    }
  })
})

describe('motion', () => {
  it('is 120 ms at most, and none for who asks for none', () => {
    expect(Number(/--motion: (\d+)ms/.exec(text)?.[1])).toBeLessThanOrEqual(120)
    expect(text).toMatch(/prefers-reduced-motion: reduce\) \{\s+:root \{\s+--motion: 0ms/)
  })
})

describe('every theme', () => {
  it('has the same tokens', () => {
    const names = Object.keys(tokensOf('dark'))
    expect(names.length).toBeGreaterThan(15)
    for (const theme of ['light', 'contrast']) expect(Object.keys(tokensOf(theme))).toEqual(names)
  })
})
