// The examples of a node: its cases, which are its tests, with a flow that runs where a case needs nothing but rows.
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from 'react-router'
import { flowIdFrom } from '@weir/editor'
import { formatFlow, parseJson } from '@weir/flow-model'
import type { NodeType } from '../../api/routes.ts'
import { useChange } from '../../api/use-change.ts'
import { localStore } from '../../editor/shelf.ts'
import { Button } from '@weir/ui/button.tsx'
import { Section } from '@weir/ui/section.tsx'
import { Shown } from '@weir/ui/states.tsx'
import { exampleFlow, runsAnywhere, type NodeCase } from './example-flow.ts'

const CASES = import.meta.glob<unknown>('../../../../../nodes/*/*/cases.json', { import: 'default' })
const MOST = 12

/** The cases of a node that the studio was built with; none for one of a package. */
async function casesOf(id: string): Promise<NodeCase[]> {
  const load = CASES[`../../../../../nodes/${id}/cases.json`]
  const read = load === undefined ? [] : await load()
  return Array.isArray(read) ? (read as NodeCase[]) : []
}

/** Cases that show what the node gives, the first of them in front. */
export function shownCases(cases: readonly NodeCase[]): NodeCase[] {
  return cases.filter((example) => example.refused === undefined && example.fails === undefined).slice(0, MOST)
}

export function NodeExamples({ node }: { node: NodeType }) {
  const cases = useQuery({ queryKey: ['cases', node.id], queryFn: () => casesOf(node.id), staleTime: Infinity })
  return (
    <Section title="Examples">
      <Shown of={cases} what="the examples">
        {(read) => {
          const shown = shownCases(read)
          if (shown.length === 0) return <p className="px-4 text-mute">None come with this studio.</p>
          return (
            <ul className="grid gap-4 px-4">
              {shown.map((example) => (
                <li key={example.name}>
                  <OneExample node={node} example={example} />
                </li>
              ))}
            </ul>
          )
        }}
      </Shown>
    </Section>
  )
}

function OneExample({ node, example }: { node: NodeType; example: NodeCase }) {
  const navigate = useNavigate()
  const text = runsAnywhere(node) ? exampleFlow(node, example, 'example') : undefined
  const open = useChange({
    work: async () => {
      const { home, storage } = localStore()
      const [kept, binned] = await Promise.all([
        storage.flows.list({ limit: 500 }),
        storage.flows.list({ limit: 500, bin: true })
      ])
      const taken = new Set([...kept.flows, ...binned.flows].map((flow) => flow.id))
      const id = flowIdFrom(`${node.id.replace('/', '-')}-example`, taken)
      const read = parseJson(exampleFlow(node, example, id) ?? '')
      if (!read.ok) throw new Error('the example is no flow')
      await home.create(formatFlow(read.value), '')
      return id
    },
    changes: [],
    after: (id) => void navigate(`/local/${encodeURIComponent(id)}/edit`)
  })
  return (
    <article className="grid gap-2 rounded-panel border border-line p-3">
      <div className="flex flex-wrap items-center gap-3">
        <h3 className="font-semibold first-letter:uppercase">{example.name}</h3>
        {text !== undefined && (
          <Button
            className="ml-auto"
            aria-label={`Open the example: ${example.name}`}
            disabled={open.isPending}
            onClick={() => {
              open.mutate(undefined)
            }}
          >
            Open the example
          </Button>
        )}
      </div>
      <div className="grid gap-3 lg:grid-cols-2">
        <Json title="Settings" value={example.settings ?? {}} />
        {Object.entries(example.in ?? {}).map(([port, value]) => (
          <Json key={`in ${port}`} title={`In at ${port}`} value={value} />
        ))}
        {example.files !== undefined && <Json title="Files" value={example.files} />}
        {Object.entries(example.out ?? {}).map(([port, value]) => (
          <Json key={`out ${port}`} title={`Out at ${port}`} value={value} />
        ))}
      </div>
    </article>
  )
}

/** One row a line, as people read tables. */
function textOf(value: unknown): string {
  if (!Array.isArray(value)) return JSON.stringify(value, null, 2)
  return (value as unknown[]).map((row) => JSON.stringify(row)).join('\n')
}

function Json({ title, value }: { title: string; value: unknown }) {
  return (
    <div className="grid min-w-0 content-start gap-1">
      <h4 className="text-small text-mute">{title}</h4>
      <pre
        tabIndex={0}
        aria-label={title}
        role="region"
        className="max-h-[240px] overflow-auto rounded-base border border-line bg-bg p-2 font-mono text-data"
      >
        {textOf(value)}
      </pre>
    </div>
  )
}
