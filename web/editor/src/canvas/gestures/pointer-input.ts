// PointerInput: what mouse, pen and fingers do on the canvas. One gesture at a time, applied once a frame.
import type { Chosen, Hit } from '@weir/flow-model'
import { panned, zoomedAt } from '../camera.ts'
import { setCollapsed } from '../../boxes/box-actions.ts'
import { goInto } from '../../boxes/inside.ts'
import { openThing } from '../../boxes/open-thing.ts'
import { Connect } from './connect.ts'
import { DragThings } from './drag-things.ts'
import type { Gesture, PointerAt, Surface } from './gesture.ts'
import { edgeEndAt, openPalette, resizeHandleAt } from './targets.ts'
import { kDragSlop, kEndReach, kLongPressMs } from './limits.ts'
import { Marquee } from './marquee.ts'
import { Pan } from './pan.ts'
import { ResizeThing } from './resize-thing.ts'

/** A press that may become a gesture. */
interface Press {
  at: PointerAt
  hit: Hit | undefined
  /** What it becomes would change the document. */
  edits: boolean
  start(): Gesture
  /** Released without having moved. */
  click(): void
}

export class PointerInput {
  /** Space is held: the left button pans. */
  panning = false
  /** Something was pressed while Space was held: it was no tap. */
  panned = false
  private press: Press | undefined
  private gesture: Gesture | undefined
  private pending: PointerAt | undefined
  private frame = 0
  private longPress: ReturnType<typeof setTimeout> | undefined
  private readonly fingers = new Map<number, { x: number; y: number }>()
  private readonly stop = new AbortController()

  constructor(private readonly surface: Surface) {
    const { root } = surface.view
    const { signal } = this.stop
    root.addEventListener(
      'pointerdown',
      (event) => {
        this.down(event)
      },
      { signal }
    )
    root.addEventListener(
      'pointermove',
      (event) => {
        this.moved(event)
      },
      { signal }
    )
    root.addEventListener(
      'pointerup',
      (event) => {
        this.up(event)
      },
      { signal }
    )
    root.addEventListener(
      'pointercancel',
      (event) => {
        this.lost(event)
      },
      { signal }
    )
    root.addEventListener(
      'pointerleave',
      () => {
        this.left()
      },
      { signal }
    )
    root.addEventListener(
      'dblclick',
      (event) => {
        this.doubled(event)
      },
      { signal }
    )
    root.addEventListener(
      'contextmenu',
      (event) => {
        this.chooseUnder(event)
      },
      { signal, capture: true }
    )
    root.addEventListener(
      'wheel',
      (event) => {
        this.wheeled(event)
      },
      { signal, passive: false }
    )
  }

  dispose(): void {
    this.cancel()
    this.stop.abort()
    cancelAnimationFrame(this.frame)
    clearTimeout(this.longPress)
  }

  /** Whether there was something to cancel. */
  cancel(): boolean {
    const { gesture, press } = this
    this.gesture = undefined
    this.press = undefined
    this.pending = undefined
    clearTimeout(this.longPress)
    gesture?.cancel()
    this.surface.overlay.clear()
    if (gesture !== undefined) this.showCursor('')
    return gesture !== undefined || press !== undefined
  }

  private down(event: PointerEvent): void {
    if (isOwn(event) || this.gesture !== undefined) return
    const { view, ui } = this.surface
    view.pointer = { x: event.clientX, y: event.clientY }
    ui.setState({ refusal: undefined })
    view.root.focus({ preventScroll: true })
    view.setFocusVisible(false)
    if (event.pointerType === 'touch' && this.touched(event)) return
    this.panned ||= this.panning
    const at = pointOf(event)
    const press = this.pressOf(event, at)
    if (press === undefined) return
    if (event.button === 1) event.preventDefault()
    view.root.setPointerCapture(event.pointerId)
    this.press = press
  }

