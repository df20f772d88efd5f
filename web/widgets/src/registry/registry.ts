// WidgetRegistry: widgets by the names that a node's schema gives as `ui.widget`.
import type { FrameClock } from '../frame/frame-clock.ts'
import { FrameWidgetView } from '../sandbox/frame-widget.ts'
import type { WidgetView } from '../view/widget-view.ts'

export interface WidgetRequest {
  title: string
  clock?: FrameClock
  /** As the flow document has them; each widget checks its own. */
  settings?: Readonly<Record<string, unknown>>
}

/** Throws in words if the settings do not fit. */
export type WidgetFactory = (request: WidgetRequest) => WidgetView

/** What a node's schema says about its widget. */
export interface NodeWithWidget {
  ui?: unknown
}

export class WidgetRegistry {
  private readonly factories = new Map<string, WidgetFactory>()

  /** A widget that runs in this page: ours, or of a package that is trusted as much. */
  register(name: string, factory: WidgetFactory): void {
    if (this.factories.has(name)) throw new Error(`A widget '${name}' is registered already; choose another name.`)
    this.factories.set(name, factory)
  }

  /** A widget of another package: the page at `url` in a sandboxed frame, without access to this origin. */
  registerFrame(name: string, url: string): void {
    this.register(name, (request) => new FrameWidgetView({ ...request, url }))
  }

  create(name: string, request: WidgetRequest): WidgetView {
    const factory = this.factories.get(name)
    if (!factory) {
      throw new Error(`There is no widget '${name}'. Known are ${this.names().join(', ')}; is its package installed?`)
    }
    return factory(request)
  }

  names(): string[] {
    return [...this.factories.keys()].sort()
  }

  /** The widget that draws a node's data; undefined if its schema names none or one that is not known. */
  nameFor(node: NodeWithWidget): string | undefined {
    const { ui } = node
    const name = typeof ui === 'object' && ui !== null ? (ui as { widget?: unknown }).widget : undefined
    return typeof name === 'string' && this.factories.has(name) ? name : undefined
  }
}
