// FailedView: stands where a widget would, when that could not be made, and says why.
import { reasonOf, WidgetView, type ViewOptions } from './widget-view.ts'

export class FailedView extends WidgetView {
  constructor(options: ViewOptions, reason: unknown) {
    super('failed', options)
    this.giveUp(reasonOf(reason, 'This widget could not be made; it did not say why.'), reason)
  }

  protected consume(): void {
    return
  }

  protected isEmpty(): boolean {
    return true
  }

  protected paint(): void {
    return
  }
}
