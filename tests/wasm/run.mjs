// R19: runs every node's cases in the wasm module under Node.js and holds the report equal, byte by byte, to the native one.
//   node tests/wasm/run.mjs MODULE.wasm NATIVE_PROGRAM
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

const [modulePath, nativePath] = process.argv.slice(2)
const seed = Number(process.env.WEIR_SEED ?? 1)

function nodeFolders() {
  const folders = []
  if (!existsSync('nodes')) return folders
  for (const category of readdirSync('nodes', { withFileTypes: true })) {
    if (!category.isDirectory()) continue
    for (const node of readdirSync(join('nodes', category.name), { withFileTypes: true })) {
      if (!node.isDirectory()) continue
      const folder = join('nodes', category.name, node.name)
      const versions = readdirSync(folder).filter((name) => /^v[0-9]+$/.test(name))
      for (const part of ['', ...versions]) {
        const cases = join(folder, part, 'cases.json')
        if (existsSync(cases)) folders.push({ node: `${category.name}/${node.name}`, cases })
      }
    }
  }
  return folders.sort((a, b) => (a.cases < b.cases ? -1 : 1))
}

async function instantiate() {
  const module = await WebAssembly.compile(readFileSync(modulePath))
  const foreign = WebAssembly.Module.imports(module).filter((item) => item.module !== 'weir')
  if (foreign.length > 0) {
    throw new Error(`the module imports ${foreign.map((item) => `${item.module}.${item.name}`).join(', ')}; it may import only from weir`)
  }
  // The cases run over the simulated host inside the module; nothing may reach for the outside.
  const refuse = () => {
    throw new Error('a node case called the host')
  }
  const imports = Object.fromEntries(WebAssembly.Module.imports(module).map((item) => [item.name, refuse]))
  const { exports } = await WebAssembly.instantiate(module, { weir: imports })
  exports._initialize?.()
  return exports
}

function handIn(exports, bytes) {
  const at = exports.weir_alloc(Math.max(bytes.length, 1))
  if (at === 0) throw new Error(`the module has no room for ${bytes.length} bytes`)
  new Uint8Array(exports.memory.buffer, at, bytes.length).set(bytes)
  return at
}

function runInWasm(exports, node, cases) {
  const name = Buffer.from(node)
  const text = readFileSync(cases)
  const nameAt = handIn(exports, name)
  const textAt = handIn(exports, text)
  const report = exports.weir_run_cases(nameAt, name.length, textAt, text.length, seed)
  const view = new DataView(exports.memory.buffer)
  const bytes = Buffer.from(exports.memory.buffer, view.getUint32(report, true), view.getUint32(report + 4, true))
  const copy = Buffer.from(bytes)
  exports.weir_release(nameAt)
  exports.weir_release(textAt)
  return copy.toString()
}

function firstDifference(wasm, native) {
  const left = wasm.split('\n')
  const right = native.split('\n')
  const index = left.findIndex((line, at) => line !== right[at])
  return `wasm:   ${left[index] ?? '(nothing)'}\n    native: ${right[index] ?? '(nothing)'}`
}

const count = { pass: 0, fail: 0, skip: 0 }

function judge(cases, report, native) {
  for (const line of report.split('\n')) {
    if (line === '') continue
    const result = JSON.parse(line)
    count[result.outcome] += 1
    if (result.outcome === 'fail') console.log(`  FAIL ${cases}: ${result.case}: ${result.why}`)
  }
  if (report !== native) {
    count.fail += 1
    console.log(`  FAIL ${cases}: wasm and native differ\n    ${firstDifference(report, native)}`)
  }
}

function runNatively(node, cases, simd) {
  const environment = { ...process.env, ...(simd ? { WEIR_SIMD: simd } : {}) }
  const options = { maxBuffer: 1 << 30, env: environment }
  return execFileSync(nativePath, ['--seed', String(seed), node, cases], options).toString()
}

function judgeBase(cases, native, base) {
  if (native === base) return
  count.fail += 1
  console.log(`  FAIL ${cases}: the widest and the plain instructions differ\n    ${firstDifference(base, native)}`)
}

let exports = await instantiate()
const folders = nodeFolders()
for (const { node, cases } of folders) {
  try {
    const native = runNatively(node, cases)
    judgeBase(cases, native, runNatively(node, cases, 'base'))
    judge(cases, runInWasm(exports, node, cases), native)
  } catch (error) {
    count.fail += 1
    console.log(`  FAIL ${cases}: ${error.message}`)
    exports = await instantiate()
  }
}
if (folders.length === 0) console.log('  no node has cases yet')
console.log(`wasm-cases: ${count.pass} passed, ${count.fail} failed, ${count.skip} skipped`)
process.exitCode = count.fail > 0 ? 1 : 0
