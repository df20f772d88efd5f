// The examples of README.md: they are the files in examples/, and what they print is what README.md says.
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { useBuiltEngine, wasmPath } from './engine.ts'

beforeAll(() => {
  useBuiltEngine()
  process.env.WEIR_WASM = wasmPath
})

const read = (path: string): string => readFileSync(fileURLToPath(new URL(path, import.meta.url)), 'utf8')
const readme = read('../README.md')

describe('an example', () => {
  let printed: unknown[][] = []

  async function run(name: string): Promise<unknown[][]> {
    printed = []
    vi.spyOn(console, 'log').mockImplementation((...words: unknown[]) => printed.push(words))
    await import(`./examples/${name}.ts`)
    return printed
  }

  afterEach(() => {
    vi.restoreAllMocks()
  })

  it.each(readdirSync(fileURLToPath(new URL('./examples', import.meta.url))))('%s is in README.md as it is', (file) => {
    expect(readme).toContain(`\`\`\`typescript\n${read(`./examples/${file}`)}\`\`\``)
  })

  it('sends a message', async () => {
    expect(await run('messages')).toEqual([['received', 'msg-1', { value: 42 }]])
  })

  it('drops by priority', async () => {
    expect(await run('backpressure')).toEqual([['sent', 1000, 'dropped', true]])
  })

  it('configures connections', async () => {
    expect(await run('configuration')).toEqual([
      [2000, 8, 100, 0.7],
      [500, 4, 20, 0.9],
      [200, 50, 10, 0.6],
      [
        {
          bufferSize: 1000,
          batchTimeout: 16,
          maxBatchSize: 50,
          backpressureThreshold: 0.8,
          retryAttempts: 3,
          retryDelay: 100
        }
      ]
    ])
  })

  it('watches and exports', async () => {
    const lines = await run('debugging')
    expect(lines[0]?.[0]).toMatch(/^\[received\] a:out-b:in-1$/)
    expect(lines[1]?.[0]).toEqual(expect.arrayContaining(['created', 'sent', 'received']))
  })

  it('measures', async () => {
    const lines = await run('performance')
    expect(lines[0]).toEqual([5, 'standard tests'])
    expect(lines[1]).toEqual([2000, 'sent,', 2000, 'accounted for'])
    expect(lines[2]?.[0]).toContain('Custom High Load Test')
  }, 120_000)

  it('runs a workflow', async () => {
    expect(await run('workflow')).toEqual([
      [['numbers -> even', 'even -> greet']],
      ...[0, 2, 4, 6, 8].map((i) => [`hello ${i}`]),
      ['done']
    ])
  })

  it('decides where a workflow runs', async () => {
    const lines = await run('placement')
    expect(lines[0]?.[0]).toBe(true)
    expect(lines[0]?.[1]).toMatchObject([{ code: 'node.elsewhere', node: 'hook' }])
  })
})
