// LocalApi: the HTTP API of the platform, answered in this thread: in a service worker, a worker, or Node.js.
import { asWeirError, EngineFault } from '../errors.ts'
import { makePlace, type PlaceOptions } from '../hosts/place.ts'
import { soon } from '../run/turns.ts'
import { EngineModule, ModuleRun } from '../wasm/engine-module.ts'
import type { ApiAnswer, ApiModuleOptions, ModuleApi } from '../wasm/module-api.ts'

const SLICE_MS = 8
const LONGEST_TIMER_MS = 2 ** 31 - 1

export interface LocalApiOptions extends PlaceOptions, Omit<ApiModuleOptions, 'flows'> {}

interface Exchange {
  number: number
  /** Something may have come for it. */
  look: () => void
}

/** What answers until the engine inside it has failed. */
class ApiInstance {
  failed = false
  private readonly exchanges = new Set<Exchange>()
  private timer: ReturnType<typeof setTimeout> | undefined
  private isScheduled = false
  private waits: (() => void)[] = []

  constructor(
    engine: EngineModule,
    private readonly api: ModuleApi
  ) {
    engine.onWake = () => {
      this.wake()
    }
  }

  async handle(request: Request): Promise<Response> {
    const { pathname, search } = new URL(request.url)
    const exchange: Exchange = { number: 0, look: () => undefined }
    exchange.number = this.guarded(() =>
      this.api.begin({
        method: request.method,
        path: pathname,
        query: search.slice(1),
        headers: [...request.headers].map(([name, value]) => [name.toLowerCase(), value])
      })
    )
    this.exchanges.add(exchange)
    const gone = (): void => {
      this.close(exchange)
    }
    request.signal.addEventListener('abort', gone)
    try {
      await this.send(exchange, request)
      const answer = await this.answerOf(exchange, request.signal)
      return this.responseOf(exchange, answer)
    } catch (reason) {
      this.close(exchange)
      throw reason
    }
  }

  /** Resolves once nobody waits for an answer and no execution goes on. */
  settled(): Promise<void> {
    return new Promise((done) => {
      this.waits.push(done)
      this.wake()
    })
  }

  /** Pieces of the body, until no more are wanted. */
  private async send(exchange: Exchange, request: Request): Promise<void> {
    if (!this.guarded(() => this.api.body(exchange.number, new Uint8Array(), false))) return
    const reader = request.body?.getReader()
    for (;;) {
      const { done, value } = reader ? await reader.read() : { done: true, value: undefined }
      const isWanted = this.guarded(() => this.api.body(exchange.number, value ?? new Uint8Array(), done))
      if (done) return
      if (isWanted) continue
      await reader?.cancel()
      return
    }
  }

  private answerOf(exchange: Exchange, signal: AbortSignal): Promise<ApiAnswer> {
    return new Promise((done, failed) => {
      exchange.look = () => {
        if (signal.aborted) failed(signal.reason as Error)
        else
          this.tried(failed, () => {
            const answer = this.api.answer(exchange.number)
            if (answer) done(answer)
          })
      }
      exchange.look()
      this.wake()
    })
  }

  private responseOf(exchange: Exchange, answer: ApiAnswer): Response {
    const { status, headers, body } = answer
    if (body) {
      this.close(exchange)
      const isEmpty = body.length === 0
      return new Response(isEmpty ? null : body, { status, headers })
    }
    return new Response(this.pieces(exchange), { status, headers })
  }

  /** Nothing is taken from the module before it is asked for. */
  private pieces(exchange: Exchange): ReadableStream<Uint8Array> {
    return new ReadableStream<Uint8Array>(
      {
        pull: (controller) =>
          new Promise((done, failed) => {
            exchange.look = () => {
              this.tried(failed, () => {
                const piece = this.api.piece(exchange.number)
                if (piece === 'wait') return
                if (piece === 'end') {
                  this.close(exchange)
                  controller.close()
                } else controller.enqueue(piece)
                exchange.look = () => undefined
                done()
              })
            }
            exchange.look()
            this.wake()
          }),
        cancel: () => {
          this.close(exchange)
        }
      },
      { highWaterMark: 0 }
    )
  }

