// WidgetRegistry: widgets by the names that a node's schema gives as `ui.widget`.
import type { FrameClock } from '../frame/frame-clock.ts'
import { FrameWidgetView } from '../sandbox/frame-widget.ts'
import { FailedView } from '../view/failed-view.ts'
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

  /** @throws what is wrong with the name or the settings, or what the factory throws. */
  create(name: string, request: WidgetRequest): WidgetView {
    const factory = this.factories.get(name)
    if (!factory) {
      throw new Error(`There is no widget '${name}'. Known are ${this.names().join(', ')}; is its package installed?`)
    }
    const view: unknown = factory(request)
    if (isView(view)) return view
    throw new Error(`The widget '${name}' gives ${nameOfKind(view)} instead of a view; its package has to be mended.`)
  }

  /** As `create`; for a widget that cannot be made, a view that says why: the others of the page go on. */
  createOrFailed(name: string, request: WidgetRequest): WidgetView {
    try {
      return this.create(name, request)
    } catch (reason) {
      const { title, clock } = request
      return new FailedView({ title, ...(clock && { clock }) }, reason)
    }
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

/** By its shape: a package may have brought its own copy of ours. */
function isView(view: unknown): view is WidgetView {
  if (typeof view !== 'object' || view === null) return false
  const { element, take, end, dispose } = view as Record<string, unknown>
  return typeof element === 'object' && [take, end, dispose].every((one) => typeof one === 'function')
}

function nameOfKind(value: unknown): string {
  if (value === null || value === undefined) return 'nothing'
  return value instanceof Promise ? 'a promise' : `a value of type '${typeof value}'`
}
