// The colours and fonts of the page's theme, read from CSS variables, for what is drawn on a canvas.

export interface Theme {
  text: string
  mute: string
  faint: string
  line: string
  ground: string
  accent: string
  warn: string
  error: string
  series: readonly string[]
  font: string
  mono: string
}

const SERIES = [1, 2, 3, 4, 5, 6] as const

/** Reads the variables of widgets.css as they hold at `element`; without the sheet, colours that are still readable. */
export function themeOf(element: Element): Theme {
  const style = getComputedStyle(element)
  const read = (name: string, otherwise: string): string => {
    const value = style.getPropertyValue(`--weir-${name}`).trim()
    return value === '' ? otherwise : value
  }
  return {
    text: read('text', '#16202a'),
    mute: read('mute', '#4f5e6b'),
    faint: read('faint', '#627180'),
    line: read('line', '#dde3e8'),
    ground: read('ground', '#ffffff'),
    accent: read('accent', '#0a7870'),
    warn: read('warn', '#8a6100'),
    error: read('error', '#bf2f26'),
    series: SERIES.map((i) => read(`series-${i}`, '#0a7870')),
    font: read('font', 'system-ui, sans-serif'),
    mono: read('mono', 'monospace')
  }
}

/** Calls when the theme may have changed: an attribute of the root, or what the system prefers. */
export function watchTheme(page: Document, changed: () => void): () => void {
  const observer = new MutationObserver(changed)
  observer.observe(page.documentElement, { attributes: true, attributeFilter: ['data-theme', 'class'] })
  const queries = ['(prefers-color-scheme: dark)', '(prefers-contrast: more)'].map((query) => matchMedia(query))
  for (const query of queries) query.addEventListener('change', changed)
  return () => {
    observer.disconnect()
    for (const query of queries) query.removeEventListener('change', changed)
  }
}
