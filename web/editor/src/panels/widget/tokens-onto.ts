// The colours of the page for a widget: its variables are the tokens, so that it has every theme that the page has.

const kTokens: Readonly<Record<string, string>> = {
  text: 'text',
  mute: 'mute',
  faint: 'faint',
  line: 'line',
  rim: 'edge',
  ground: 'panel',
  accent: 'water',
  'accent-dim': 'water-dim',
  ok: 'state-ok',
  warn: 'state-warn',
  error: 'state-error',
  number: 'type-number',
  string: 'type-string',
  bool: 'type-bool',
  time: 'type-time',
  any: 'type-any',
  'series-1': 'water',
  'series-2': 'type-number',
  'series-3': 'type-time',
  'series-4': 'type-string',
  'series-5': 'type-bool',
  'series-6': 'type-any',
  font: 'font-text',
  mono: 'font-data'
}

/** For the element around a widget of @weir/widgets. */
export function tokensOnto(element: HTMLElement): void {
  for (const [name, token] of Object.entries(kTokens)) element.style.setProperty(`--weir-${name}`, `var(--${token})`)
}
