// The nodes that are known here: the reference, from their own descriptions.
import type { UseQueryResult } from '@tanstack/react-query'
import type { NodeType } from '../../api/routes.ts'
import { useGet } from '../../api/use-get.ts'
import { Choice } from '@weir/ui/choice.tsx'
import { FilterText } from '@weir/ui/filter-text.tsx'
import { Page } from '@weir/ui/page.tsx'
import { Empty, Shown } from '@weir/ui/states.tsx'
import { useFilters } from '../../shell/use-filters.ts'
import { nodesLike } from './node-facts.ts'
import { NodeReference } from './node-reference.tsx'

/** The page at /nodes, of a server. */
export function NodesPage() {
  return <NodeList nodes={useGet('/api/v1/nodes', { query: { where: 'everywhere' } })} />
}

/** The list with the reference of the one that is open. */
export function NodeList({ nodes }: { nodes: UseQueryResult<{ nodes: NodeType[] }> }) {
  const filters = useFilters()
  const all = nodes.data?.nodes ?? []
  const categories = [...new Set(all.map((node) => node.category))].sort()
  return (
    <Page
      title="Nodes"
      facts={<span className="text-mute">{all.length === 0 ? '' : all.length}</span>}
      filters={
        <>
          <FilterText
            label="Search nodes"
            value={filters.get('words')}
            set={(words) => {
              filters.set({ words })
            }}
          />
          <Choice
            bare
            label="Category"
            value={filters.get('category')}
            options={[['', 'All categories'], ...categories.map((one) => [one, one] as const)]}
            choose={(category) => {
              filters.set({ category })
            }}
          />
        </>
      }
    >
      <Shown of={nodes} what="the nodes">
        {(read) => {
          const found = nodesLike(read.nodes, filters.get('words'), filters.get('category'))
          const open = found.find((node) => node.id === filters.get('node')) ?? found[0]
          if (open === undefined)
            return <Empty title="No node is like that">Try another word, such as “join” or “csv”.</Empty>
          return (
            <div className="grid min-h-full md:grid-cols-[300px_1fr]">
              <ul
                className="max-h-[40vh] overflow-auto border-r border-line py-1 md:max-h-none"
                aria-label="Nodes found"
              >
                {found.map((node) => (
                  <li key={node.id}>
                    <button
                      type="button"
                      aria-current={node.id === open.id ? 'true' : undefined}
                      className="grid w-full gap-0.5 px-4 py-1.5 text-left hover:bg-raised aria-[current=true]:bg-water-dim"
                      onClick={() => {
                        filters.set({ node: node.id })
                      }}
                    >
                      <span className="font-semibold">{node.name}</span>
                      <span className="font-mono text-small text-mute">{node.id}</span>
                    </button>
                  </li>
                ))}
              </ul>
              <NodeReference node={open} />
            </div>
          )
        }}
      </Shown>
    </Page>
  )
}
