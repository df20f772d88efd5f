// Recovery: repeats that wait longer and longer, and a breaker for each connection.
import { describe, expect, it } from 'vitest'
import { DEFAULT_RECOVERY, GracefulErrorRecovery, streamConfig } from '../src/index.ts'
import { backoffMs } from '../src/stream/recovery.ts'
import { until } from './engine.ts'

const config = streamConfig({ retryAttempts: 2, retryDelay: 1 })
const once = streamConfig({ retryAttempts: 0 })

function failing(times: number): { operation: () => Promise<string>; tries: () => number } {
  let tries = 0
  return {
    operation: () => {
      tries += 1
      return tries <= times ? Promise.reject(new Error(`failure ${tries}`)) : Promise.resolve('done')
    },
    tries: () => tries
  }
}

describe('GracefulErrorRecovery', () => {
  it('tries once, and as often again as the configuration says', async () => {
    const recovery = new GracefulErrorRecovery()
    const twice = failing(2)
    expect(await recovery.run('c', config, twice.operation)).toBe('done')
    expect(twice.tries()).toBe(3)
    const always = failing(99)
    await expect(recovery.run('d', config, always.operation)).rejects.toThrow('failure 3')
    expect(always.tries()).toBe(3)
  })

  it('waits twice as long before each repeat, up to a bound, some of it by chance', () => {
    const waits = [1, 2, 3, 4].map((repeat) => backoffMs(100, repeat, { ...DEFAULT_RECOVERY, maxDelay: 350 }, 0))
    expect(waits).toEqual([100, 200, 350, 350])
    expect(backoffMs(100, 1, DEFAULT_RECOVERY, 1)).toBe(80)
  })

  it('opens its breaker after failures in a row, and begins nothing while it is open', async () => {
    const recovery = new GracefulErrorRecovery({ failures: 3, openMs: 150 })
    for (let i = 0; i < 3; i++) await recovery.run('c', once, failing(1).operation).catch(() => undefined)
    expect(recovery.stateOf('c')).toBe('open')
    expect(recovery.stateOf('another')).toBe('closed')
    const began = performance.now()
    const probe = failing(0)
    const running = recovery.run('c', once, probe.operation)
    expect(probe.tries()).toBe(0)
    expect(await running).toBe('done')
    // Timers may be a little early by the clock that measures.
    expect(performance.now() - began).toBeGreaterThan(100)
    expect(recovery.stateOf('c')).toBe('closed')
  })

  it('opens again when a probe fails', async () => {
    const recovery = new GracefulErrorRecovery({ failures: 1, openMs: 30 })
    await recovery.run('c', once, failing(1).operation).catch(() => undefined)
    await until(() => recovery.stateOf('c') === 'half-open', 'the end of the open time')
    await expect(recovery.run('c', once, failing(1).operation)).rejects.toThrow('failure 1')
    expect(recovery.stateOf('c')).not.toBe('closed')
  })

  it('counts failures in a row only', async () => {
    const recovery = new GracefulErrorRecovery({ failures: 2 })
    for (let i = 0; i < 5; i++) {
      await recovery.run('c', once, failing(1).operation).catch(() => undefined)
      await recovery.run('c', once, failing(0).operation)
    }
    expect(recovery.stateOf('c')).toBe('closed')
  })

  it('tries and waits no more once it is aborted', async () => {
    const recovery = new GracefulErrorRecovery({ failures: 1, openMs: 600_000 })
    const aborting = new AbortController()
    const open = failing(99)
    const waiting = recovery.run('c', config, open.operation, aborting.signal)
    await until(() => recovery.stateOf('c') === 'open', 'an open breaker')
    aborting.abort(new Error('no more'))
    await expect(waiting).rejects.toThrow('no more')
    await expect(recovery.run('d', config, open.operation, aborting.signal)).rejects.toThrow('no more')
    expect(open.tries()).toBe(1)
  })

  it('refuses options that cannot be', () => {
    expect(() => new GracefulErrorRecovery({ jitter: 2 })).toThrow(/jitter is 2/)
    expect(() => new GracefulErrorRecovery({ probes: 0 })).toThrow(/probes is 0/)
  })
})
