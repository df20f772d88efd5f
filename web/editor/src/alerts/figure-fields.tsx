// Which figure an alert watches, and its bound.
import type { FlowDocument } from '@weir/flow-model'
import { Choice } from '@weir/ui/choice.tsx'
import { Field } from '@weir/ui/field.tsx'
import { useMemo } from 'react'
import type { EditorSession } from '../session/editor-session.ts'
import { kindOfSubject, subjectWords, typed } from './alert-draft.ts'
import type { AlertDraft, AlertWish, DraftProblems } from './alert-draft.ts'
import type { RunAlert } from './alert-dialog.tsx'
import { isAbsence, kMeasures, kUnitHelp, measureNamed } from './measures.ts'

/** Of a large flow not all things are offered: those around what was asked for come first. */
const kMostOffered = 200

type Offer = readonly [value: string, shown: string]

function offer(document: FlowDocument, id: string): Offer {
  return [id, `${kindOfSubject(document, id) ?? 'gone'}: ${subjectWords(document, id)}`]
}

/** What can be watched: what was asked for and what is around it, the run, then the rest. */
export function subjectsOf(document: FlowDocument, wish: Pick<AlertWish, 'of' | 'subject'>): Offer[] {
  const ids = new Set<string>([wish.subject])
  if (wish.of === 'node')
    for (const edge of [...document.edgesInto(wish.subject), ...document.edgesOutOf(wish.subject)]) ids.add(edge.id)
  const edge = wish.of === 'edge' ? document.edge(wish.subject) : undefined
  if (edge !== undefined) ids.add(edge.source.node).add(edge.target.node)
  ids.add('run')
  for (const { id } of [...document.tables.nodes.list(), ...document.tables.edges.list()]) {
    if (ids.size >= kMostOffered) break
    ids.add(id)
  }
  return [...ids].map((id) => offer(document, id))
}

interface Props {
  session: EditorSession
  wish: AlertWish
  draft: AlertDraft
  problems: DraftProblems
  change: (part: Partial<AlertDraft>) => void
  runAlert: ((what: RunAlert) => void) | undefined
}

export function FigureFields({ session, wish, draft, problems, change, runAlert }: Props) {
  const { document } = session
  const { of, subject } = wish
  const subjects = useMemo(() => {
    const offers = subjectsOf(document, { of, subject })
    return offers.some(([id]) => id === draft.subject) ? offers : [offer(document, draft.subject), ...offers]
  }, [document, of, subject, draft.subject])
  const kind = kindOfSubject(document, draft.subject)
  const figures: Offer[] = kMeasures.filter((each) => each.of === kind).map((each) => [each.measure, each.words])
  if (!figures.some(([measure]) => measure === draft.measure))
    figures.unshift([draft.measure, measureNamed(draft.measure)?.words ?? `${draft.measure} (not measured)`])
  if (kind === 'run' && runAlert !== undefined) figures.push(['failed', 'a run fails…'], ['missed', 'a run is missed…'])
  const problem = problems.subject ?? problems.measure ?? ''
  return (
    <div className="grid gap-3">
      <div className="grid grid-cols-2 items-start gap-3">
        <Choice
          label="Of"
          value={draft.subject}
          options={subjects}
          choose={(id) => {
            const next = kindOfSubject(document, id)
            const fits = measureNamed(draft.measure)?.of === next
            const first = kMeasures.find((each) => each.of === next)?.measure
            change({ subject: id, ...(fits || first === undefined ? {} : { measure: first }) })
          }}
        />
        <Choice
          label="Figure"
          value={draft.measure}
          options={figures}
          choose={(measure) => {
            if (measure !== 'failed' && measure !== 'missed') {
              change({ measure })
              return
            }
            session.view.setState({ alertWish: undefined })
            runAlert?.(measure)
          }}
        />
      </div>
      {problem !== '' && (
        <p role="status" className="text-small text-error">
          <span aria-hidden="true">✕</span> {problem}
        </p>
      )}
      <BoundFields draft={draft} problems={problems} change={change} />
    </div>
  )
}

const kBounds: readonly (readonly [AlertDraft['bound'], string])[] = [
  ['over', 'is over'],
  ['under', 'is under'],
  ['both', 'is over or under']
]

function BoundFields({ draft, problems, change }: Pick<Props, 'draft' | 'problems' | 'change'>) {
  const words = measureNamed(draft.measure)
  const text = (name: 'over' | 'under' | 'forText' | 'windowText', label: string, help: string, empty = '') => (
    <Field
      label={label}
      help={help}
      problem={problems[name] ?? ''}
      inputMode={name === 'over' || name === 'under' ? 'decimal' : 'text'}
      placeholder={empty}
      value={draft[name]}
      onChange={(event) => {
        change(typed(name, event.target.value))
      }}
    />
  )
  if (words === undefined) return null
  const help = kUnitHelp[words.unit]
  const absence = isAbsence(draft.measure)
  const held = text('forText', 'For so long', 'Without a break', '0s')
  if (words.unit === 'flag') return <div className="grid grid-cols-3 items-start gap-3">{held}</div>
  if (absence) return <div className="grid grid-cols-3 items-start gap-3">{text('over', 'For longer than', help)}</div>
  return (
    <div className="grid grid-cols-[repeat(auto-fit,minmax(110px,1fr))] items-start gap-3">
      <Choice
        label="Bound"
        value={draft.bound}
        options={kBounds}
        choose={(next) => {
          const bound = kBounds.find(([each]) => each === next)?.[0]
          if (bound !== undefined) change({ bound })
        }}
      />
      {draft.bound !== 'under' && text('over', 'Over', help)}
      {draft.bound !== 'over' && text('under', 'Under', help)}
      {held}
      {words.windowed && text('windowText', 'Counted within', 'Such as 1m', '10s')}
    </div>
  )
}
