// RunHead: the title of a run, what to press, its state and its figures; nothing moves while numbers change.
import { make, write } from './elements.ts'
import { bytesText, numberText, SHAPES, shortText, type Shape } from './figures-text.ts'
import { slowestOf, type Figures, type Totals } from './run-figures.ts'

type Figure = 'rate' | 'rows' | 'bytes' | 'waiting' | 'dropped' | 'shed' | 'aside' | 'memory'

const FIGURES: readonly [Figure, string, string][] = [
  ['rate', 'rows / s', 'Rows that the sources give a second'],
  ['rows', 'rows', 'Rows that the sources have given'],
  ['bytes', 'moved', 'Bytes that nodes have handed on'],
  ['waiting', 'waiting', 'Rows that wait in queues'],
  ['memory', 'memory', 'The most memory that rows have used at once'],
  ['dropped', 'dropped', 'Rows dropped by the rule of an edge'],
  ['shed', 'not shown', 'Rows that went by the widgets while the tab was hidden'],
  ['aside', 'set aside', 'Rows that could not be worked on']
]

export class RunHead {
  readonly element: HTMLElement
  private readonly shape = make('span', { class: 'state-shape idle', 'aria-hidden': 'true' }, SHAPES.idle)
  private readonly state = make('span', { class: 'state', id: 'state', role: 'status' }, 'Ready')
  private readonly slow = make('span', { class: 'chip warn', hidden: '' })
  private readonly reason = make('div', { class: 'reason', role: 'alert', hidden: '' })
  private readonly bar = make('div', { class: 'bar' })
  private readonly values = new Map<Figure, HTMLElement>()

  constructor(
    title: string,
    description: string,
    private readonly again: HTMLButtonElement,
    private readonly stop: HTMLButtonElement
  ) {
    stop.disabled = true
    const figures = FIGURES.map(([name, text, help]) => {
      const value = make('dd', {}, '0')
      this.values.set(name, value)
      return make('div', { class: `figure ${name}`, title: help }, value, make('dt', {}, text))
    })
    this.element = make(
      'header',
      { class: 'run-head' },
      make('div', { class: 'line' }, make('h2', {}, title), again, stop),
      make('p', { class: 'mute' }, description),
      make('div', { class: 'progress', 'aria-hidden': 'true' }, this.bar),
      make('div', { class: 'line state-line' }, this.shape, this.state, this.slow),
      this.reason,
      make('dl', { class: 'figures', id: 'figures' }, ...figures)
    )
  }

  begin(): void {
    this.tell('Starting', 'idle')
    this.reason.hidden = true
    this.again.disabled = true
    this.stop.disabled = false
    this.bar.style.transform = 'scaleX(0)'
  }

  end(): void {
    this.again.disabled = false
    this.stop.disabled = true
    this.again.textContent = 'Run again'
    this.slow.hidden = true
  }

  tell(text: string, shape: Shape): void {
    write(this.state, text)
    this.state.className = `state ${shape}`
    write(this.shape, SHAPES[shape])
    this.shape.className = `state-shape ${shape}`
  }

  /** Why the run broke, where, and under which code it is explained. */
  explain(message: string, code: string, node: string | undefined): void {
    this.reason.replaceChildren(
      make('strong', {}, node === undefined ? 'The run failed' : `✕ ${node}`),
      ' ',
      make('code', {}, code),
      make('pre', { class: 'cause' }, message)
    )
    this.reason.hidden = false
  }

  show(totals: Totals, figures: Figures, shed: number): void {
    this.put('rate', shortText(totals.rate))
    this.put('rows', numberText(totals.rows))
    this.put('bytes', bytesText(totals.bytes))
    this.put('waiting', shortText(totals.waiting))
    this.put('memory', bytesText(figures.peakBytes))
    this.put('dropped', numberText(totals.dropped), totals.dropped > 0 ? 'warn' : '')
    this.put('shed', numberText(shed), shed > 0 ? 'warn' : '')
    this.put('aside', numberText(totals.setAside), totals.setAside > 0 ? 'bad' : '')
    if (totals.progress !== undefined) this.bar.style.transform = `scaleX(${totals.progress.toFixed(4)})`
    const slowest = slowestOf(figures)
    this.slow.hidden = slowest === undefined
    if (slowest) write(this.slow, `▲ held up by ${slowest.node}`)
  }

  private put(name: Figure, text: string, kind = ''): void {
    const value = this.values.get(name)
    if (!value) return
    write(value, text)
    value.className = kind
  }
}
