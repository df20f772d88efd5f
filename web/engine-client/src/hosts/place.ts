// The place that JavaScript is: clock, randomness, log, and the hosts that were given.
import type { CallAnswer, LogLevel, Place } from '../wasm/engine-module.ts'
import type { WireReader } from '../wasm/wire.ts'
import { HostCalls, type Hosts } from './host-calls.ts'

export interface PlaceOptions extends Hosts {
  log?: (level: LogLevel, node: string, message: string) => void
  /** For tests: milliseconds since 1970. */
  now?: () => number
  /** By default the platform's; for places that have no `crypto`. */
  random?: (into: Uint8Array<ArrayBuffer>) => void
}

export function makePlace(options: PlaceOptions = {}): Place {
  const calls = new HostCalls(options)
  const now = options.now ?? (() => performance.timeOrigin + performance.now())
  return {
    now: () => Math.floor(now() * 1000),
    steady: () => performance.now() * 1e6,
    random:
      options.random ??
      ((into) => {
        crypto.getRandomValues(into)
      }),
    log: (level, node, message) => options.log?.(level, node, message),
    call: (kind: number, args: WireReader, memory: WebAssembly.Memory): CallAnswer => calls.call(kind, args, memory)
  }
}
