// Put on a dashboard: what is chosen on the canvas comes onto one that is there, or a new one.
import { useState } from 'react'
import { addDashboard, dashboardsOf, freeDashboardId } from '@weir/flow-model'
import { Choice } from '@weir/ui/choice.tsx'
import { Dialog } from '@weir/ui/dialog.tsx'
import { Field } from '@weir/ui/field.tsx'
import { Button } from '@weir/ui/button.tsx'
import { usePart, useSession } from '../session/use-session.ts'
import type { EditorSession } from '../session/editor-session.ts'
import { useTools } from '../tools/tools.ts'
import { Form } from './add-dialog.tsx'
import { titleOf } from './tile.tsx'
import { addOperations, draftProblem, emptyDraft, placeOperations } from './widget-draft.ts'
import type { WidgetDraft } from './widget-draft.ts'
import { WidgetForm } from './widget-form.tsx'

const kNew = ''

/** Why nothing of what is chosen can be put on a dashboard; empty if it can. */
export function whyNotOnDashboard({ selection }: EditorSession): string {
  const { size } = selection
  if (size > 0 && selection.ids('widgets').size === size) return ''
  const isOne = size === 1 && selection.ids('nodes').size + selection.ids('edges').size === 1
  return isOne ? '' : 'Choose widgets, one node or one edge first.'
}

/** What a new widget would show of the node or edge that is chosen; undefined where widgets are. */
function meantDraft({ selection, document }: EditorSession): WidgetDraft | undefined {
  const [node] = selection.ids('nodes')
  if (node !== undefined) return emptyDraft(node)
  const [edge] = selection.ids('edges')
  const source = edge === undefined ? undefined : document.edge(edge)?.source
  return source === undefined ? undefined : emptyDraft(source.node, source.port)
}

/** Nothing while it is not asked for. */
export function PutOnDashboard() {
  const tools = useTools()
  const isOpen = usePart(tools.ui, (state) => state.open === 'dashboard')
  return isOpen ? <PutDialog /> : null
}

function PutDialog() {
  const tools = useTools()
  const session = useSession()
  const { document, selection } = session
  const boards = dashboardsOf(document.root)
  const [board, choose] = useState(boards[0]?.id ?? kNew)
  const [name, setName] = useState('')
  const [draft, setDraft] = useState(() => meantDraft(session))
  const close = () => {
    tools.show(undefined)
  }
  const nameless = board === kNew && name.trim() === '' ? 'Give the new dashboard a name.' : ''
  const problem = (draft === undefined ? '' : draftProblem(draft)) || nameless
  const put = (): string => {
    const id = board === kNew ? freeDashboardId(document, name.trim()) : board
    const made = draft === undefined ? undefined : addOperations(session, draft)
    const widgets = made === undefined ? [...selection.ids('widgets')] : [made.id]
    const options = { label: 'Put on a dashboard', coalesce: `put ${id}` }
    if (board === kNew) session.do([addDashboard(document, id, name.trim())], options)
    if (made !== undefined) session.do(made.operations, options)
    for (const widget of widgets) {
      const operations = placeOperations(session, id, widget)
      if (operations.length > 0) session.do(operations, options)
    }
    session.history.seal()
    session.tell(`On the dashboard ‘${name.trim() || boards.find((one) => one.id === id)?.name || id}’.`)
    close()
    return id
  }
  const titles = [...selection.ids('widgets')].map((id) => titleOf(document.widget(id), id))
  const { page } = tools
  return (
    <Dialog open close={close} title="Put on a dashboard" about={draft === undefined ? titles.join(', ') : ''}>
      <Form submit={put} problem={problem} yes="Put there" close={close}>
        <Choice
          label="Dashboard"
          value={board}
          options={[...boards.map((one) => [one.id, one.name || one.id] as const), [kNew, 'A new one'] as const]}
          choose={choose}
        />
        {board === kNew && (
          <Field
            label="Name of the new dashboard"
            value={name}
            autoFocus
            onChange={(event) => {
              setName(event.target.value)
            }}
          />
        )}
        {draft !== undefined && <WidgetForm draft={draft} set={setDraft} />}
        {page?.dashboard !== undefined && (
          <Button
            look="quiet"
            className="justify-self-start"
            disabled={problem !== ''}
            onClick={() => {
              page.dashboard?.(put())
            }}
          >
            Put there, and go there
          </Button>
        )}
      </Form>
    </Dialog>
  )
}
