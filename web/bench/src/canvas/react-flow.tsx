// React Flow by itself in the bench: as its documentation shows it, with nodes that show what ours show.
import { applyNodeChanges, Handle, Position, ReactFlow } from '@xyflow/react'
import type { Edge, Node, NodeProps, ReactFlowInstance } from '@xyflow/react'
import '@xyflow/react/dist/style.css'
import { memo, useState } from 'react'
import type { Dispatch, SetStateAction } from 'react'
import { createRoot } from 'react-dom/client'
import type { Root } from 'react-dom/client'
import { largeFlow } from '../../../editor/test/canvas/page/fixtures.ts'
import { place, shown } from './contestant.ts'
import type { Contestant } from './contestant.ts'

type Step = Node<{ name: string; key: string; line: string }, 'step'>

interface Fixture {
  nodes: { id: string; typeId: string; name?: string; settings: object; position: { x: number; y: number } }[]
  edges: { id: string; source: { node: string; port: string }; target: { node: string; port: string } }[]
}

const Step = memo(({ data }: NodeProps<Step>) => (
  <div className="w-[206px] rounded-panel border border-edge bg-raised text-data">
    <Handle type="target" position={Position.Left} id="rows" />
    <div className="truncate px-2 pt-2 font-semibold">{data.name}</div>
    <div className="truncate px-2 pb-1 font-mono text-mute">{data.key}</div>
    <div className="border-t px-2 py-1 font-mono text-mute">{data.line}&nbsp;</div>
    <Handle type="source" position={Position.Right} id="rows" />
    <Handle type="source" position={Position.Right} id="match" className="!top-[46px]" />
    <Handle type="source" position={Position.Right} id="rest" className="!top-[66px]" />
  </div>
))

const nodeTypes = { step: Step }

let root: Root | undefined
let flow: ReactFlowInstance<Step> | undefined
let setNodes: Dispatch<SetStateAction<Step[]>> | undefined
let setEdges: Dispatch<SetStateAction<Edge[]>> | undefined

function App({ first }: { first: { nodes: Step[]; edges: Edge[] } }) {
  const [nodes, changeNodes] = useState(first.nodes)
  const [edges, changeEdges] = useState(first.edges)
  setNodes = changeNodes
  setEdges = changeEdges
  return (
    <ReactFlow
      nodes={nodes}
      edges={edges}
      nodeTypes={nodeTypes}
      minZoom={0.02}
      fitView
      onNodesChange={(changes) => {
        changeNodes((before) => applyNodeChanges(changes, before))
      }}
      onInit={(instance) => {
        flow = instance
      }}
    />
  )
}

function read(count: number): { nodes: Step[]; edges: Edge[] } {
  const fixture = largeFlow(count) as Fixture
  return {
    nodes: fixture.nodes.map(({ id, typeId, name, settings, position }) => ({
      id,
      type: 'step',
      position,
      data: { name: name ?? typeId, key: JSON.stringify(settings), line: '' }
    })),
    edges: fixture.edges.map(({ id, source, target }) => ({
      id,
      source: source.node,
      sourceHandle: source.port,
      target: target.node,
      targetHandle: target.port
    }))
  }
}

export const reactFlow: Contestant = {
  async open(nodes) {
    const first = read(nodes)
    const from = performance.now()
    root = createRoot(place())
    root.render(<App first={first} />)
    const there = (): boolean =>
      flow !== undefined && document.querySelectorAll('.react-flow__edge').length === first.edges.length
    while (!there()) await shown()
    return performance.now() - from
  },
  close() {
    root?.unmount()
    root = undefined
    flow = undefined
  },
  look(x, y, zoom) {
    void flow?.setViewport({ x: -x * zoom, y: -y * zoom, zoom })
  },
  fit() {
    void flow?.fitView()
    const { x = 0, y = 0, zoom = 1 } = flow?.getViewport() ?? {}
    return { x: -x / zoom, y: -y / zoom, zoom }
  },
  drag(frame) {
    const position = { x: 1104 + (frame % 100) * 4, y: (frame % 60) * 4 }
    setNodes?.((before) => applyNodeChanges([{ id: 'n4', type: 'position', position, dragging: true }], before))
  },
  endDrag() {
    setNodes?.((before) => applyNodeChanges([{ id: 'n4', type: 'position', dragging: false }], before))
  },
  figures(edges, turn) {
    setEdges?.((before) =>
      before.map((edge, index) =>
        index < edges ? { ...edge, style: { strokeWidth: 1 + ((index * 13 + turn * 7) % 5) } } : edge
      )
    )
  }
}
