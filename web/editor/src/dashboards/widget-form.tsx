// What is set on a widget: what it is of, how it shows that, and the settings that it takes.
import { builtInWidgets, widgetSettings } from '@weir/widgets/core'
import type { SettingKind } from '@weir/widgets/core'
import { Choice } from '@weir/ui/choice.tsx'
import { Field } from '@weir/ui/field.tsx'
import { useSession } from '../session/use-session.ts'
import type { WidgetDraft } from './widget-draft.ts'

const kKinds: Readonly<Record<string, string>> = {
  line: 'Line chart',
  bar: 'Bars',
  histogram: 'Histogram',
  heatmap: 'Heat map',
  gauge: 'Gauge',
  table: 'Table',
  text: 'Text',
  image: 'Image',
  log: 'Log'
}

const kWords: Readonly<Record<string, string>> = {
  x: 'Across',
  y: 'Up',
  timeZone: 'Time zone',
  value: 'Column of values',
  category: 'Column of names',
  show: 'Shows',
  order: 'Order',
  points: 'Points at most',
  bars: 'Bars at most',
  bins: 'Bars at most',
  rows: 'Rows at most',
  lines: 'Lines at most',
  webgl: 'Drawn by the graphics card',
  min: 'From',
  max: 'To',
  warn: 'Warns from',
  error: 'Is wrong from',
  alt: 'Words for the image'
}

function wordsOf(name: string): string {
  return kWords[name] ?? name.charAt(0).toUpperCase() + name.slice(1)
}

interface FormProps {
  draft: WidgetDraft
  set: (draft: WidgetDraft) => void
}

export function WidgetForm({ draft, set }: FormProps) {
  const { document, catalogue } = useSession()
  const { node, port, type, title } = draft
  const found = document.node(node)
  const ports = found === undefined ? [] : catalogue.portsOf(document, found).outputs
  const nodes = document.nodes().map((one) => [one.id, one.name === '' ? one.id : one.name] as const)
  const known = Object.keys(kKinds).filter((name) => builtInWidgets().names().includes(name))
  const types = known.includes(type) || type === '' ? known : [...known, type]
  return (
    <>
      <div className="grid grid-cols-2 gap-3">
        <Choice
          label="Node"
          value={node}
          options={nodes.some(([id]) => id === node) ? nodes : [[node, node === '' ? 'Choose…' : node], ...nodes]}
          choose={(next) => {
            set({ ...draft, node: next, port: '' })
          }}
        />
        <Choice
          label="Port"
          value={port}
          options={[['', 'The first'], ...ports.map((one) => [one.name, one.name] as const)]}
          choose={(next) => {
            set({ ...draft, port: next })
          }}
        />
        <Choice
          label="Shown as"
          value={type}
          options={types.map((name) => [name, kKinds[name] ?? name] as const)}
          choose={(next) => {
            set({ ...draft, type: next, settings: {} })
          }}
        />
        <Field
          label="Title"
          value={title}
          placeholder={found?.name || node}
          onChange={(event) => {
            set({ ...draft, title: event.target.value })
          }}
        />
      </div>
      <WidgetSettings draft={draft} set={set} />
    </>
  )
}

function WidgetSettings({ draft, set }: FormProps) {
  const settings = Object.entries(widgetSettings(draft.type) ?? {})
  if (settings.length === 0) return null
  return (
    <details className="grid gap-3" open={Object.keys(draft.settings).length > 0}>
      <summary className="cursor-pointer text-mute">How it shows them; by itself where nothing is said</summary>
      <div className="mt-2 grid grid-cols-2 gap-3">
        {settings.map(([name, kind]) => (
          <SettingInput
            key={name}
            name={name}
            kind={kind}
            text={draft.settings[name] ?? ''}
            set={(text) => {
              set({ ...draft, settings: { ...draft.settings, [name]: text } })
            }}
          />
        ))}
      </div>
    </details>
  )
}

interface InputProps {
  name: string
  kind: SettingKind
  text: string
  set: (text: string) => void
}

function SettingInput({ name, kind, text, set }: InputProps) {
  if (typeof kind === 'object') {
    const options = [['', 'By itself'] as const, ...kind.map((one) => [one, one] as const)]
    return <Choice label={wordsOf(name)} value={text} options={options} choose={set} />
  }
  const isWrong = kind === 'number' && text !== '' && !Number.isFinite(Number(text))
  return (
    <Field
      label={wordsOf(name)}
      value={text}
      inputMode={kind === 'number' ? 'decimal' : 'text'}
      {...(kind === 'texts' ? { help: 'With commas between them.' } : {})}
      problem={isWrong ? 'A number is expected.' : ''}
      onChange={(event) => {
        set(event.target.value)
      }}
    />
  )
}
