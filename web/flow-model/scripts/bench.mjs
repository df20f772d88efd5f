// Prints how long the model takes with 5,000 nodes: `node flow-model/scripts/bench.mjs [NODES]`, in web/.
import { build } from 'esbuild'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

const count = Number(process.argv[2] ?? 5000)
const folder = mkdtempSync(join(tmpdir(), 'flow-model-'))
const outfile = join(folder, 'flow-model.mjs')
const entry = resolve(import.meta.dirname, '../src/index.ts')
await build({ entryPoints: [entry], outfile, bundle: true, format: 'esm', logLevel: 'error' })
const model = await import(pathToFileURL(outfile).href)
rmSync(folder, { recursive: true })

/** Median of several runs, in milliseconds. */
function time(name, runs, work) {
  const times = []
  for (let run = 0; run < runs; ++run) {
    const start = performance.now()
    work(run)
    times.push(performance.now() - start)
  }
  times.sort((a, b) => a - b)
  const median = times[Math.floor(runs / 2)]
  const worst = times[runs - 1]
  console.log(`${name.padEnd(58)} ${median.toFixed(3).padStart(9)} ms   at most ${worst.toFixed(3).padStart(9)} ms`)
}

function makeText() {
  const nodes = []
  const edges = []
  for (let i = 0; i < count; ++i) {
    const position = { x: (i % 100) * 260, y: Math.floor(i / 100) * 140 }
    const settings = { condition: `row.value > ${i} && row.name != 'n${i}'` }
    nodes.push({ id: `n${i}`, typeId: 'logic/filter', version: '1.0.0', settings, position })
    if (i % 100 > 0)
      edges.push({
        id: `e${i}`,
        source: { node: `n${i - 1}`, port: 'match' },
        target: { node: `n${i}`, port: 'rows' }
      })
  }
  return JSON.stringify({ id: 'bench', version: '1.0.0', nodes, edges })
}

const port = (name) => ({ name, type: 'rows', required: false })
const catalogue = model.Catalogue.of([
  {
    id: 'logic/filter',
    version: '1.0.0',
    name: 'Filter',
    description: 'Keeps rows',
    ports: { inputs: [port('rows')], outputs: [port('match'), port('rest')] },
    settings: [{ name: 'condition', type: 'expression', required: true }]
  }
])

const text = makeText()
console.log(`${count} nodes, ${(text.length / 1e6).toFixed(1)} MB of JSON, Node.js ${process.version}`)
time('open', 7, () => model.openFlow(text))
const { document } = model.openFlow(text)
const history = new model.History(document, { author: 'bench', now: () => Date.now() })
const geometry = new model.Geometry(document, catalogue)
time('index of all nodes and edges', 5, () => new model.CanvasIndex(geometry).dispose())
const index = new model.CanvasIndex(geometry)
const ids = [...document.tables.nodes.ids()].slice(0, Math.min(1000, count))
const drag = { label: 'Move', coalesce: 'drag', windowMs: Infinity }
index.dispose()
time(`one frame of a drag of ${ids.length} nodes`, 120, () => {
  history.apply([model.moveBy(document, 'nodes', ids, { x: 1, y: 1 })], drag)
})
const followed = new model.CanvasIndex(geometry)
time('the same with the index following', 120, () => {
  history.apply([model.moveBy(document, 'nodes', ids, { x: 1, y: 1 })], drag)
})
time('undo of the drag, and redo', 9, () => {
  history.undo()
  history.redo()
})
time('1,000 changes of a setting, a gesture each', 5, (run) => {
  for (let i = 0; i < 1000; ++i)
    history.apply([model.setValue('nodes', `n${i % count}`, '/settings/condition', `row.a > ${run}`)], { label: 'Set' })
})
time('1,000 undos', 3, () => {
  for (let i = 0; i < 1000; ++i) history.undo()
})
const at = (i) => ({ x: (i * 7919) % 26_000, y: (i * 104_729) % 7000 })
time('1,000 hit tests', 7, () => {
  for (let i = 0; i < 1000; ++i) followed.hit(at(i))
})
time('rectangle of 1,400 x 900', 50, (run) => followed.within({ ...at(run), width: 1400, height: 900 }))
time('visible nodes at zoom 0.7', 50, (run) => {
  followed.elements({ area: { ...at(run), width: 2000, height: 1300 }, zoom: 0.7 }, ['n1'])
})
time('outline', 5, () => model.outline(document))
time('immediate checks', 5, () => model.validate(document, { catalogue }))
time('canonical text', 5, (run) => {
  history.apply([model.setValue('nodes', 'n0', '/name', String(run))], { label: 'Name' })
  document.text()
})
const before = document.toJson()
history.apply([model.setValue('nodes', 'n1', '/name', 'mine')], { label: 'Name' })
time('merge of three versions', 3, () => model.mergeFlows(before, document.toJson(), before))
