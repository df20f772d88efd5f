// The optimised binary, as a whole process.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { pathOf } from './places.ts'

const BINARY = pathOf('build/bin/weir')

export const hasNative = existsSync(BINARY)

/** Wall seconds of one run with one worker, from the start of the process to its end. */
export function runNative(flow: string, settings: Record<string, string | number> = {}): number {
  const set = Object.entries(settings).flatMap(([name, value]) => ['--set', `${name}=${value}`])
  const from = performance.now()
  const done = spawnSync(BINARY, ['run', flow, '--quiet', '--threads', '1', ...set], { encoding: 'utf8' })
  const seconds = (performance.now() - from) / 1000
  if (done.status !== 0) throw new Error(`weir run ended with ${done.status ?? 'a signal'}: ${done.stderr}`)
  return seconds
}
