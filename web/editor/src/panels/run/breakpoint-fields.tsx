// The condition of a breakpoint that is set, and which row stops there; they count when they are entered or left.
import { useState } from 'react'
import { rewriteHabits } from '../../formula/habits.ts'
import type { EditorSession } from '../../session/editor-session.ts'
import { usePart } from '../../session/use-session.ts'
import { useForm } from '../form/form-context.ts'
import { breakpointsOf } from './breakpoints.ts'
import type { BreakpointKind } from './breakpoints.ts'

/** Nothing without a breakpoint there. Stands in a form, whose columns it knows. */
export function BreakpointFields({ session, kind, id }: { session: EditorSession; kind: BreakpointKind; id: string }) {
  const { sample } = useForm()
  const found = usePart(session.view, (state) =>
    state.breakpoints.find((each) => (kind === 'nodes' ? each.node : each.edge) === id)
  )
  if (found === undefined) return null
  const { where = '', after = 1 } = found
  const set = (nextWhere: string, nextAfter: number): void => {
    breakpointsOf(session).set({
      ...(kind === 'nodes' ? { node: id } : { edge: id }),
      ...(nextWhere === '' ? {} : { where: nextWhere }),
      ...(nextAfter === 1 ? {} : { after: nextAfter })
    })
  }
  const columns = sample.fields.map((field) => field.name)
  return (
    <div className="grid grid-cols-[1fr_72px] gap-2 text-data">
      <Entered
        label="Holds rows where"
        hint="every row"
        value={where}
        enter={(text) => {
          set(rewriteHabits(text, columns).text, after)
        }}
      />
      <Entered
        label="From the"
        hint="1"
        value={after === 1 ? '' : String(after)}
        enter={(text) => {
          const number = Number(text === '' ? 1 : text)
          if (Number.isSafeInteger(number) && number > 0) set(where, number)
        }}
      />
    </div>
  )
}

function Entered(props: { label: string; hint: string; value: string; enter: (text: string) => void }) {
  const { label, hint, value, enter } = props
  const [draft, setDraft] = useState<string | undefined>(undefined)
  const done = (): void => {
    if (draft !== undefined && draft.trim() !== value) enter(draft.trim())
    setDraft(undefined)
  }
  return (
    <label className="grid gap-1">
      <span className="text-mute">{label}</span>
      <input
        className="field font-mono text-data"
        value={draft ?? value}
        placeholder={hint}
        spellCheck={false}
        autoComplete="off"
        onChange={(event) => {
          setDraft(event.target.value)
        }}
        onBlur={done}
        onKeyDown={(event) => {
          if (event.key === 'Enter') done()
        }}
      />
    </label>
  )
}
