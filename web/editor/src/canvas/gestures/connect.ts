// Connects: a wire is dragged from a port, or from the end of an edge; what does not fit dims, a refusal says why.
import { typesFit } from '@weir/flow-model'
import type { FlowDocument, Point } from '@weir/flow-model'
import type { PortRef } from '../../session/view-state.ts'
import { connectPorts, endsBetween } from '../actions.ts'
import type { CanvasView } from '../canvas-view.ts'
import type { Gesture, PointerAt, Surface } from './gesture.ts'

export class Connect implements Gesture {
  readonly cursor = 'crosshair'
  private target: PortRef | undefined
  private readonly fits: (port: PortRef) => boolean

  /** `lifted`: the edge whose other end `from` is. */
  constructor(
    private readonly surface: Surface,
    private readonly from: PortRef,
    private readonly lifted?: string
  ) {
    const { view } = surface
    this.fits = fitting(view, from)
    view.emphasize({ fits: this.fits, lifted })
  }

  move(at: PointerAt): void {
    const { view, overlay } = this.surface
    const point = view.toCanvas(at.x, at.y)
    const target = this.portUnder(point)
    if (target?.node !== this.target?.node || target?.port !== this.target?.port) {
      this.target = target
      view.emphasize({ port: target !== undefined && this.fits(target) ? target : undefined })
    }
    const own = view.scene.port(this.from.node, this.from.side, this.from.port)
    const end = target === undefined ? point : (view.scene.port(target.node, target.side, target.port) ?? point)
    if (own === undefined) return
    if (this.from.side === 'outputs') overlay.showWire(own, end)
    else overlay.showWire(end, own)
  }

  /** The port under a point; of a node under it the first that fits, else the first of the other side. */
  private portUnder(point: Point): PortRef | undefined {
    const { view } = this.surface
    const hit = view.scene.hit(point, view.camera.zoom)
    if (hit === undefined) return undefined
    if (hit.kind === 'port') {
      const own = hit.node === this.from.node && hit.side === this.from.side && hit.port === this.from.port
      return own ? undefined : { node: hit.node, side: hit.side, port: hit.port }
    }
    if (hit.kind !== 'nodes' || hit.id === this.from.node) return undefined
    const node = view.session.document.node(hit.id)
    if (node === undefined) return undefined
    const side = this.from.side === 'outputs' ? 'inputs' : 'outputs'
    const ports = view.session.catalogue.portsOf(view.session.document, node)[side]
    const refs = ports.map((port): PortRef => ({ node: hit.id, side, port: port.name }))
    return refs.find(this.fits) ?? refs[0]
  }

  end(at: PointerAt): void {
    this.move(at)
    const { view, ui } = this.surface
    this.clear()
    if (this.target !== undefined) {
      const refusal = connectPorts(view.session, this.from, this.target, this.lifted)
      if (refusal === undefined) return
      view.session.tell(refusal.reason, 'warning')
      ui.setState({ refusal: { ...refusal, x: at.x, y: at.y } })
      return
    }
    const point = view.toCanvas(at.x, at.y)
    const hit = view.scene.hit(point, view.camera.zoom)
    if (hit !== undefined && hit.kind !== 'groups' && hit.kind !== 'edges') return
    if (this.lifted !== undefined) {
      view.session.tell('Dropped on nothing: the edge is as before. Delete removes it.')
      return
    }
    view.session.view.setState({ palette: { at: point, screen: { x: at.x, y: at.y }, from: this.from } })
  }

  cancel(): void {
    this.clear()
  }

  private clear(): void {
    this.surface.overlay.showWire()
    this.surface.view.endEmphasis()
  }
}

/** What a port can be connected with, by type and so that no circle comes about; quick, since it is asked for each port in view. */
export function fitting({ session }: CanvasView, from: PortRef): (port: PortRef) => boolean {
  const { document, catalogue } = session
  const typeOf = (ref: PortRef): string | undefined => {
    const node = document.node(ref.node)
    if (node === undefined) return undefined
    return catalogue.portsOf(document, node)[ref.side].find((port) => port.name === ref.port)?.type
  }
  const own = typeOf(from) ?? 'any'
  const circle = reachable(document, from.node, from.side === 'outputs' ? 'before' : 'after')
  return (ref) => {
    if (ref.side === from.side || circle.has(ref.node)) return false
    const type = typeOf(ref)
    if (type === undefined) return false
    const { source, target } = endsBetween(from, ref)
    const twice = document
      .edgesOutOf(source.node)
      .some(
        (edge) =>
          edge.source.port === source.port && edge.target.node === target.node && edge.target.port === target.port
      )
    return !twice && (from.side === 'outputs' ? typesFit(own, type) : typesFit(type, own))
  }
}

/** A node and all before or after it. */
function reachable(document: FlowDocument, from: string, way: 'before' | 'after'): Set<string> {
  const seen = new Set([from])
  for (const id of seen) {
    if (way === 'before') for (const edge of document.edgesInto(id)) seen.add(edge.source.node)
    else for (const edge of document.edgesOutOf(id)) seen.add(edge.target.node)
  }
  return seen
}