  /** Two fingers pinch; one that stays opens the menu. */
  private touched(event: PointerEvent): boolean {
    this.fingers.set(event.pointerId, { x: event.clientX, y: event.clientY })
    clearTimeout(this.longPress)
    if (this.fingers.size > 1) {
      this.cancel()
      this.surface.view.root.setPointerCapture(event.pointerId)
      return true
    }
    this.longPress = setTimeout(() => {
      if (this.gesture !== undefined) return
      this.press = undefined
      const { clientX, clientY } = event
      const menu = new MouseEvent('contextmenu', { bubbles: true, cancelable: true, clientX, clientY, button: 2 })
      this.surface.view.root.dispatchEvent(menu)
    }, kLongPressMs)
    return false
  }

  private pressOf(event: PointerEvent, at: PointerAt): Press | undefined {
    const { surface } = this
    if (event.button === 1 || (event.button === 0 && this.panning))
      return { at, hit: undefined, edits: false, start: () => new Pan(surface, at), click: nothing }
    if (event.button !== 0) return undefined
    const { view } = surface
    const point = view.toCanvas(at.x, at.y)
    const handle = resizeHandleAt(view, point)
    if (handle !== undefined)
      return {
        at,
        hit: undefined,
        edits: true,
        start: () => new ResizeThing(surface, handle.kind, handle.id, handle.box, at),
        click: nothing
      }
    const hit = view.scene.hit(point, view.camera.zoom)
    const group = view.scene.groupHandleAt(point, view.camera.zoom)
    const fold = view.scene.foldHandleAt(point, view.camera.zoom)
    if (fold !== undefined)
      return {
        at,
        hit: { kind: 'groups', id: fold },
        edits: true,
        start: () => this.dragThing({ kind: 'groups', id: fold }, at),
        click: () => {
          const { session } = view
          setCollapsed(session, fold, session.document.group(fold)?.collapsed !== true)
        }
      }
    if (group !== undefined && (hit === undefined || hit.kind === 'groups' || hit.kind === 'edges'))
      return this.pressThing({ kind: 'groups', id: group }, at)
    if (hit?.kind === 'port')
      return {
        at,
        hit,
        edits: true,
        start: () => this.wireFrom(hit),
        click: () => {
          this.choose({ kind: 'nodes', id: hit.node }, at)
        }
      }
    if (hit?.kind === 'edges') return this.pressEdge(hit.id, at)
    if (hit === undefined || (hit.kind === 'groups' && !view.scene.collapsed.boxes.has(hit.id)))
      return this.pressGround(hit, at, event.pointerType === 'touch')
    return this.pressThing(hit, at)
  }

  private pressGround(hit: Hit | undefined, at: PointerAt, touch: boolean): Press {
    const { surface } = this
    const click = (): void => {
      const { selection, view } = surface.view.session
      if (hit?.kind === 'groups') this.choose(hit, at)
      else if (!at.shift && !at.mod) selection.clear()
      if (view.getState().palette !== undefined) view.setState({ palette: undefined })
    }
    return { at, hit, edits: false, start: () => (touch ? new Pan(surface, at) : new Marquee(surface, at)), click }
  }

  private dragThing(thing: Chosen, at: PointerAt): Gesture {
    if (!this.surface.view.session.selection.has(thing.kind, thing.id)) this.choose(thing, at)
    return new DragThings(this.surface, at)
  }

  private pressThing(thing: Exclude<Hit, { kind: 'port' }>, at: PointerAt): Press {
    return {
      at,
      hit: thing,
      edits: true,
      start: () => this.dragThing(thing, at),
      click: () => {
        this.choose(thing, at)
      }
    }
  }

  private pressEdge(id: string, at: PointerAt): Press {
    const { surface } = this
    const { view } = surface
    const start = (): Gesture => {
      const end = edgeEndAt(view, id, view.toCanvas(at.x, at.y), kEndReach)
      return end === undefined ? new Marquee(surface, at) : new Connect(surface, end, id)
    }
    const click = (): void => {
      this.choose({ kind: 'edges', id }, at)
      const { bottom } = view.session.view.getState()
      view.session.view.setState({ tapped: id, bottom: { ...bottom, tab: 'data', open: true } })
    }
    return { at, hit: { kind: 'edges', id }, edits: true, start, click }
  }

