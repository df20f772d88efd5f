// The page at /nodes without a server: the nodes of the engine of this browser.
import { useQuery } from '@tanstack/react-query'
import type { NodeType } from '../api/routes.ts'
import { LOCAL_PARTS } from '../editor/parts.ts'
import { NodeList } from '../pages/nodes/nodes-page.tsx'

async function nodesHere(): Promise<{ nodes: NodeType[] }> {
  const [place] = (await LOCAL_PARTS.places?.()) ?? []
  if (place === undefined) throw new Error('this studio was built without the engine, so it knows no nodes')
  return { nodes: (await place.nodes()) as unknown as NodeType[] }
}

export function Component() {
  return <NodeList nodes={useQuery({ queryKey: ['nodes of this browser'], queryFn: nodesHere, staleTime: Infinity })} />
}
