// CanvasView: draws a session on a canvas. It follows document, selection, camera, theme and figures, draws at most once
// a frame, and nothing if nothing changed.
import { fit, kElementZoom } from '@weir/flow-model'
import type { Camera, Chosen, Hit, Point, Rect } from '@weir/flow-model'
import { insideFor } from '../boxes/inside.ts'
import type { EditorSession } from '../session/editor-session.ts'
import { areaOf, revealed, toCanvas } from './camera.ts'
import { DirtyAreas, grown, movedWithin, pixelCamera } from './paint/dirty.ts'
import type { PixelCamera, PixelRect } from './paint/dirty.ts'
import type { Painter } from './paint/painter.ts'
import { kNameZoom } from './paint/picture.ts'
import type { Emphasis, Picture } from './paint/picture.ts'
import { TextFitter } from './paint/texts.ts'
import { CanvasTheme, watchTheme } from './paint/theme.ts'
import { LiveLook } from './scene/live-look.ts'
import { edgeArea, Scene } from './scene/scene.ts'

const kNoEmphasis: Emphasis = { fits: undefined, port: undefined, edge: undefined, lifted: undefined }
const kQuietMs = 90
/** CSS pixels that are painted beyond the view at most: within these the canvas is moved, and not painted. */
const kMargin = 128
/** Of these so many at a time. */
const kSlack = 64
/** So many changed things are drawn as a whole. */
const kMostTold = 600

export class CanvasView {
  /** Frames drawn so far. */
  frames = 0
  /** Device pixels that were painted again in the last frame. */
  painted = 0
  /** The node that an edge was begun at by key. */
  wireFrom: string | undefined
  /** Where the pointer was last, in pixels of the page; undefined if it is not over the canvas. */
  pointer: Point | undefined
  /** Has the text of a note written; set while there are elements for that. */
  editNote: ((id: string) => void) | undefined
  readonly scene: Scene
  readonly live: LiveLook
  private readonly dirty = new DirtyAreas()
  private readonly picture: Picture
  /** The camera that the surface was painted with, and what of the surface is painted. */
  private drawn: PixelCamera | undefined
  private valid: PixelRect = { x: 0, y: 0, width: 0, height: 0 }
  private size = { width: 0, height: 0, ratio: 1 }
  private frame = 0
  private quiet: ReturnType<typeof setTimeout> | undefined
  private readonly told = { nodes: new Map<string, string>(), edges: new Map<string, string>() }
  private readonly listeners = new Set<() => void>()
  private readonly ends: (() => void)[] = []
  private chosen = new Set<string>()

  /** `root` has the size; `painter` paints on what lies in it. */
  constructor(
    readonly session: EditorSession,
    readonly root: HTMLElement,
    private readonly painter: Painter
  ) {
    const context = root.ownerDocument.createElement('canvas').getContext('2d')
    if (context === null) throw new Error('this browser gives no 2D canvas')
    this.scene = new Scene(session.index, (area) => {
      this.invalidate(area)
    })
    this.scene.goInside(session.view.getState().inside.at(-1) ?? '')
    this.live = new LiveLook(session, {
      figures: (nodes, edges) => {
        this.follow(nodes, edges)
      },
      all: () => {
        this.told.nodes.clear()
        this.told.edges.clear()
        this.invalidate()
      }
    })
    this.picture = {
      session,
      scene: this.scene,
      live: this.live,
      theme: CanvasTheme.of(root),
      texts: new TextFitter(context),
      zoom: 1,
      emphasis: kNoEmphasis,
      focusVisible: false
    }
    this.listen()
  }

