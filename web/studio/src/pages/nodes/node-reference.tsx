// The reference of one node.
import type { NodeType } from '../../api/routes.ts'
import { Chip } from '@weir/ui/chip.tsx'
import { Section } from '@weir/ui/section.tsx'
import { NodeExamples } from './node-examples.tsx'
import { factsOf, type Port, type Setting } from './node-facts.ts'

const TOUCHES: Record<string, string> = {
  nothing: 'touches nothing outside',
  reads: 'reads from outside',
  writes: 'writes to the outside'
}

/** Type colours go by what a setting or port holds. */
function typeColour(type: string): string {
  if (/^(integer|number|duration|bytes)/.test(type)) return 'text-number'
  if (/^(string|path|enum|secret)/.test(type)) return 'text-string'
  if (type.startsWith('bool')) return 'text-bool'
  if (/^(time|timestamp|date)/.test(type)) return 'text-time'
  return 'text-any'
}

/** Name, description, ports, settings and examples. */
export function NodeReference({ node }: { node: NodeType }) {
  const facts = factsOf(node)
  return (
    <article className="min-w-0">
      <header className="grid gap-2 px-4 py-3">
        <h2 className="text-title font-semibold">{node.name}</h2>
        <p className="font-mono text-data text-mute">
          {node.id} {node.version}
        </p>
        <p className="max-w-[80ch]">{node.description}</p>
        <p className="flex flex-wrap gap-1">
          <Chip>{node.category}</Chip>
          <Chip>{TOUCHES[facts.touches] ?? facts.touches}</Chip>
          {facts.hosts.map((host) => (
            <Chip key={host}>{host === 'native' ? 'on a server' : `in a ${host}`}</Chip>
          ))}
        </p>
      </header>
      <Section title="Ports">
        {facts.ports.length === 0 ? <p className="px-4 text-mute">None.</p> : <Ports ports={facts.ports} />}
      </Section>
      <Section title="Settings">
        {facts.settings.length === 0 ? <p className="px-4 text-mute">None.</p> : <Settings settings={facts.settings} />}
      </Section>
      <NodeExamples key={node.id} node={node} />
    </article>
  )
}

function Ports({ ports }: { ports: readonly Port[] }) {
  return (
    <table className="data-table">
      <thead>
        <tr>
          <th scope="col">Port</th>
          <th scope="col">Way</th>
          <th scope="col">Type</th>
          <th scope="col">What</th>
        </tr>
      </thead>
      <tbody>
        {ports.map((port) => (
          <tr key={port.way + port.name}>
            <td>{port.name}</td>
            <td className="text-mute">{port.way}</td>
            <td className={typeColour(port.type)}>{port.type}</td>
            <td className="font-sans">{port.help}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Settings({ settings }: { settings: readonly Setting[] }) {
  return (
    <table className="data-table">
      <thead>
        <tr>
          <th scope="col">Setting</th>
          <th scope="col">Type</th>
          <th scope="col">Default</th>
          <th scope="col">What</th>
        </tr>
      </thead>
      <tbody>
        {settings.map((setting) => (
          <tr key={setting.name}>
            <td>
              {setting.name}
              <span className="block font-sans text-mute">{setting.label}</span>
            </td>
            <td className={typeColour(setting.type)}>
              {setting.type}
              {setting.options.length > 0 && <span className="block text-mute">{setting.options.join(' | ')}</span>}
            </td>
            <td>{setting.required ? <span className="font-sans text-warn">needed</span> : setting.fallback}</td>
            <td className="max-w-[60ch] font-sans">{setting.help}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
