// FlowPanel: the flow itself, when nothing of it is chosen: about it, parameters, limits, alerts, and the figures of its run.
import { count, duration, rate } from '@weir/ui/figures/figures.ts'
import { useMemo } from 'react'
import { AlertList } from '../../alerts/index.ts'
import type { EditorSession } from '../../session/editor-session.ts'
import { usePart, useSession } from '../../session/use-session.ts'
import { EngineFields, FoldedFields } from '../form/engine-fields.tsx'
import { FormContext, kNoSample, parameterNames, problemsOf } from '../form/form-context.ts'
import type { FormFacts } from '../form/form-context.ts'
import type { FormTarget } from '../form/slot.ts'
import { useChanges } from '../form/use-changes.ts'
import { useFieldWish } from '../form/use-field-wish.ts'
import { LiveFigures } from '../run/live-figures.tsx'
import type { FigureLine } from '../run/live-figures.tsx'
import type { ShownRun } from '../../run/shown-run.ts'
import { kAboutSpecs, kLimitSpecs, kParameterSpecs } from './flow-specs.ts'

export function FlowPanel() {
  const session = useSession()
  useChanges(session, (changes) => changes.flow.size > 0)
  const target = useMemo<FormTarget>(() => ({ session, kind: 'flow', ids: [''] }), [session])
  const place = usePart(session.run, (state) => state.place)
  const shown = usePart(session.run, (state) => state.shown)
  const list = usePart(session.problems.store, (state) => state.list)
  const problems = useMemo(() => problemsOf(target, list), [target, list])
  const form = useFieldWish(session)
  const facts: FormFacts = { session, place, sample: kNoSample, problems, parameters: [] }
  return (
    <FormContext value={facts}>
      <div ref={form} className="grid content-start gap-4 p-4">
        <FlowHead session={session} />
        <EngineFields target={target} specs={kAboutSpecs} />
        {shown !== undefined && <RunFigures run={shown} />}
        <FoldedFields
          title="Parameters"
          note={howMany(parameterNames(session).length)}
          target={target}
          specs={kParameterSpecs}
        />
        <FoldedFields title="Limits" target={target} specs={kLimitSpecs} />
        <AlertList session={session} />
      </div>
    </FormContext>
  )
}

function howMany(number: number): string {
  return number === 0 ? 'none' : count(number)
}

function FlowHead({ session }: { session: EditorSession }) {
  const { tables } = session.document
  return (
    <header>
      <h2 className="text-head font-semibold break-words">{session.document.id}</h2>
      <p className="text-data text-mute">
        flow · {count(tables.nodes.size)} nodes, {count(tables.edges.size)} edges
      </p>
    </header>
  )
}

/** Of the run as a whole. */
function RunFigures({ run }: { run: ShownRun }) {
  const lines = useMemo<readonly FigureLine[]>(() => {
    const facts = (): ReturnType<typeof run.facts.getState> => run.facts.getState()
    const counted = (value: number): string => (value === 0 ? '' : count(value))
    return [
      { words: 'rows', read: () => `${count(facts().rows)}${facts().rate > 0 ? ` · ${rate(facts().rate)}` : ''}` },
      {
        words: 'set aside',
        read: () => counted(facts().aside),
        tone: 'warn',
        alert: { subject: 'run', of: 'run', measure: 'deadLetters' }
      },
      { words: 'dropped by rule', read: () => counted(facts().dropped), tone: 'warn' },
      { words: 'held up by', read: () => facts().heldUpBy ?? '', tone: 'warn' },
      {
        words: 'took',
        read: () => {
          const { startedAt, endedAt } = facts()
          return endedAt === undefined ? '' : duration(endedAt - startedAt)
        }
      }
    ]
  }, [run])
  return <LiveFigures title={`Figures · ${run.label}`} figures={run.figures} lines={lines} />
}