  private listen(): void {
    const { session, root } = this
    const observer = new ResizeObserver(() => {
      this.resize()
    })
    observer.observe(root)
    const fonts = root.ownerDocument.fonts
    const fontsCame = (): void => {
      this.picture.texts.clear()
      this.invalidate()
    }
    fonts.addEventListener('loadingdone', fontsCame)
    this.ends.push(
      () => {
        observer.disconnect()
      },
      () => {
        fonts.removeEventListener('loadingdone', fontsCame)
      },
      watchRatio(() => {
        this.resize()
      }),
      watchTheme(root.ownerDocument, () => {
        this.picture.theme = CanvasTheme.of(root)
        this.picture.texts.clear()
        this.invalidate()
      }),
      session.selection.subscribe(() => {
        this.followSelection()
      }),
      session.catalogue.subscribe(() => {
        this.scene.refresh()
      }),
      session.view.subscribe((state, before) => {
        if (state.inside !== before.inside) this.scene.goInside(state.inside.at(-1) ?? '')
        if (state.camera !== before.camera) this.request()
        if (state.lit !== before.lit || state.heat !== before.heat) this.invalidate()
        for (const id of [state.hovered, before.hovered, state.tapped, before.tapped])
          if (id !== undefined && (state.hovered !== before.hovered || state.tapped !== before.tapped))
            this.scene.dirtyEdge(id)
      })
    )
    this.resize()
  }

  dispose(): void {
    cancelAnimationFrame(this.frame)
    clearTimeout(this.quiet)
    for (const end of this.ends.splice(0)) end()
    this.live.dispose()
    this.scene.dispose()
    this.painter.dispose()
    this.listeners.clear()
  }

  get camera(): Camera {
    return this.session.view.getState().camera
  }
  get emphasis(): Emphasis {
    return this.picture.emphasis
  }

  setCamera(camera: Camera): void {
    const { x, y, zoom } = this.camera
    if (x === camera.x && y === camera.y && zoom === camera.zoom) return
    this.session.view.setState({ camera })
  }

  /** What stands out while something is in the hand. */
  emphasize(emphasis: Partial<Emphasis>): void {
    this.picture.emphasis = { ...this.picture.emphasis, ...emphasis }
    this.invalidate()
  }
  endEmphasis(): void {
    this.picture.emphasis = kNoEmphasis
    this.invalidate()
  }

  setFocusVisible(visible: boolean): void {
    if (this.picture.focusVisible === visible) return
    this.picture.focusVisible = visible
    this.root.toggleAttribute('data-keys', visible)
    const { focus } = this.session.selection
    if (focus?.kind === 'nodes') this.scene.dirtyNode(focus.id)
  }

  /** Pixels of the page as a place of the canvas. */
  toCanvas(clientX: number, clientY: number): Point {
    const { left, top } = this.root.getBoundingClientRect()
    return toCanvas(this.camera, clientX - left, clientY - top)
  }

  /** What is under pixels of the page. */
  hitAt(clientX: number, clientY: number): Hit | undefined {
    return this.scene.hit(this.toCanvas(clientX, clientY), this.camera.zoom)
  }

  /** Everything, or these, in view. */
  fit(things?: readonly Chosen[]): void {
    const box = things === undefined ? this.scene.bounds() : this.boundsOf(things)
    if (box !== undefined && this.size.width > 0) this.setCamera(fit(box, this.session.view.getState().size))
  }

  /** Has a thing in view, moving no more than needed; a box around it is gone into, or the one that is is left. */
  reveal(thing: Chosen): void {
    const inside = insideFor(this.session.document, this.session.view.getState().inside, thing)
    if (inside !== undefined) this.session.view.setState({ inside })
    const box = this.boundsOf([thing])
    if (box !== undefined) this.setCamera(revealed(this.camera, this.session.view.getState().size, box))
  }

  /** What of the canvas is seen. */
  area(): Rect {
    return areaOf(this.camera, this.session.view.getState().size)
  }

  /** Draws a part again with the next frame; all of it if not said. */
  invalidate(area?: Rect): void {
    this.dirty.add(area)
    this.request()
  }

