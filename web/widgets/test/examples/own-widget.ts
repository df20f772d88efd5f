// A widget of one's own: it keeps what it draws, and is drawn once a frame however many batches came.
import { builtInWidgets, readNumbers, WidgetView, type Batch, type ViewOptions } from '@weir/widgets/core'

class LampView extends WidgetView {
  private readonly lamp = document.createElement('strong')
  private last = NaN

  constructor(options: ViewOptions) {
    super('lamp', options)
    this.body.prepend(this.lamp)
  }

  /** Copy what you keep: the batch's buffer is used again. */
  protected consume(batch: Batch): void {
    const column = batch.columns.find((one) => one.kind === 'double')
    if (!column) throw new Error('A lamp needs a column of doubles.')
    const values = new Float64Array(batch.rows)
    readNumbers(column, 0, batch.rows, values, 0)
    this.last = values.at(-1) ?? this.last
  }

  protected isEmpty(): boolean {
    return Number.isNaN(this.last)
  }

  protected paint(): void {
    this.lamp.textContent = this.isEmpty() ? '' : this.last > 0 ? '● on' : '○ off'
  }
}

export const registry = builtInWidgets()
registry.register('lamp', ({ title, clock }) => new LampView({ title, ...(clock && { clock }) }))