  /** From an input that has one edge its end is taken up; else a new wire is drawn. */
  private wireFrom(hit: Extract<Hit, { kind: 'port' }>): Gesture {
    const { document } = this.surface.view.session
    const from = { node: hit.node, side: hit.side, port: hit.port }
    if (hit.side === 'inputs') {
      const [edge, ...others] = document.edgesInto(hit.node).filter((each) => each.target.port === hit.port)
      if (edge !== undefined && others.length === 0)
        return new Connect(this.surface, { node: edge.source.node, side: 'outputs', port: edge.source.port }, edge.id)
    }
    return new Connect(this.surface, from)
  }

  private choose(thing: Chosen, at: PointerAt): void {
    const { selection } = this.surface.view.session
    if (at.shift || at.mod) selection.toggle(thing)
    else selection.set([thing])
  }

  private moved(event: PointerEvent): void {
    const last = { x: event.clientX, y: event.clientY }
    this.surface.view.pointer = last
    if (this.fingers.has(event.pointerId)) {
      if (this.fingers.size > 1) {
        this.pinch(event)
        return
      }
      this.fingers.set(event.pointerId, last)
    }
    const at = pointOf(event)
    if (this.press === undefined) {
      if (event.pointerType !== 'touch' && !isOwn(event)) this.hover(at)
      return
    }
    if (this.gesture === undefined) {
      const slop = event.pointerType === 'touch' ? 2 * kDragSlop : kDragSlop
      if (Math.hypot(at.x - this.press.at.x, at.y - this.press.at.y) < slop) return
      clearTimeout(this.longPress)
      this.gesture = this.startOf(this.press)
      this.showCursor(this.gesture.cursor)
    }
    this.pending = at
    if (this.frame === 0) {
      this.frame = requestAnimationFrame(() => {
        this.frame = 0
        if (this.pending !== undefined) this.gesture?.move(this.pending)
        this.pending = undefined
      })
    }
  }

  /** Of a document that may only be looked at nothing is moved: it is looked around in. */
  private startOf(press: Press): Gesture {
    const { session } = this.surface.view
    const { readOnly = '' } = session.options
    if (!press.edits || readOnly === '') return press.start()
    session.tell(readOnly, 'warning')
    return new Pan(this.surface, press.at)
  }

  private pinch(event: PointerEvent): void {
    const { view } = this.surface
    const before = [...this.fingers.values()]
    this.fingers.set(event.pointerId, { x: event.clientX, y: event.clientY })
    const [a, b] = [...this.fingers.values()]
    const [c, d] = before
    if (a === undefined || b === undefined || c === undefined || d === undefined) return
    const { left, top } = view.root.getBoundingClientRect()
    const middle = { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 }
    const was = { x: (c.x + d.x) / 2, y: (c.y + d.y) / 2 }
    const ratio = Math.hypot(a.x - b.x, a.y - b.y) / Math.max(1, Math.hypot(c.x - d.x, c.y - d.y))
    const moved = panned(view.camera, middle.x - was.x, middle.y - was.y)
    view.setCamera(zoomedAt(moved, middle.x - left, middle.y - top, moved.zoom * ratio))
  }

  private up(event: PointerEvent): void {
    this.fingers.delete(event.pointerId)
    clearTimeout(this.longPress)
    const { press, gesture } = this
    this.press = undefined
    this.gesture = undefined
    this.pending = undefined
    if (gesture !== undefined) {
      gesture.end(pointOf(event))
      this.showCursor('')
    } else press?.click()
  }

  private lost(event: PointerEvent): void {
    this.fingers.delete(event.pointerId)
    this.cancel()
  }

  private left(): void {
    if (this.press !== undefined) return
    this.surface.view.pointer = undefined
    const { view } = this.surface.view.session
    if (view.getState().hovered !== undefined) view.setState({ hovered: undefined })
  }

  private hover(at: PointerAt): void {
    const { view, ui } = this.surface
    const point = view.toCanvas(at.x, at.y)
    const hit = view.scene.hit(point, view.camera.zoom)
    const state = view.session.view
    const hovered = hit?.kind === 'edges' ? hit.id : undefined
    if (hovered !== undefined && state.getState().hovered !== hovered) ui.setState({ pointer: { x: at.x, y: at.y } })
    if (state.getState().hovered !== hovered) state.setState({ hovered })
    this.showCursor(this.panning ? 'grab' : this.cursorAt(at, hit))
  }

