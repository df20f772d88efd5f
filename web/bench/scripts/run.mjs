#!/usr/bin/env node
// Runs bench.ts in Node.js: run.mjs [--quick] [--only NAME] [--runs 5] [--json FILE]
import { register } from 'node:module'

register('./typescript-loader.mjs', import.meta.url)
const { main } = await import('./bench.ts')
process.exitCode = await main(process.argv.slice(2))
