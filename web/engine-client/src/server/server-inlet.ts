// Rows for a node page/inlet of a run on a server: numbered, so that a request that is repeated adds nothing twice.
import { WeirError } from '../errors.ts'
import type { ServerHttp } from './server-http.ts'

/** Rows of one request at most. */
const MOST_ROWS = 1000

export class ServerInlet {
  private written = 0

  constructor(
    private readonly http: ServerHttp,
    run: string,
    node: string,
    private readonly signal: AbortSignal,
    private readonly path = `executions/${encodeURIComponent(run)}/inlets/${encodeURIComponent(node)}`
  ) {}

  /** Resolves when the server has room for more. */
  async write(rows: readonly unknown[]): Promise<void> {
    for (let at = 0; at < rows.length; at += MOST_ROWS) {
      const some = rows.slice(at, at + MOST_ROWS)
      await this.send({ from: this.written, rows: some })
      this.written += some.length
    }
  }

  async end(): Promise<void> {
    await this.send({ from: this.written, rows: [], end: true })
  }

  private async send(body: { from: number; rows: readonly unknown[]; end?: boolean }): Promise<void> {
    const { taken } = ((await this.whenThereIsRoom(body)) ?? {}) as { taken?: unknown }
    const expected = body.from + body.rows.length
    if (taken !== expected) {
      throw new WeirError(
        'server.gone',
        `the server has ${String(taken)} rows of '${this.path}', not ${expected}`,
        true
      )
    }
  }

  /** A full run refuses with `run.full`: that is its backpressure, and no failure. */
  private async whenThereIsRoom(body: object): Promise<unknown> {
    const headers = { 'content-type': 'application/json' }
    const request = { method: 'POST', body: JSON.stringify(body), headers, signal: this.signal } as const
    for (;;) {
      try {
        return await this.http.json(this.path, { ...request, repeatable: true })
      } catch (reason) {
        const { code } = reason as { code?: string }
        // It came back without what it had.
        if (code === 'run.not_found') throw new WeirError('server.gone', 'the server has forgotten the run', true)
        if (code !== 'run.full' || this.signal.aborted) throw reason
      }
    }
  }
}