  private close(exchange: Exchange): void {
    if (!this.exchanges.delete(exchange)) return
    exchange.look()
    if (!this.failed)
      this.guarded(() => {
        this.api.end(exchange.number)
      })
    this.wake()
  }

  private wake(): void {
    if (this.isScheduled) return
    clearTimeout(this.timer)
    this.isScheduled = true
    soon(() => {
      this.isScheduled = false
      this.slice()
    })
  }

  private slice(): void {
    let next = ModuleRun.idle
    try {
      next = this.guarded(() => this.api.work(SLICE_MS))
    } catch {
      // Whoever waits is told by the look below.
    }
    for (const exchange of [...this.exchanges]) exchange.look()
    const isOver = next === ModuleRun.idle && this.exchanges.size === 0
    if (this.failed || isOver) for (const done of this.waits.splice(0)) done()
    if (next === 0) this.wake()
    if (next <= 0) return
    const waitMs = Math.ceil(Math.max(0, next / 1000 - (performance.timeOrigin + performance.now())))
    clearTimeout(this.timer)
    this.timer = setTimeout(
      () => {
        this.wake()
      },
      Math.min(waitMs, LONGEST_TIMER_MS)
    )
    ;(this.timer as { unref?: () => void }).unref?.()
  }

  private tried(failed: (reason: Error) => void, call: () => void): void {
    try {
      this.guarded(call)
    } catch (reason) {
      failed(asWeirError(reason))
    }
  }

  private guarded<T>(call: () => T): T {
    try {
      return call()
    } catch (reason) {
      if (reason instanceof EngineFault) this.failed = true
      throw reason
    }
  }
}

export class LocalApi {
  private instance: Promise<ApiInstance> | undefined

  /** `module`: weir.wasm, compiled; asked for with the first request, and again after a failure. */
  constructor(
    private readonly module: () => Promise<WebAssembly.Module>,
    private readonly options: LocalApiOptions = {}
  ) {}

  /** Never rejects, except when the request was aborted. */
  async handle(request: Request): Promise<Response> {
    try {
      return await (await this.current()).handle(request)
    } catch (reason) {
      if (request.signal.aborted) throw reason
      const { code, message } = asWeirError(reason)
      const problem = { type: 'about:blank', title: 'Internal Server Error', status: 500, detail: message, code }
      return Response.json(problem, { status: 500, headers: { 'content-type': 'application/problem+json' } })
    }
  }

  /** Resolves once nobody waits for an answer and no execution goes on: until then a service worker is to live. */
  async settled(): Promise<void> {
    const instance = await this.instance?.catch(() => undefined)
    await instance?.settled()
  }

  /** After a trap the next request gets a new engine: executions are gone, and flows that the place keeps are there. */
  private async current(): Promise<ApiInstance> {
    if (this.instance) {
      const instance = await this.instance.catch(() => undefined)
      if (instance && !instance.failed) return instance
    }
    this.instance = this.make()
    return this.instance
  }

  private async make(): Promise<ApiInstance> {
    const {
      where,
      application,
      executionTimeout,
      readerTimeout,
      maxConcurrentExecutions,
      keptExecutions,
      maxBodyBytes
    } = this.options
    const engine = await EngineModule.load(await this.module(), makePlace(this.options))
    const limits = { executionTimeout, readerTimeout, maxConcurrentExecutions, keptExecutions, maxBodyBytes }
    const given = Object.entries({ where, application, ...limits }).filter(([, value]) => value !== undefined)
    const flows = this.options.flows ? 'host' : 'memory'
    return new ApiInstance(engine, engine.openApi({ ...Object.fromEntries(given), flows }))
  }
}
