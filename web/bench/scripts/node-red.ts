// The editor of Node-RED, as a peer of the canvas: a flow of the same size, drawn and panned in the same browser.
import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { pathOf } from './places.ts'
import { median } from './report.ts'

const NPM = 'build/bench-peers/npm'

/** Whether it was installed, by bench/peers/build. */
export const hasNodeRed = existsSync(pathOf(`${NPM}/node_modules/node-red`))

export interface NodeRedFigures {
  /** Milliseconds from the nodes as objects to the frame that shows them, in a page that is loaded. */
  first: number
  /** Frames a second while the view is moved: with nodes in their own size halved, and as far out as it goes. */
  pan: number
  panFar: number
  /** Megabytes of the page's heap after what is garbage was collected. */
  heap: number
}

/** What the page of its editor has. */
interface NodeRedPage {
  RED: {
    nodes: {
      eachNode(look: (node: { type: string }) => void): void
      createCompleteNodeSet(): unknown[]
      clear(): void
      import(nodes: unknown[]): void
      dirty(is: boolean): void
    }
    workspaces: { show(id: string): void; active(): string }
    view: { redraw(all: boolean, now: boolean): void; scale(to?: number): number }
  }
}

async function started(folder: string, nodes: number): Promise<{ child: ChildProcess; url: string }> {
  mkdirSync(folder, { recursive: true })
  const words = [pathOf('bench/peers/editor-node-red.mjs'), pathOf(NPM), folder, String(nodes)]
  const child = spawn('node', words, { stdio: ['pipe', 'pipe', 'inherit'] })
  const port = await new Promise<string>((resolve, reject) => {
    let said = ''
    child.stdout.on('data', (piece: Buffer) => {
      said += piece.toString()
      const found = /port (\d+)/.exec(said)?.[1]
      if (found !== undefined) resolve(found)
    })
    child.once('exit', (code) => {
      reject(new Error(`Node-RED ended with ${String(code)}`))
    })
  })
  return { child, url: `http://127.0.0.1:${port}/` }
}

/** All nodes gone, and in again: what its editor does with a flow once it has it. */
function imported(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const { RED } = globalThis as unknown as NodeRedPage
    const frame = (): Promise<number> => new Promise((resolve) => requestAnimationFrame(resolve))
    const flow = RED.nodes.createCompleteNodeSet()
    RED.nodes.clear()
    await frame()
    await frame()
    const from = performance.now()
    RED.nodes.import(flow)
    RED.workspaces.show('tab')
    RED.view.redraw(true, true)
    await frame()
    await frame()
    const took = performance.now() - from
    RED.nodes.dirty(false)
    return took
  })
}

/** Frames a second while its view is scrolled in slow circles. */
function panned(page: Page, ms: number, scale: number): Promise<number> {
  return page.evaluate(
    async ([time, zoom]) => {
      const { RED } = globalThis as unknown as NodeRedPage
      const chart = document.getElementById('red-ui-workspace-chart')
      if (chart === null) throw new Error('the editor of Node-RED has no chart')
      const frame = (): Promise<number> => new Promise((resolve) => requestAnimationFrame(resolve))
      RED.view.scale(zoom)
      RED.view.redraw(true, true)
      await frame()
      const from = await frame()
      let last = from
      let frames = 0
      while (last < from + time) {
        chart.scrollLeft = 300 + 200 * Math.sin(frames / 25)
        chart.scrollTop = 150 + 120 * (1 - Math.cos(frames / 25))
        last = await frame()
        ++frames
      }
      return (1000 * frames) / (last - from)
    },
    [ms, scale] as const
  )
}

/** Starts it, measures, and ends it. */
export async function nodeRed(
  browser: Browser,
  folder: string,
  nodes: number,
  ms: number,
  runs: number
): Promise<NodeRedFigures> {
  const { child, url } = await started(join(folder, `node-red-${nodes}`), nodes)
  const page = await browser.newPage({ viewport: { width: 1200, height: 760 } })
  page.setDefaultTimeout(300_000)
  try {
    await page.goto(url)
    await page.waitForFunction((wanted) => {
      const { RED } = globalThis as unknown as { RED?: Partial<NodeRedPage['RED']> }
      if (RED?.workspaces === undefined || RED.nodes === undefined || RED.view === undefined) return false
      let seen = 0
      RED.nodes.eachNode((node) => {
        if (node.type === 'function') ++seen
      })
      return seen === wanted && document.querySelectorAll('.red-ui-flow-node').length >= wanted
    }, nodes)
    const firsts: number[] = []
    for (let run = 0; run < runs; ++run) firsts.push(await imported(page))
    const pan = await panned(page, ms, 0.5)
    const panFar = await panned(page, ms, 0.3)
    const session = await page.context().newCDPSession(page)
    await session.send('HeapProfiler.collectGarbage')
    const { usedSize } = await session.send('Runtime.getHeapUsage')
    return { first: median(firsts), pan, panFar, heap: usedSize / 1e6 }
  } finally {
    await page.close()
    child.removeAllListeners('exit')
    child.kill()
  }
}
