// Elements of the page, made without markup in texts.

type Child = Node | string

export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Record<string, string> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value)
  element.append(...children)
  return element
}

const SVG = 'http://www.w3.org/2000/svg'

export function drawn<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Record<string, string> = {},
  ...children: Node[]
): SVGElementTagNameMap[K] {
  const element = document.createElementNS(SVG, tag)
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value)
  element.append(...children)
  return element
}

export function byId(id: string): HTMLElement {
  const found = document.getElementById(id)
  if (!found) throw new Error(`the page has no element '${id}'`)
  return found
}

export function button(text: string, onClick: () => void, className = ''): HTMLButtonElement {
  const made = make('button', { type: 'button', class: `button ${className}`.trim() }, text)
  made.addEventListener('click', onClick)
  return made
}

/** Changes a text only if it is another, so that nothing is laid out for nothing. */
export function write(element: Node, text: string): void {
  if (element.textContent !== text) element.textContent = text
}
