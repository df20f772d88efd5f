// A page that only starts the engine, and says when it was ready: milliseconds after the page began to load.
import { startEngine } from './engine.ts'

export interface Started {
  readyMs: number
  scriptMs: number
}

const scriptMs = performance.now()
const started: Promise<Started> = startEngine().then(() => ({ readyMs: performance.now(), scriptMs }))
Object.assign(globalThis, { started })
