// Flow documents for tests.

export type Flow = Record<string, unknown>

export function flowOf(nodes: object[], edges: [string, string][]): Flow {
  return {
    id: 'test',
    version: '1.0.0',
    nodes: nodes.map((node) => ({ version: '1.0.0', settings: {}, ...node })),
    edges: edges.map(([from, to], i) => {
      const [source = '', sourcePort = 'rows'] = from.split('.')
      const [target = '', targetPort = 'rows'] = to.split('.')
      return { id: `e${i}`, source: { node: source, port: sourcePort }, target: { node: target, port: targetPort } }
    })
  }
}

export const counting = (rows: number, settings: object = {}): object => ({
  id: 'count',
  typeId: 'generate/pattern',
  settings: { pattern: 'sequential', rows, ...settings }
})

export const regionSums = (path: string): Flow =>
  flowOf(
    [
      { id: 'read', typeId: 'files/csv-read', settings: { path } },
      {
        id: 'sum',
        typeId: 'aggregate/group',
        settings: { keys: ['region'], measures: [{ name: 'sum', function: 'sum', of: 'row.amount' }] }
      },
      { id: 'write', typeId: 'files/csv-write', settings: { path: 'out/sums.csv' } }
    ],
    [
      ['read', 'sum'],
      ['sum', 'write']
    ]
  )
