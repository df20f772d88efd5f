// *Alert me when…*: makes an alert of the document, or changes one, with when it would have been raised over what is kept.
import { countsRows } from '@weir/flow-model'
import { Button } from '@weir/ui/button.tsx'
import { Choice } from '@weir/ui/choice.tsx'
import { Dialog } from '@weir/ui/dialog.tsx'
import { Field } from '@weir/ui/field.tsx'
import { useState } from 'react'
import { FormulaField } from '../formula/index.ts'
import { useSampleOf } from '../panels/data/use-edge-rows.ts'
import { Fold } from '../panels/form/fold.tsx'
import { usePart, useSession, useView } from '../session/use-session.ts'
import type { EditorSession } from '../session/editor-session.ts'
import {
  alertAt,
  draftOf,
  keepAlert,
  kSeverities,
  newDraft,
  problemsOfDraft,
  suggestedName,
  withMeasure,
  typed
} from './alert-draft.ts'
import type { AlertDraft, AlertWish, DraftProblems } from './alert-draft.ts'
import { FigureFields } from './figure-fields.tsx'
import { FiredPreview } from './fired-preview.tsx'

/** A rule about runs as such, which a server watches. */
export type RunAlert = 'failed' | 'missed'

/** Nothing while it is not asked for. `runAlert`: where there is a server that watches runs. */
export function AlertDialog({ runAlert }: { runAlert?: ((what: RunAlert) => void) | undefined }) {
  const session = useSession()
  const wish = useView((state) => state.alertWish)
  if (wish === undefined) return null
  return <AlertForm key={JSON.stringify(wish)} session={session} wish={wish} runAlert={runAlert} />
}

interface FormProps {
  session: EditorSession
  wish: AlertWish
  runAlert: ((what: RunAlert) => void) | undefined
}

function AlertForm({ session, wish, runAlert }: FormProps) {
  const { document } = session
  const known = wish.pointer === undefined ? undefined : alertAt(document, wish.pointer)
  const [draft, setDraft] = useState<AlertDraft>(() =>
    known === undefined ? newDraft(document, wish) : draftOf(known.alert)
  )
  const [asked, setAsked] = useState(false)
  const problems = problemsOfDraft(document, draft, known?.alert.name)
  const wrong = Object.keys(problems).length > 0
  const close = (): void => {
    session.view.setState({ alertWish: undefined })
  }
  const change = (part: Partial<AlertDraft>): void => {
    setDraft((before) => {
      const isOwn = before.name !== suggestedName(document, before)
      const next =
        part.measure === undefined ? { ...before, ...part } : { ...withMeasure(before, part.measure), ...part }
      return isOwn || part.name !== undefined || known !== undefined
        ? next
        : { ...next, name: suggestedName(document, next) }
    })
  }
  const keep = (): void => {
    setAsked(true)
    if (wrong) return
    const done = session.do(
      [keepAlert(document, draft, wish.pointer)],
      known === undefined ? 'Add an alert' : 'Change an alert'
    )
    if (done.gesture === undefined) return
    session.tell(`${draft.name.trim()}: raised from the next run on. It stands in the flow, under Alerts.`)
    close()
  }
  return (
    <Dialog open close={close} wide title={known === undefined ? 'Alert me when…' : `Change ${known.alert.name}`}>
      <form
        className="grid gap-4"
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          keep()
        }}
      >
        <FigureFields
          session={session}
          wish={wish}
          draft={draft}
          problems={problems}
          change={change}
          runAlert={runAlert}
        />
        {countsRows(draft.measure) && <RowFields session={session} draft={draft} change={change} />}
        <FiredPreview session={session} draft={draft} />
        <MoreFields draft={draft} problems={problems} change={change} />
        <div className="flex items-center justify-end gap-2">
          {asked && wrong && (
            <p role="alert" className="mr-auto text-data text-error">
              <span aria-hidden="true">✕</span> {Object.values(problems)[0]}
            </p>
          )}
          <Button onClick={close}>Cancel</Button>
          <Button
            type="submit"
            look="main"
            disabled={session.options.readOnly !== undefined && session.options.readOnly !== ''}
          >
            {known === undefined ? 'Add the alert' : 'Keep the alert'}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}

interface PartProps {
  draft: AlertDraft
  change: (part: Partial<AlertDraft>) => void
}

const nothing = (): void => undefined

/** Which rows of the edge count, and by what they are told apart. */
function RowFields({ session, draft, change }: PartProps & { session: EditorSession }) {
  const place = usePart(session.run, (state) => state.place)
  const sample = useSampleOf(session, session.document.edge(draft.subject) === undefined ? undefined : draft.subject)
  return (
    <div className="grid gap-3">
      <span aria-hidden="true" className="-mb-2 text-data text-mute">
        Only rows where
      </span>
      <FormulaField
        label="Only rows where"
        text={draft.where}
        gives="bool"
        place={place}
        sample={sample}
        set={(where) => {
          change({ where })
        }}
        undo={nothing}
        redo={nothing}
      />
      <Field
        label="By key"
        help="A formula such as row.region: each value is raised and cleared by itself. Empty: all rows together"
        spellCheck={false}
        value={draft.key}
        onChange={(event) => {
          change({ key: event.target.value })
        }}
      />
    </div>
  )
}

function MoreFields({ draft, problems, change }: PartProps & { problems: DraftProblems }) {
  const field = (name: 'name' | 'quietText' | 'muteUntil' | 'owner', label: string, help: string, type = 'text') => (
    <Field
      label={label}
      help={help}
      type={type}
      problem={problems[name] ?? ''}
      value={draft[name]}
      onChange={(event) => {
        change(typed(name, event.target.value))
      }}
    />
  )
  const folded = problems.quietText !== undefined || problems.muteUntil !== undefined
  return (
    <>
      <div className="grid grid-cols-2 items-start gap-3">
        {field('name', 'Name', '')}
        <Choice
          label="Severity"
          value={draft.severity}
          options={kSeverities.map((one) => [one, one] as const)}
          choose={(severity) => {
            change({ severity })
          }}
        />
      </div>
      <Fold wrong={folded} title="Quiet times and owner">
        <div className="grid grid-cols-3 items-start gap-3">
          {field('quietText', 'Then quiet for', 'Not raised again within this time')}
          {field('muteUntil', 'Muted until', Intl.DateTimeFormat().resolvedOptions().timeZone, 'datetime-local')}
          {field('owner', 'Owner', 'Who deals with it')}
        </div>
      </Fold>
    </>
  )
}
