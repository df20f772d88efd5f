// WeirError: an expected failure, with a code from the list of error codes.

export interface Problem {
  severity: 'error' | 'warning'
  code: string
  pointer: string
  message: string
  suggestion?: string
  line?: number
  column?: number
}

export class WeirError extends Error {
  override readonly name = 'WeirError'

  constructor(
    /** From the closed list in docs/reference/errors.md. */
    readonly code: string,
    message: string,
    /** Trying the same again later may help. */
    readonly recoverable = false
  ) {
    super(message)
  }
}

/** A flow document that cannot run, with all that is wrong with it. */
export class FlowError extends WeirError {
  constructor(
    readonly problems: Problem[],
    /** Which one, if several were given: before, after, base, ours, theirs. */
    readonly document?: string
  ) {
    const first = problems.find((one) => one.severity === 'error') ?? problems[0]
    const message = first?.message ?? 'the flow is not valid'
    super(first?.code ?? 'flow.invalid', document === undefined ? message : `'${document}': ${message}`)
  }
}

/** The engine itself failed (a trap): the worker is not used again. */
export class EngineFault extends WeirError {
  constructor(message: string) {
    super('bug.trap', message)
  }
}

export function asWeirError(reason: unknown): WeirError {
  if (reason instanceof WeirError) return reason
  return new WeirError('host.failed', reason instanceof Error ? reason.message : String(reason))
}
