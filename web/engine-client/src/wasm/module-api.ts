// ModuleApi: the HTTP API inside the module (apps/wasm/page-api.h): heads, bodies and pieces as bytes.
import { WeirError } from '../errors.ts'
import type { EngineModule } from './engine-module.ts'
import { WireReader, WireWriter } from './wire.ts'

/** The module's functions for the API. */
export interface ApiExports {
  weir_api_open(options: number, bytes: number): number
  weir_api_begin(head: number, bytes: number): number
  weir_api_body(exchange: number, piece: number, bytes: number, last: number): number
  weir_api_work(budgetMs: number): number
  weir_api_answer(exchange: number): number
  weir_api_piece(exchange: number): number
  weir_api_end(exchange: number): void
}

export interface ApiModuleOptions {
  /** For people: where this is, such as `service worker`. */
  where?: string
  /** The version of the application around the engine. */
  application?: string
  /** Where flows are kept: in the module's memory (the default), or by the place's `flows`. */
  flows?: 'memory' | 'host'
  /** Milliseconds after which an execution is cut; 0 (the default): none. */
  executionTimeout?: number
  /** Milliseconds that an execution waits for a reader that has gone before it is cancelled; 10,000. */
  readerTimeout?: number
  maxConcurrentExecutions?: number
  /** Executions whose events can be read again, those that run among them. */
  keptExecutions?: number
  maxBodyBytes?: number
}

export interface ApiHead {
  method: string
  path: string
  /** Behind the question mark. */
  query: string
  /** Names in lower case. */
  headers: [string, string][]
}

export interface ApiAnswer {
  status: number
  headers: [string, string][]
  /** undefined: it comes in pieces. */
  body: Uint8Array<ArrayBuffer> | undefined
}

const PIECE = 0
const WAIT = 1

export class ModuleApi {
  constructor(
    private readonly engine: EngineModule,
    private readonly exports: ApiExports,
    options: ApiModuleOptions
  ) {
    this.sent(new TextEncoder().encode(JSON.stringify(options)), (at, bytes) => {
      if (exports.weir_api_open(at, bytes) === 1) return
      const { error } = JSON.parse(engine.answerText()) as { error: { code: string; message: string } }
      throw new WeirError(error.code, error.message)
    })
  }

  begin(head: ApiHead): number {
    const wire = new WireWriter().text(head.method).text(head.path).text(head.query).word(head.headers.length)
    for (const [name, value] of head.headers) wire.text(name).text(value)
    return this.sent(wire.finish(), (at, bytes) => this.exports.weir_api_begin(at, bytes))
  }

  /** False: no more of the body is wanted. */
  body(exchange: number, piece: Uint8Array, isLast: boolean): boolean {
    const wanted = this.sent(piece, (at, bytes) => this.exports.weir_api_body(exchange, at, bytes, isLast ? 1 : 0))
    return wanted !== 0
  }

  /** As ModuleRun.work. */
  work(budgetMs: number): number {
    return this.engine.guarded(() => this.exports.weir_api_work(budgetMs))
  }

  /** undefined: there is none yet. */
  answer(exchange: number): ApiAnswer | undefined {
    return this.engine.guarded(() => {
      if (this.exports.weir_api_answer(exchange) === 0) return undefined
      const wire = new WireReader(this.engine.answerBytes())
      const status = wire.word()
      const isStream = wire.flag()
      const headers = Array.from({ length: wire.word() }, (): [string, string] => [wire.text(), wire.text()])
      return { status, headers, body: isStream ? undefined : wire.blob() }
    })
  }

  /** `wait`: there is none yet; `end`: there are no more. */
  piece(exchange: number): Uint8Array<ArrayBuffer> | 'wait' | 'end' {
    return this.engine.guarded(() => {
      const next = this.exports.weir_api_piece(exchange)
      if (next === PIECE) return new Uint8Array(this.engine.answerBytes())
      return next === WAIT ? 'wait' : 'end'
    })
  }

  end(exchange: number): void {
    this.engine.guarded(() => {
      this.exports.weir_api_end(exchange)
    })
  }

  private sent<T>(bytes: Uint8Array, use: (at: number, size: number) => T): T {
    return this.engine.guarded(() => this.engine.withBytes(bytes, use))
  }
}
