#!/usr/bin/env node
// Builds and serves the demo page on 127.0.0.1: serve.mjs [PORT], 8080 by default.
import { fileURLToPath } from 'node:url'
import { buildDemo } from './build.mjs'
import { serve } from './server.mjs'

const folder = fileURLToPath(new URL('../../../build/web', import.meta.url))
await buildDemo(folder)
const { url } = await serve(folder, { port: Number(process.argv[2] ?? 8080) })
console.log(`web: ${url} (Ctrl+C ends it)`)
