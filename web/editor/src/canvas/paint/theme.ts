// The tokens as the canvas draws with them, read from the CSS variables of the page and read again when the theme changes.
import { hexOf, mix, parseColor, readable } from './colors.ts'
import type { Rgb } from './colors.ts'

const kColors = {
  bg: '--bg',
  panel: '--panel',
  raised: '--raised',
  line: '--line',
  edge: '--edge',
  text: '--text',
  mute: '--mute',
  faint: '--faint',
  water: '--water',
  waterDim: '--water-dim',
  ok: '--state-ok',
  warn: '--state-warn',
  error: '--state-error',
  rest: '--state-rest',
  number: '--type-number',
  string: '--type-string',
  bool: '--type-bool',
  time: '--type-time',
  any: '--type-any'
} as const

export type ColorName = keyof typeof kColors

/** The colour of an icon and of what is behind it. */
export interface Tint {
  ink: string
  ground: string
  /** Of a node that is drawn as a block, far out. */
  block: string
}

export class CanvasTheme {
  private readonly tints = new Map<string, Tint>()

  constructor(
    private readonly colors: Readonly<Record<ColorName, string>>,
    readonly fontText: string,
    readonly fontData: string,
    /** What text is held to: 4.5, in high contrast 7. */
    readonly leastContrast = 4.5
  ) {}

  /** As the variables hold at this element; black on white where there is no sheet. */
  static of(element: Element): CanvasTheme {
    const style = getComputedStyle(element)
    const read = (name: string): string => style.getPropertyValue(name).trim()
    const light = new Set<string>(['bg', 'panel', 'raised', 'waterDim'])
    const colors = Object.fromEntries(
      Object.entries(kColors).map(([name, variable]) => {
        const value = read(variable)
        return [name, parseColor(value) === undefined ? (light.has(name) ? '#ffffff' : '#16202a') : value]
      })
    ) as Record<ColorName, string>
    const fonts = [read('--font-text') || 'sans-serif', read('--font-data') || 'monospace'] as const
    return new CanvasTheme(colors, ...fonts, Number(read('--contrast')) || 4.5)
  }

  color(name: ColorName): string {
    return this.colors[name]
  }

  /** An icon's colour: as its type says where that can be read, else led towards the colour of text. */
  tint(color: string): Tint {
    const known = this.tints.get(color)
    if (known !== undefined) return known
    const raised = parseColor(this.colors.raised) ?? kWhite
    const text = parseColor(this.colors.text) ?? kBlack
    const own = parseColor(color) ?? parseColor(this.colors.any) ?? text
    const ground = mix(own, raised, 0.18)
    const made = {
      ink: hexOf(readable(own, ground, text, this.leastContrast)),
      ground: hexOf(ground),
      block: hexOf(mix(readable(own, raised, text, 3), raised, 0.5))
    }
    this.tints.set(color, made)
    return made
  }
}

const kWhite: Rgb = [255, 255, 255]
const kBlack: Rgb = [0, 0, 0]

/** Calls when the theme may have changed. Gives what ends that. */
export function watchTheme(page: Document, changed: () => void): () => void {
  const observer = new MutationObserver(changed)
  observer.observe(page.documentElement, { attributes: true, attributeFilter: ['data-theme', 'class'] })
  const queries = ['(prefers-color-scheme: dark)', '(prefers-contrast: more)', '(forced-colors: active)'].map((query) =>
    matchMedia(query)
  )
  for (const query of queries) query.addEventListener('change', changed)
  return () => {
    observer.disconnect()
    for (const query of queries) query.removeEventListener('change', changed)
  }
}
