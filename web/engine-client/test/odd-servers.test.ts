// Servers that answer what no Weir server does: said in words, and never waited for without end.
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { ServerEngine } from '../src/index.ts'

const usual: Record<string, string> = {
  health: '{"status":"ok","engine":"1.0.0"}',
  capabilities: '{"maxNodes":9,"supportedNodeTypes":[],"features":null,"estimatedLatency":1}'
}

describe('A client of a server', () => {
  let server: Server | undefined
  const connect = async (answers: Record<string, string | ((to: ServerResponse) => void)>): Promise<ServerEngine> => {
    const made = createServer((asked, to) => {
      const answer = answers[asked.url?.slice(1) ?? ''] ?? usual[asked.url?.slice(1) ?? ''] ?? 'null'
      if (typeof answer === 'string') to.end(answer)
      else answer(to)
    })
    server = made
    await new Promise<void>((resolve) => made.listen(0, '127.0.0.1', resolve))
    const { port } = made.address() as AddressInfo
    return ServerEngine.connect({ url: `http://127.0.0.1:${port}`, timeoutMs: 500, attempts: 1 })
  }
  afterEach(() => {
    server?.closeAllConnections()
    server?.close()
  })

  it('gives up an answer that begins and never ends', async () => {
    const health = (to: ServerResponse): void => void to.write('{"status"')
    await expect(connect({ health })).rejects.toMatchObject({ code: 'network.timeout' })
  })

  it.each(['null', '{"nodes":5}', '{"nodes":[null]}', '[]'])('says that a list of nodes is none: %s', async (nodes) => {
    await expect((await connect({ nodes })).nodes()).rejects.toMatchObject({ code: 'protocol.invalid' })
  })

  it('takes features that are null for none, and refuses capabilities of another kind', async () => {
    expect((await connect({})).capabilities.features).toEqual([])
    server?.close()
    await expect(connect({ capabilities: '{"features":"all"}' })).rejects.toMatchObject({ code: 'protocol.invalid' })
  })

  it('says that a page came where events were expected', async () => {
    const execute = (to: ServerResponse): void => {
      to.setHeader('content-type', 'text/html')
      to.end('<html>sign in</html>')
    }
    const run = await (await connect({ execute })).run({})
    await expect(run.result).rejects.toMatchObject({
      code: 'protocol.invalid',
      message: expect.stringContaining('text/html, not a stream of events') as string
    })
  })

  it('does not go on with the events of another execution after a broken connection', async () => {
    const event = (number: number): string => {
      const data = { id: String(number), timestamp: 0, type: 'execution-update', data: { status: 'running' } }
      return `id: ${number}\nevent: execution-update\ndata: ${JSON.stringify(data)}\n\n`
    }
    const begin =
      (id: string, number: number) =>
      (to: ServerResponse): void => {
        to.setHeader('content-type', 'text/event-stream')
        to.setHeader('x-execution-id', id)
        to.end(event(number))
      }
    const answers = { execute: begin('one', 1), 'executions/one/events': begin('two', 2) }
    const run = await (await connect(answers)).run({})
    await expect(run.result).rejects.toMatchObject({
      code: 'server.gone',
      message: expect.stringContaining('answered with another, two') as string
    })
  })
})
