// The head of a node's form: its name, its type in words, and whether rows go by it.
import { setBypass, setValue, unsetValue } from '@weir/flow-model'
import type { FlowNode, NodeType } from '@weir/flow-model'
import { Check } from '@weir/ui/check.tsx'
import type { EditorSession } from '../../session/editor-session.ts'

export function NodeHead(props: { session: EditorSession; node: FlowNode; type: NodeType | undefined }) {
  const { session, node, type } = props
  const rename = (name: string): void => {
    const operation = name === '' ? unsetValue('nodes', node.id, '/name') : setValue('nodes', node.id, '/name', name)
    session.do([operation], { label: 'Rename', coalesce: `name/${node.id}` })
  }
  return (
    <header className="grid gap-1">
      <input
        className="-ml-2 w-full rounded-base border border-transparent bg-transparent px-2 text-head font-semibold hover:border-line focus:border-edge"
        aria-label="Name"
        value={node.name}
        placeholder={type?.name ?? node.id}
        onChange={(event) => {
          rename(event.target.value)
        }}
      />
      <p className="text-data text-mute">
        {type === undefined ? `${node.typeId} ${node.version}` : `${type.name} · ${firstSentence(type.description)}`}
      </p>
      <p className="flex items-center gap-2 text-small text-faint">
        <code>{node.id}</code>
        {type?.touches === 'writes' && <span>writes outside: held back until a real run</span>}
      </p>
    </header>
  )
}

function firstSentence(text: string): string {
  const end = /[.:;](\s|$)/.exec(text)?.index ?? text.length
  return text.slice(0, end)
}

export function Bypass({ session, ids }: { session: EditorSession; ids: readonly string[] }) {
  const on = ids.every((id) => session.document.node(id)?.bypass === true)
  return (
    <Check
      checked={on}
      set={(next) => {
        session.do(
          ids.map((id) => setBypass(id, next)),
          next ? 'Bypass' : 'End bypass'
        )
      }}
    >
      <span className="text-data">Bypass: rows go by it as they are</span>
    </Check>
  )
}
