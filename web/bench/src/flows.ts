// The flows that are measured.

export type Flow = Record<string, unknown>

interface Node {
  id: string
  typeId: string
  settings?: Record<string, unknown>
}

function chain(id: string, nodes: Node[]): Flow {
  return {
    id,
    version: '1.0.0',
    nodes: nodes.map((node) => ({ version: '1.0.0', settings: {}, ...node })),
    edges: nodes.slice(1).map((node, i) => ({
      id: `e${i}`,
      source: { node: nodes[i]?.id, port: nodes[i]?.typeId === 'logic/filter' ? 'match' : 'rows' },
      target: { node: node.id, port: 'rows' }
    }))
  }
}

export const oneNode = (id: string, typeId: string, settings: Record<string, unknown> = {}): Flow =>
  chain('one', [{ id, typeId, settings }])

/** The five stages of bench/flows, which count; here the values are summed too, so that nothing can be left out. */
export const fiveStagesSummed = (rows: number): Flow =>
  chain('five-stages-summed', [
    { id: 'source', typeId: 'generate/pattern', settings: { pattern: 'sequential', rows } },
    { id: 'scale', typeId: 'logic/map', settings: { set: { value: 'row.value * 2.0 + 1.0' } } },
    { id: 'drop', typeId: 'logic/filter', settings: { condition: 'row.id % 10 != 0' } },
    { id: 'shift', typeId: 'logic/map', settings: { set: { value: 'row.value - 1.0' } } },
    {
      id: 'count',
      typeId: 'aggregate/group',
      settings: {
        keys: [],
        measures: [
          { name: 'rows', function: 'count' },
          { name: 'sum', function: 'sum', of: 'row.value' }
        ]
      }
    },
    { id: 'show', typeId: 'debug/log' }
  ])

/** A CSV whose types are inferred, grouped by a text and summed. */
export const csvSums = (path: string, out: string): Flow =>
  chain('csv-sums', [
    { id: 'read', typeId: 'files/csv-read', settings: { path } },
    {
      id: 'sum',
      typeId: 'aggregate/group',
      settings: {
        keys: ['region'],
        measures: [
          { name: 'rows', function: 'count' },
          { name: 'quantity', function: 'sum', of: 'row.quantity' },
          { name: 'price', function: 'sum', of: 'row.price' }
        ]
      }
    },
    { id: 'write', typeId: 'files/csv-write', settings: { path: out } }
  ])