  private cursorAt(at: PointerAt, hit: Hit | undefined): string {
    const { view } = this.surface
    const point = view.toCanvas(at.x, at.y)
    if (resizeHandleAt(view, point) !== undefined) return 'nwse-resize'
    if (view.scene.foldHandleAt(point, view.camera.zoom) !== undefined) return 'pointer'
    if (hit?.kind === 'port') return 'crosshair'
    if (hit !== undefined && hit.kind !== 'groups') return 'pointer'
    return view.scene.groupHandleAt(point, view.camera.zoom) === undefined ? '' : 'pointer'
  }

  showCursor(cursor: string): void {
    const { style } = this.surface.view.root
    if (style.cursor !== cursor) style.cursor = cursor
  }

  private doubled(event: MouseEvent): void {
    if (isOwn(event)) return
    const { view, ui } = this.surface
    const point = view.toCanvas(event.clientX, event.clientY)
    const hit = view.scene.hit(point, view.camera.zoom)
    const group = view.scene.groupHandleAt(point, view.camera.zoom)
    if (view.scene.foldHandleAt(point, view.camera.zoom) !== undefined) return
    if (hit?.kind === 'notes') ui.setState({ editing: hit.id })
    else if (hit?.kind === 'groups' && view.scene.collapsed.boxes.has(hit.id)) goInto(view.session, hit.id)
    else if (hit?.kind === 'nodes') openThing(view.session, hit)
    else if (group !== undefined && (hit === undefined || hit.kind === 'groups')) goInto(view.session, group)
    else if (hit?.kind === 'edges') openPalette(view, event.clientX, event.clientY, hit.id)
    else if (hit === undefined || hit.kind === 'groups') openPalette(view, event.clientX, event.clientY)
  }

  /** A menu is about what is under the pointer: that is chosen before it opens. */
  private chooseUnder(event: MouseEvent): void {
    if (isOwn(event)) return
    this.cancel()
    const { view } = this.surface
    const hit = view.hitAt(event.clientX, event.clientY)
    const { selection } = view.session
    if (hit === undefined) selection.clear()
    else {
      const thing: Chosen = hit.kind === 'port' ? { kind: 'nodes', id: hit.node } : hit
      if (!selection.has(thing.kind, thing.id)) selection.set([thing])
    }
  }

  private wheeled(event: WheelEvent): void {
    if (isOwn(event) && event.target instanceof Element && event.target.closest('[data-canvas-scrolls]') !== null)
      return
    event.preventDefault()
    const { view } = this.surface
    const unit = event.deltaMode === 1 ? 16 : event.deltaMode === 2 ? view.root.clientHeight : 1
    const [dx, dy] = [event.deltaX * unit, event.deltaY * unit]
    if (!event.ctrlKey && !event.metaKey) {
      const sideways = event.shiftKey && dx === 0
      view.setCamera(panned(view.camera, sideways ? -dy : -dx, sideways ? 0 : -dy))
      return
    }
    const { left, top } = view.root.getBoundingClientRect()
    // A notch of a wheel is 100 or 120, a pinch on a touchpad a few.
    const by = Math.exp(-Math.max(-60, Math.min(60, dy)) * 0.005)
    view.setCamera(zoomedAt(view.camera, event.clientX - left, event.clientY - top, view.camera.zoom * by))
  }
}

function nothing(): void {
  // A press that does nothing unless the pointer moves.
}

function pointOf(event: MouseEvent): PointerAt {
  const { clientX: x, clientY: y, shiftKey: shift, altKey: alt } = event
  return { x, y, shift, alt, mod: event.ctrlKey || event.metaKey }
}

/** Parts of the page on the canvas that take the pointer themselves. */
function isOwn(event: Event): boolean {
  return event.target instanceof Element && event.target.closest('[data-canvas-own]') !== null
}