  /** Calls when what was drawn has been still for a moment: for elements of the page that follow it. */
  onQuiet(listener: () => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  private boundsOf(things: readonly Chosen[]): Rect | undefined {
    let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity]
    for (const { kind, id } of things) {
      const ends = kind === 'edges' ? this.scene.edgeEnds(id) : undefined
      const small = kind === 'groups' ? this.scene.collapsed.boxes.get(id)?.box : undefined
      const box = ends === undefined ? (small ?? this.session.index.box(kind, id)) : edgeArea(ends.from, ends.to)
      if (box === undefined) continue
      left = Math.min(left, box.x)
      top = Math.min(top, box.y)
      right = Math.max(right, box.x + box.width)
      bottom = Math.max(bottom, box.y + box.height)
    }
    return left === Infinity ? undefined : { x: left, y: top, width: right - left, height: bottom - top }
  }

  private resize(): void {
    const { clientWidth: width, clientHeight: height } = this.root
    const ratio = this.root.ownerDocument.defaultView?.devicePixelRatio ?? 1
    if (width === this.size.width && height === this.size.height && ratio === this.size.ratio) return
    const first = this.size.width === 0
    this.size = { width, height, ratio }
    const surface = this.surface()
    this.painter.resize(surface.width, surface.height, ratio)
    this.session.view.setState({ size: { width, height } })
    this.drawn = undefined
    this.invalidate()
    // What was painted is gone: painting in the same task spares an empty frame.
    if (!first && width > 0) this.draw()
  }

  private followSelection(): void {
    const { selection } = this.session
    const now = new Set(selection.ids('nodes'))
    if (selection.focus?.kind === 'nodes') now.add(selection.focus.id)
    let others = now.size + this.chosen.size < kMostTold
    for (const kind of ['groups', 'notes', 'widgets', 'edges'] as const)
      if (selection.ids(kind).size > 0) others = false
    if (!others || !this.onlyNodes) this.invalidate()
    else for (const id of [...now, ...this.chosen]) if (!(now.has(id) && this.chosen.has(id))) this.scene.dirtyNode(id)
    // The focus may have moved among those that stay.
    if (selection.focus?.kind === 'nodes') this.scene.dirtyNode(selection.focus.id)
    this.onlyNodes = others
    this.chosen = now
    this.request()
  }
  private onlyNodes = true

  /** Figures of these are others: those are drawn again that look different. */
  private follow(nodes: ReadonlySet<string>, edges: ReadonlySet<string>): void {
    const area = this.area()
    const near = this.camera.zoom >= kElementZoom
    for (const id of nodes) {
      const box = this.scene.nodeBox(id)
      if (box === undefined) {
        this.followHidden(id)
        continue
      }
      if (near) {
        if (meets(box, area)) this.scene.dirtyNode(id)
        continue
      }
      const { mark, slow } = this.live.state(id)
      const look = slow ? 'slow' : mark
      if (this.told.nodes.get(id) === look) continue
      this.told.nodes.set(id, look)
      this.scene.dirtyNode(id)
    }
    for (const id of edges) {
      const { flow, fill, dropped } = this.live.edge(id)
      // Far out all lines are as thin as they can be, and a level is a few pixels.
      const far = this.camera.zoom < kNameZoom
      const steps = far ? (fill >= 0.8 ? 2 : fill > 0 ? 1 : 0) : Math.ceil(fill * 32)
      const pill = near && (fill > 0.5 || id === this.session.view.getState().tapped)
      const look = `${far ? Math.sign(flow) : flow} ${steps} ${dropped}`
      if (!pill && this.told.edges.get(id) === look) continue
      this.told.edges.set(id, look)
      this.scene.dirtyEdge(id)
    }
  }

  /** The box around a node shows the worst of its nodes. */
  private followHidden(id: string): void {
    const { mark } = this.live.state(id)
    if (this.told.nodes.get(id) === mark) return
    this.told.nodes.set(id, mark)
    this.scene.dirtyAround(id)
  }

  private request(): void {
    if (this.frame !== 0 || this.size.width === 0) return
    this.frame = requestAnimationFrame(() => {
      this.draw()
    })
  }

  /** The view and a margin around it, in device pixels. */
  private surface(): { width: number; height: number; margin: number; view: { width: number; height: number } } {
    const { ratio } = this.size
    const view = { width: Math.round(this.size.width * ratio), height: Math.round(this.size.height * ratio) }
    const margin = Math.round(kMargin * ratio)
    return { width: view.width + 2 * margin, height: view.height + 2 * margin, margin, view }
  }

