// Examples of nodes as flows: each that is offered runs on the engine and gives the rows of its case.
import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { openFlow } from '@weir/flow-model'
import { afterAll, describe, expect, it } from 'vitest'
import type { NodeType } from '../src/api/routes.ts'
import { exampleFlow, formulaOf, runsAnywhere, type NodeCase } from '../src/pages/nodes/example-flow.ts'

const ROOT = fileURLToPath(new URL('../../../nodes/', import.meta.url))
const BINARY = process.env.WEIR_BINARY ?? fileURLToPath(new URL('../../../build/bin/weir', import.meta.url))
const run = promisify(execFile)

const NODES = readdirSync(ROOT, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('/schema.json'))
  .map((path) => JSON.parse(readFileSync(join(ROOT, path), 'utf8')) as NodeType)
  .filter(runsAnywhere)
const OFFERED = NODES.flatMap((node) => {
  const cases = JSON.parse(readFileSync(join(ROOT, node.id, 'cases.json'), 'utf8')) as NodeCase[]
  return cases.flatMap((example) => {
    const text = exampleFlow(node, example, 'example')
    return text === undefined ? [] : [{ node: node.id, name: example.name, example, text }]
  })
})

describe('examples of nodes', () => {
  it('are offered for most nodes that touch nothing', () => {
    const of = new Set(OFFERED.map((one) => one.node))
    expect(of.size).toBeGreaterThan(10)
    expect(OFFERED.every(({ text }) => openFlow(text).state === 'open')).toBe(true)
  })

  it('are not offered where a case needs files, is refused, or has what no formula says', () => {
    const node = { id: 'logic/filter', version: '1.0.0' }
    expect(exampleFlow(node, { name: 'a', files: {}, out: { rows: [] } }, 'x')).toBeUndefined()
    expect(exampleFlow(node, { name: 'a', refused: {} }, 'x')).toBeUndefined()
    expect(exampleFlow(node, { name: 'a', in: { rows: 'torn' }, out: { rows: [] } }, 'x')).toBeUndefined()
    expect(exampleFlow(node, { name: 'a', in: { rows: [] }, out: { rows: [] } }, 'x')).toBeUndefined()
    expect(formulaOf(Number.NaN)).toBeUndefined()
    expect(formulaOf(["it's\n", { a: null }])).toBe("['it\\'s\\n', {'a': null}]")
  })

  const folder = mkdtempSync(join(tmpdir(), 'weir-examples-'))
  afterAll(() => {
    rmSync(folder, { recursive: true })
  })

  // The first of each node: the others are cases of the same shape.
  const first = OFFERED.filter((one, at) => OFFERED.findIndex((other) => other.node === one.node) === at)
  it.skipIf(!existsSync(BINARY)).each(first)('$node: $name', async ({ text, example }) => {
    const file = join(folder, 'example.flow.json')
    writeFileSync(file, text)
    const { stdout, stderr } = await run(BINARY, ['run', file], { timeout: 60_000, killSignal: 'SIGKILL' })
    const said = `${stdout}${stderr}`
    for (const [port, value] of Object.entries(example.out ?? {})) {
      const line = said.split('\n').find((one) => one.startsWith(`show-${port} `)) ?? ''
      expect(Number((line.split(/\s+/)[1] ?? '').replace(/,/g, '')), said).toBe((value as unknown[]).length)
    }
  })
})
