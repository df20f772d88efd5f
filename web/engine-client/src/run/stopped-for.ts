// What is told of a run that was cancelled for a failure that the engine does not know of.
import type { WeirError } from '../errors.ts'
import type { RunResult } from '../wasm/engine-module.ts'

/** A run that ended well before, or was only cancelled, has the result that it has. */
export function stoppedFor(result: RunResult, reason: WeirError): RunResult {
  if (result.outcome !== 'cancelled' || reason.code === 'run.cancelled') return result
  const { code, message, recoverable } = reason
  return { ...result, outcome: 'failed', exitCode: 1, error: { code, message, recoverable } }
}
