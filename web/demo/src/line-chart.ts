// LineChart: the newest values of one number, drawn at most once a frame.
import { make } from './elements.ts'

const POINTS = 1_000
const PAD = 8

export class LineChart {
  readonly element = make('canvas', { role: 'img' })
  private readonly values = new Float64Array(POINTS)
  private count = 0
  private isDue = false

  constructor(label: string) {
    this.element.setAttribute('aria-label', `${label}, the newest ${POINTS} values`)
  }

  add(values: ArrayLike<number>): void {
    for (let i = Math.max(0, values.length - POINTS); i < values.length; i++) {
      this.values[this.count % POINTS] = values[i] ?? 0
      this.count += 1
    }
    if (this.isDue) return
    this.isDue = true
    requestAnimationFrame(() => {
      this.isDue = false
      this.draw()
    })
  }

  private draw(): void {
    const { element } = this
    const [width, height] = [element.clientWidth, element.clientHeight]
    const scale = globalThis.devicePixelRatio
    element.width = Math.round(width * scale)
    element.height = Math.round(height * scale)
    const context = element.getContext('2d')
    const shown = Math.min(this.count, POINTS)
    if (!context || shown < 2) return
    context.scale(scale, scale)
    const first = this.count - shown
    let [least, most] = [Infinity, -Infinity]
    for (let i = 0; i < shown; i++) {
      const value = this.at(first + i)
      least = Math.min(least, value)
      most = Math.max(most, value)
    }
    const range = most - least || 1
    context.beginPath()
    for (let i = 0; i < shown; i++) {
      const x = PAD + (i / (POINTS - 1)) * (width - 2 * PAD)
      const y = height - PAD - ((this.at(first + i) - least) / range) * (height - 2 * PAD)
      if (i === 0) context.moveTo(x, y)
      else context.lineTo(x, y)
    }
    context.strokeStyle = getComputedStyle(element).color
    context.lineWidth = 2
    context.lineJoin = 'round'
    context.stroke()
  }

  private at(index: number): number {
    return this.values[index % POINTS] ?? 0
  }
}
