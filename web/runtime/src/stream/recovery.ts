// GracefulErrorRecovery: what is done with an operation that fails: again, later and later, and behind a circuit breaker.
import { expectWhole, retrySettings, type StreamConfig } from './config.ts'

export interface ErrorRecovery {
  /**
   * Resolves with what a try gave; rejects with the last failure. `about` is told apart: a breaker each. Once `signal` is
   * aborted nothing is tried or waited for any more, and it rejects.
   */
  run<T>(about: string, config: StreamConfig, operation: () => Promise<T>, signal?: AbortSignal): Promise<T>
}

export interface RecoveryOptions {
  /** Longest wait between two tries, in milliseconds. */
  maxDelay: number
  /** Share of a wait that is left to chance, 0 to 1, so that many do not try at the same moment. */
  jitter: number
  /** Failures in a row, within `windowMs`, that open the breaker; 0: there is none. */
  failures: number
  windowMs: number
  /** No try begins while the breaker is open; messages wait, and the connection slows or drops as it is told to. */
  openMs: number
  /** Tries that go through when `openMs` are over; they close or open it again. */
  probes: number
}

export const DEFAULT_RECOVERY: Readonly<RecoveryOptions> = {
  maxDelay: 30_000,
  jitter: 0.2,
  failures: 5,
  windowMs: 30_000,
  openMs: 30_000,
  probes: 1
}

export type BreakerState = 'closed' | 'open' | 'half-open'

/** Milliseconds before repeat number `repeat`, 1 the first: doubled each time. `chance` is 0 to 1. */
export function backoffMs(delayMs: number, repeat: number, options: RecoveryOptions, chance: number): number {
  const whole = Math.min(options.maxDelay, delayMs * 2 ** (repeat - 1))
  return whole * (1 - options.jitter * chance)
}

export class GracefulErrorRecovery implements ErrorRecovery {
  readonly options: Readonly<RecoveryOptions>
  private readonly breakers = new Map<string, Breaker>()

  /** @throws RangeError */
  constructor(options: Partial<RecoveryOptions> = {}) {
    this.options = { ...DEFAULT_RECOVERY, ...options }
    for (const name of ['maxDelay', 'failures', 'windowMs', 'openMs'] as const) expectWhole(name, this.options[name], 0)
    expectWhole('probes', this.options.probes, 1)
    if (!(this.options.jitter >= 0 && this.options.jitter <= 1)) {
      throw new RangeError(`jitter is ${this.options.jitter}: it is a share of 0 to 1`)
    }
  }

  async run<T>(about: string, config: StreamConfig, operation: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const { attempts, delayMs } = retrySettings(config)
    const breaker = this.breakerOf(about)
    for (let attempt = 1; ; attempt++) {
      await breaker.enter(signal)
      try {
        const result = await operation()
        breaker.succeeded()
        return result
      } catch (reason) {
        breaker.failed(now())
        if (attempt >= attempts || signal?.aborted) throw reason
      }
      await sleep(backoffMs(delayMs, attempt, this.options, Math.random()), signal)
    }
  }

  /** Of the breaker of a connection. */
  stateOf(about: string): BreakerState {
    return this.breakers.get(about)?.state(now()) ?? 'closed'
  }

  private breakerOf(about: string): Breaker {
    const found = this.breakers.get(about) ?? new Breaker(this.options)
    this.breakers.set(about, found)
    return found
  }
}

class Breaker {
  private inRow = 0
  private sinceMs = 0
  private openUntilMs: number | undefined
  private probing = 0

  constructor(private readonly options: RecoveryOptions) {}

  state(nowMs: number): BreakerState {
    if (this.openUntilMs === undefined) return 'closed'
    return nowMs < this.openUntilMs ? 'open' : 'half-open'
  }

  /** Waits until a try may begin; rejects when `signal` is aborted. */
  async enter(signal: AbortSignal | undefined): Promise<void> {
    for (;;) {
      signal?.throwIfAborted()
      const state = this.state(now())
      if (state === 'closed') return
      if (state === 'half-open' && this.probing < this.options.probes) {
        this.probing += 1
        return
      }
      const leftMs = (this.openUntilMs ?? 0) - now()
      await sleep(Math.max(1, leftMs), signal)
    }
  }

  succeeded(): void {
    this.inRow = 0
    this.probing = 0
    this.openUntilMs = undefined
  }

  failed(nowMs: number): void {
    const probe = this.openUntilMs !== undefined
    if (this.inRow === 0 || nowMs - this.sinceMs > this.options.windowMs) {
      this.inRow = 0
      this.sinceMs = nowMs
    }
    this.inRow += 1
    if (probe || (this.options.failures > 0 && this.inRow >= this.options.failures)) {
      this.openUntilMs = nowMs + this.options.openMs
      this.probing = 0
    }
  }
}

function now(): number {
  return performance.now()
}

/** Rejects when `signal` is aborted, and leaves no timer. */
function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer)
      reject(signal?.reason as Error)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop)
      resolve()
    }, ms)
    if (signal?.aborted) stop()
    else signal?.addEventListener('abort', stop, { once: true })
  })
}