  private draw(): void {
    cancelAnimationFrame(this.frame)
    this.frame = 0
    const camera = pixelCamera(this.camera, this.size.ratio)
    this.picture.zoom = this.camera.zoom
    const moved = this.move(camera)
    if (!this.dirty.any && moved.strips.length === 0) return
    const { margin } = this.surface()
    const drawn = this.drawn ?? camera
    const on = { scale: drawn.scale, x: drawn.x + margin, y: drawn.y + margin }
    let rects = this.dirty.take(on, this.valid, moved.strips)
    if (rects === undefined) {
      rects = [moved.view]
      this.valid = moved.view
    }
    if (rects.length === 0) return
    this.painter.paint(this.picture, on, rects)
    ++this.frames
    this.painted = rects.reduce((sum, rect) => sum + rect.width * rect.height, 0)
    this.quietSoon(false)
  }

  /** Has the surface show what the camera sees: where the view is on it, and what of that is not painted yet. */
  private move(camera: PixelCamera): { view: PixelRect; strips: PixelRect[] } {
    const { width, height, margin, view } = this.surface()
    const before = this.drawn
    if (before?.scale !== camera.scale) {
      this.told.nodes.clear()
      this.told.edges.clear()
      return this.anew(camera)
    }
    let [dx, dy] = [camera.x - before.x, camera.y - before.y]
    if (dx === this.offset.x && dy === this.offset.y && !this.dirty.whole)
      return { view: { x: margin - dx, y: margin - dy, ...view }, strips: [] }
    this.quietSoon(true)
    if (Math.abs(dx) > width || Math.abs(dy) > height || this.dirty.whole) return this.anew(camera)
    if (Math.abs(dx) > margin || Math.abs(dy) > margin) {
      this.painter.scroll(dx, dy)
      this.valid = movedWithin(this.valid, dx, dy, width, height)
      this.drawn = camera
      dx = 0
      dy = 0
    }
    const needed = { x: margin - dx, y: margin - dy, ...view }
    const next = grown(this.valid, needed, Math.round(kSlack * this.size.ratio), width, height)
    if (next === undefined) return this.anew(camera)
    this.offset = { x: dx, y: dy }
    this.painter.place(dx - margin, dy - margin)
    this.valid = next.valid
    return { view: needed, strips: next.strips }
  }
  private offset = { x: 0, y: 0 }

  /** Everything is painted again, in the middle of the surface. */
  private anew(camera: PixelCamera): { view: PixelRect; strips: PixelRect[] } {
    const { margin, view } = this.surface()
    this.drawn = camera
    this.offset = { x: 0, y: 0 }
    this.painter.place(-margin, -margin)
    this.dirty.add(undefined)
    this.quietSoon(true)
    return { view: { x: margin, y: margin, ...view }, strips: [] }
  }

  /** Elements of the page follow when the camera has come to rest, or soon if it does not move. */
  private quietSoon(again: boolean): void {
    if (again) clearTimeout(this.quiet)
    else if (this.quiet !== undefined) return
    this.quiet = setTimeout(() => {
      this.quiet = undefined
      for (const listener of [...this.listeners]) listener()
    }, kQuietMs)
  }
}

/** Calls when the page has other pixels: it was moved to another screen. Gives what ends that. */
function watchRatio(changed: () => void): () => void {
  let query: MediaQueryList | undefined
  const told = (): void => {
    listen()
    changed()
  }
  const listen = (): void => {
    query?.removeEventListener('change', told)
    query = matchMedia(`(resolution: ${window.devicePixelRatio}dppx)`)
    query.addEventListener('change', told)
  }
  listen()
  return () => query?.removeEventListener('change', told)
}

function meets(a: Rect, b: Rect): boolean {
  return a.x <= b.x + b.width && b.x <= a.x + a.width && a.y <= b.y + b.height && b.y <= a.y + a.height
}
