// A setting that is a secret: its name is in the document, its value never.
import { kElementKinds } from '@weir/flow-model'
import { useForm } from './form-context.ts'
import type { InputProps } from './setting-field.tsx'
import { shownValue } from './slot.ts'
import type { EditorSession } from '../../session/editor-session.ts'

const kReference = /\$\{secret:([^}]*)\}/g

/** Names of secrets that the flow uses anywhere. */
function secretsOf(session: EditorSession): string[] {
  const found = new Set<string>()
  const look = (value: unknown): void => {
    if (typeof value === 'string') for (const [, name = ''] of value.matchAll(kReference)) found.add(name)
    if (Array.isArray(value)) value.forEach(look)
    if (value instanceof Map) value.forEach(look)
  }
  for (const kind of kElementKinds) for (const { value } of session.document.tables[kind].list()) look(value)
  return [...found].sort()
}

export function SecretInput({ id, slot, problems, described, label }: InputProps) {
  const { session } = useForm()
  const value = shownValue(slot)
  const text = typeof value === 'string' ? value : ''
  const name = /^\$\{secret:([^}]*)\}$/.exec(text)?.[1]
  const plain = name === undefined && text !== ''
  return (
    <>
      <div className="flex items-center gap-2">
        <span className="text-small text-mute">secret</span>
        <input
          id={id}
          className="field font-mono text-data"
          value={name ?? ''}
          list={`${id}-secrets`}
          placeholder={plain ? 'written in the flow itself' : 'its name'}
          aria-invalid={problems.length > 0 || undefined}
          aria-describedby={described}
          aria-label={label}
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => {
            const typed = event.target.value.replaceAll(/[{}$\s]/g, '')
            slot.set(typed === '' ? undefined : `\${secret:${typed}}`)
          }}
        />
        <datalist id={`${id}-secrets`}>
          {secretsOf(session).map((each) => (
            <option key={each} value={each} />
          ))}
        </datalist>
      </div>
      {plain && (
        <p className="text-small text-warn">
          <span aria-hidden="true">▲</span> The value stands in the flow itself, where everyone reads it. Name a secret
          instead.
        </p>
      )}
    </>
  )
}
