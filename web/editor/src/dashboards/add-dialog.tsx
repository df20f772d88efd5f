// Dialogs on the widgets of a dashboard: one that is there or a new one comes onto it; what is set on one is changed.
import { useState } from 'react'
import type { ReactNode } from 'react'
import { dashboardOf } from '@weir/flow-model'
import type { FlowWidget } from '@weir/flow-model'
import { Button } from '@weir/ui/button.tsx'
import { Choice } from '@weir/ui/choice.tsx'
import { Dialog } from '@weir/ui/dialog.tsx'
import { useSession } from '../session/use-session.ts'
import { titleOf } from './tile.tsx'
import { addOperations, changeOperations, draftOf, draftProblem, emptyDraft, placeOperations } from './widget-draft.ts'
import { WidgetForm } from './widget-form.tsx'

const kNew = ''

/** Widgets of the flow that do not stand on the dashboard yet, and one that is made. */
export function AddDialog({ dashboard, close }: { dashboard: string; close: () => void }) {
  const session = useSession()
  const { document } = session
  const there = new Set(dashboardOf(document, dashboard)?.widgets.map((one) => one.widget))
  const others = document.tables.widgets.list().filter(({ id }) => !there.has(id))
  const [chosen, choose] = useState(others[0]?.id ?? kNew)
  const [draft, setDraft] = useState(() => emptyDraft(document.nodes().at(-1)?.id))
  const problem = chosen === kNew ? draftProblem(draft) : ''
  const add = () => {
    const made = chosen === kNew ? addOperations(session, draft) : { id: chosen, operations: [] }
    session.do([...made.operations, ...placeOperations(session, dashboard, made.id)], 'Put a widget on the dashboard')
    close()
  }
  return (
    <Dialog open close={close} title="Add a widget" about="What a node gives, as a chart, a table or words.">
      <Form submit={add} problem={problem} yes="Add" close={close}>
        {others.length > 0 && (
          <Choice
            label="Widget"
            value={chosen}
            options={[
              ...others.map(({ id }) => [id, `${titleOf(document.widget(id), id)} (on the canvas)`] as const),
              [kNew, 'A new one'] as const
            ]}
            choose={choose}
          />
        )}
        {chosen === kNew && <WidgetForm draft={draft} set={setDraft} />}
      </Form>
    </Dialog>
  )
}

/** What is set on one widget; it is so on the canvas and on every dashboard. */
export function ChangeDialog({ widget, close }: { widget: FlowWidget; close: () => void }) {
  const session = useSession()
  const [draft, setDraft] = useState(() => draftOf(widget))
  const keep = () => {
    const operations = changeOperations(widget, draft)
    if (operations.length > 0) session.do(operations, 'Change a widget')
    close()
  }
  return (
    <Dialog open close={close} title={titleOf(widget, widget.id)} about="It is so on the canvas, too.">
      <Form submit={keep} problem={draftProblem(draft)} yes="Keep" close={close}>
        <WidgetForm draft={draft} set={setDraft} />
      </Form>
    </Dialog>
  )
}

interface FormProps {
  submit: () => void
  problem: string
  yes: string
  close: () => void
  children: ReactNode
}

/** A form of a dialog, with why it cannot be kept. */
export function Form({ submit, problem, yes, close, children }: FormProps) {
  return (
    <form
      className="grid gap-3"
      onSubmit={(event) => {
        event.preventDefault()
        if (problem === '') submit()
      }}
    >
      {children}
      <div className="flex items-center justify-end gap-2">
        <span role="status" className="mr-auto text-small text-mute">
          {problem}
        </span>
        <Button onClick={close}>Cancel</Button>
        <Button type="submit" look="main" disabled={problem !== ''}>
          {yes}
        </Button>
      </div>
    </form>
  )
}
