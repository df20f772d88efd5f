// A server of its own for tests, with its first account; ended by the process that was started.
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { LiveSocket } from '@weir/engine-client'
import { WebSocket } from 'ws'
import type { ServerPlaceOptions } from '../../src/run/server-place.ts'

const BINARY = process.env.WEIR_BINARY ?? fileURLToPath(new URL('../../../../build/bin/weir', import.meta.url))
export const hasServer = existsSync(BINARY)
const PASSWORD = 'a long river in the rain'

export class TestServer {
  private cookie = ''
  private csrf = ''
  private child: ChildProcess | undefined

  private constructor(private readonly folder: string) {}

  static async start(): Promise<TestServer> {
    const server = new TestServer(mkdtempSync(join(tmpdir(), 'weir-places-')))
    await server.listen('127.0.0.1:0')
    const link = readFileSync(join(server.folder, 'data', 'setup-link'), 'utf8')
    await server.ask('POST', '/setup', { code: /#code=(\S+)/.exec(link)?.[1], name: 'root', password: PASSWORD })
    return server
  }

  url = ''

  /** Where a page with this session would run its flows. */
  place(): ServerPlaceOptions {
    return {
      url: `${this.url}/api/v1`,
      name: 'the server',
      attempts: 1,
      authorize: () => ({ cookie: this.cookie, 'x-weir-csrf': this.csrf }),
      openSocket: (url) =>
        new WebSocket(url, { headers: { cookie: this.cookie, origin: this.url } }) as unknown as LiveSocket
    }
  }

  async ask(method: string, path: string, body?: unknown): Promise<Record<string, unknown>> {
    const answer = await fetch(`${this.url}/api/v1${path}`, {
      method,
      headers: { cookie: this.cookie, 'x-weir-csrf': this.csrf, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) })
    })
    this.cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? this.cookie
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${method} ${path}: ${String(answer.status)} ${text}`)
    const given = text === '' ? {} : (JSON.parse(text) as Record<string, unknown>)
    if (typeof given.csrf === 'string') this.csrf = given.csrf
    return given
  }

  /** The server ends; what it has stays. */
  async stop(): Promise<void> {
    const { child } = this
    this.child = undefined
    if (child === undefined || child.exitCode !== null) return
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGTERM')
    await ended
  }

  /** It comes back where it was. */
  again(): Promise<void> {
    return this.listen(new URL(this.url).host)
  }

  async end(): Promise<void> {
    await this.stop()
    rmSync(this.folder, { recursive: true, force: true })
  }

  private async listen(address: string): Promise<void> {
    const child = spawn(BINARY, ['serve', '--data', join(this.folder, 'data'), '--listen', address], {
      env: { ...process.env, XDG_CONFIG_HOME: join(this.folder, 'config') },
      stdio: ['ignore', 'pipe', 'pipe']
    })
    this.child = child
    let said = ''
    this.url = await new Promise<string>((resolve, reject) => {
      const read = (piece: Buffer): void => {
        said += piece.toString()
        const found = /listening at (http:\S+)/.exec(said)?.[1]
        if (found !== undefined) resolve(found)
      }
      child.stdout.on('data', read)
      child.stderr.on('data', read)
      child.once('exit', () => {
        reject(new Error(`the server ended: ${said}`))
      })
    })
  }
}
