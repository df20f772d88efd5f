// The page in which our canvas and a peer draw the same flows, one after the other.
import '@weir/ui/look/base.css'
import { nextFrame } from './contestant.ts'
import { ours } from './ours.ts'
import { reactFlow } from './react-flow.tsx'

const contestants = { ours, reactFlow }
export type ContestantName = keyof typeof contestants

let timer: ReturnType<typeof setInterval> | undefined

/** Does one step each frame for so long; milliseconds between frames. */
async function drive(ms: number, step: (frame: number) => void): Promise<number[]> {
  const gaps: number[] = []
  let last = await nextFrame()
  const end = last + ms
  for (let frame = 0; last < end; ++frame) {
    step(frame)
    const at = await nextFrame()
    gaps.push(at - last)
    last = at
  }
  return gaps
}

export const canvasBench = {
  open: (name: ContestantName, nodes: number): Promise<number> => contestants[name].open(nodes),
  close: (name: ContestantName): void => {
    clearInterval(timer)
    contestants[name].close()
  },
  /** Pans in slow circles at a zoom; 0: with everything in view. */
  pan: async (name: ContestantName, zoom: number, ms: number): Promise<number[]> => {
    const one = contestants[name]
    const all = one.fit()
    const from = zoom === 0 ? all : { x: 1000, y: 400, zoom }
    one.look(from.x, from.y, from.zoom)
    await nextFrame()
    return drive(ms, (frame) => {
      const [dx, dy] = [200 * Math.sin(frame / 25), 120 * (1 - Math.cos(frame / 25))]
      one.look(from.x + dx / from.zoom, from.y + dy / from.zoom, from.zoom)
    })
  },
  /** Zooms in and out around everything. */
  zoom: async (name: ContestantName, ms: number): Promise<number[]> => {
    const from = contestants[name].fit()
    await nextFrame()
    return drive(ms, (frame) => {
      contestants[name].look(from.x, from.y, from.zoom * (1.5 - 0.5 * Math.cos(frame / 20)))
    })
  },
  /** Drags a node among others at zoom 0.5. */
  drag: async (name: ContestantName, ms: number): Promise<number[]> => {
    const one = contestants[name]
    one.look(0, 0, 0.5)
    await nextFrame()
    const gaps = await drive(ms, (frame) => {
      one.drag(frame)
    })
    one.endDrag()
    return gaps
  },
  /** Everything in view, and ten times a second other figures of so many edges. */
  live: async (name: ContestantName, edges: number, ms: number): Promise<number[]> => {
    const one = contestants[name]
    one.fit()
    let turn = 0
    clearInterval(timer)
    timer = setInterval(() => {
      one.figures(edges, ++turn)
    }, 100)
    return drive(ms, () => undefined)
  },
  /** Megabytes of the heap after what is garbage was collected. */
  heap: (): number => {
    const { gc } = globalThis as { gc?: () => void }
    gc?.()
    const { memory } = performance as unknown as { memory?: { usedJSHeapSize: number } }
    return (memory?.usedJSHeapSize ?? NaN) / 1e6
  }
}

export type CanvasBench = typeof canvasBench
Object.assign(globalThis, { canvasBench, scene: canvasBench })
