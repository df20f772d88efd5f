// Tabs: panels of which one is shown; arrows, Home and End move between them.
import { make, write } from './elements.ts'

export interface Panel {
  id: string
  title: string
  content: HTMLElement
}

export class Tabs {
  readonly element: HTMLElement
  private readonly tabs: HTMLButtonElement[]
  private readonly marks: HTMLElement[]
  private readonly panels: HTMLElement[]
  private chosenByHand = false

  constructor(
    label: string,
    private readonly parts: readonly Panel[]
  ) {
    this.marks = parts.map(() => make('span', { class: 'mark' }))
    this.tabs = parts.map(({ id, title }, i) => {
      const tab = make(
        'button',
        { type: 'button', role: 'tab', id: `tab-${id}`, 'aria-controls': `panel-${id}` },
        title
      )
      tab.append(' ', this.marks[i] ?? '')
      tab.addEventListener('click', () => {
        this.chosenByHand = true
        this.show(id)
      })
      tab.addEventListener('keydown', (event) => {
        this.move(event, i)
      })
      return tab
    })
    this.panels = parts.map(({ id, content }) =>
      make('div', { role: 'tabpanel', id: `panel-${id}`, 'aria-labelledby': `tab-${id}` }, content)
    )
    this.element = make(
      'div',
      { class: 'tabs' },
      make('div', { role: 'tablist', 'aria-label': label }, ...this.tabs),
      ...this.panels
    )
    this.show(parts[0]?.id ?? '')
  }

  show(id: string): void {
    this.parts.forEach((part, i) => {
      const isShown = part.id === id
      this.tabs[i]?.setAttribute('aria-selected', String(isShown))
      this.tabs[i]?.setAttribute('tabindex', isShown ? '0' : '-1')
      this.panels[i]?.toggleAttribute('hidden', !isShown)
    })
  }

  /** As `show`, unless somebody has chosen another. */
  suggest(id: string): void {
    if (!this.chosenByHand) this.show(id)
  }

  /** A figure beside the title; none if the text is empty. */
  mark(id: string, text: string, kind: 'warn' | 'bad' | '' = ''): void {
    const mark = this.marks[this.parts.findIndex((part) => part.id === id)]
    if (!mark) return
    write(mark, text)
    mark.className = `mark ${kind}`.trim()
  }

  private move(event: KeyboardEvent, from: number): void {
    const last = this.tabs.length - 1
    const targets: Record<string, number> = {
      ArrowLeft: from === 0 ? last : from - 1,
      ArrowRight: from === last ? 0 : from + 1,
      Home: 0,
      End: last
    }
    const target = targets[event.key]
    const part = target === undefined ? undefined : this.parts[target]
    if (target === undefined || !part) return
    event.preventDefault()
    this.chosenByHand = true
    this.show(part.id)
    this.tabs[target]?.focus()
  }
}
