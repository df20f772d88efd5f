// The files of the engine beside the studio, as its build has named them.

export interface EngineFiles {
  /** weir.wasm */
  module: URL
  /** The time zones. */
  zones: URL
}

/** Where they are; undefined if the studio was built without the engine. */
export async function engineFiles(
  ask: typeof fetch = (input, init) => fetch(input, init)
): Promise<EngineFiles | undefined> {
  const base = document.baseURI
  const answer = await ask(new URL('engine.json', base), { cache: 'no-cache' }).catch(() => undefined)
  if (answer?.ok !== true) return undefined
  const named = (await answer.json().catch(() => ({}))) as { module?: unknown; zones?: unknown }
  if (typeof named.module !== 'string' || typeof named.zones !== 'string') return undefined
  return { module: new URL(named.module, base), zones: new URL(named.zones, base) }
}
