// Flows for tests, from few words.

export type FlowDocument = Record<string, unknown> & { id: string }

/** Edges as ['node.port', 'node.port']; a port that is not named is `rows`. */
export function flowOf(nodes: object[], edges: [string, string][], more: object = {}): FlowDocument {
  return {
    id: 'test',
    version: '1.0.0',
    nodes: nodes.map((node) => ({ version: '1.0.0', settings: {}, ...node })),
    edges: edges.map(([from, to], i) => {
      const [source = '', sourcePort = 'rows'] = from.split('.')
      const [target = '', targetPort = 'rows'] = to.split('.')
      return { id: `e${i}`, source: { node: source, port: sourcePort }, target: { node: target, port: targetPort } }
    }),
    ...more
  }
}

export function counting(rows: number, settings: object = {}): object {
  return { id: 'count', typeId: 'generate/pattern', settings: { pattern: 'sequential', rows, ...settings } }
}

export async function all<T>(stream: ReadableStream<T>): Promise<T[]> {
  const items: T[] = []
  for await (const item of stream) items.push(item)
  return items
}

/** Polls until `holds`; generous, since machines are slow at times. */
export async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const end = Date.now() + 60_000
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`it never came to: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
