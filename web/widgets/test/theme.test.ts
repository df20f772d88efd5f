// The colours of widgets.css can be read in every theme: text at 4.5 to 1, in high contrast at 7 to 1, rims and lines of series at 3 to 1.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const sheet = readFileSync(fileURLToPath(new URL('../src/widgets.css', import.meta.url)), 'utf8')

/** The variables of the first rule with that selector. */
function tokens(selector: string): Map<string, string> {
  const from = sheet.indexOf(`${selector} {`)
  const rule = sheet.slice(from, sheet.indexOf('}', from))
  return new Map(
    [...rule.matchAll(/--weir-([\w-]+): (#[0-9a-f]{6});/g)].map((found) => [found[1] ?? '', found[2] ?? ''])
  )
}

function luminance(color: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const part = parseInt(color.slice(at, at + 2), 16) / 255
    return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

function contrast(a: string, b: string): number {
  const [high = 0, low = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x)
  return (high + 0.05) / (low + 0.05)
}

const TEXT = ['text', 'mute', 'faint', 'accent', 'ok', 'warn', 'error', 'number', 'string', 'bool', 'time', 'any']
const DRAWN = ['series-1', 'series-2', 'series-3', 'series-4', 'series-5', 'series-6']

describe.each([
  ['light', ':root'],
  ['dark', "[data-theme='dark']"],
  ['dark by the system', ':root:not([data-theme])'],
  ['high contrast', "[data-theme='contrast']"]
])('%s', (name, selector) => {
  const least = name === 'high contrast' ? 7 : 4.5
  const theme = tokens(selector)
  const ground = theme.get('ground') ?? ''

  it.each(TEXT)('%s is readable text', (color) => {
    expect(contrast(theme.get(color) ?? '', ground)).toBeGreaterThanOrEqual(least)
  })

  it.each(DRAWN)('%s can be told from the ground', (color) => {
    expect(contrast(theme.get(color) ?? '', ground)).toBeGreaterThanOrEqual(3)
  })
})

it('is the same dark, chosen by the page or by the system', () => {
  expect(tokens(':root:not([data-theme])')).toEqual(tokens("[data-theme='dark']"))
})

it.each([':root', "[data-theme='dark']", "[data-theme='contrast']"])(
  '%s: the rim of a widget can be seen',
  (selector) => {
    const theme = tokens(selector)
    expect(contrast(theme.get('rim') ?? '', theme.get('ground') ?? '')).toBeGreaterThanOrEqual(3)
  }
)
