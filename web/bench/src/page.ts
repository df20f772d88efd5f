// What the bench calls in its page.
import { PEERS, runPeer, type Peer, type Timed } from './peers.ts'
import { makeWorker, startEngine } from './engine.ts'
import type { Flow } from './flows.ts'
import { flood, type FloodFigures, type FloodOrder } from './flood.ts'
import { latency } from './latency.ts'
import { readCsv, type CsvFigures } from './csv.ts'

const engine = startEngine()
const peers = makeWorker('/peers-worker.js')

/** Seconds from the call to the result, as a page sees it. */
async function runFlow(flow: string | Flow, parameters: Record<string, unknown>, outlet = ''): Promise<RunFigures> {
  const from = performance.now()
  const outlets = outlet === '' ? [] : [{ node: outlet, port: 'rows' }]
  const run = await (await engine).run(flow, { parameters, outlets })
  const rows: unknown[] = []
  if (outlet !== '') for await (const row of run.rows(outlet, 'rows')) rows.push(row)
  const { outcome } = await run.result
  const seconds = (performance.now() - from) / 1000
  run.dispose()
  return { outcome, seconds, rows }
}

export interface RunFigures {
  outcome: string
  seconds: number
  rows: unknown[]
}

function peerInWorker(peer: Peer, rows: number): Promise<Timed> {
  return new Promise((resolve, reject) => {
    peers.onmessage = (event: MessageEvent<Timed>) => {
      resolve(event.data)
    }
    peers.onerror = (event) => {
      reject(new Error(event.message))
    }
    peers.postMessage({ peer, rows })
  })
}

export const bench = {
  ready: () => engine.then(() => performance.now()),
  peers: PEERS,
  peer: runPeer,
  peerInWorker,
  runFlow,
  flood: async (order: FloodOrder): Promise<FloodFigures> => flood(await engine, order),
  latency: async (messages: number, perSecond: number): Promise<number[]> => latency(await engine, messages, perSecond),
  readCsv: async (flow: string, where: 'file' | 'private'): Promise<CsvFigures> => readCsv(await engine, flow, where)
}

export type Bench = typeof bench
Object.assign(globalThis, { bench })
