// Moves a flow to the other home, after everything that it needs there has been looked at.
import { useEffect, useState } from 'react'
import { FlowDocument, setFlow, applyOperations } from '@weir/flow-model'
import { Button } from '@weir/ui/button.tsx'
import { Dialog } from '@weir/ui/dialog.tsx'
import { Field } from '@weir/ui/field.tsx'
import { Refusal } from '@weir/ui/refusal.tsx'
import { StateBadge } from '@weir/ui/state-badge.tsx'
import { useRevision, useSession } from '../../session/use-session.ts'
import { flowIdFrom } from '../files/readers.ts'
import { errorOf, useWork } from '../versions/use-work.ts'
import { checklistOf } from './checklist.ts'
import type { Move, Offer } from './checklist.ts'

/** Open while it is there. The flow stays here too: what is moved is a copy that lives on there. */
export function MoveDialog({ move, close }: { move: Move; close: () => void }) {
  const session = useSession()
  useRevision()
  const { document } = session
  const [offer, setOffer] = useState<Offer>()
  const [error, setError] = useState<Error | null>(null)
  const [id, setId] = useState(document.id)
  const work = useWork()
  useEffect(() => {
    let here = true
    move.ask().then(
      (found) => {
        if (!here) return
        setOffer(found)
        if (found.flows.has(document.id)) setId(flowIdFrom(document.id, found.flows))
      },
      (reason: unknown) => {
        if (here) setError(errorOf(reason))
      }
    )
    return () => {
      here = false
    }
  }, [move, document])
  const lines = offer === undefined ? [] : checklistOf(document, offer)
  const named = id !== '' && offer?.flows.has(id) === false
  const ready = offer !== undefined && named && lines.every((one) => one.ok || one.name === 'id')
  const go = async () => {
    const copy = new FlowDocument(document.toJson())
    applyOperations(copy, [setFlow('/id', id)])
    await move.to.create(copy.text(), '')
    move.arrived(id)
  }
  return (
    <Dialog
      open
      close={close}
      title={`${move.words}: ${document.id}`}
      about="Nothing moves before every line is well. The flow here stays as it is, as a copy."
    >
      <Refusal error={error ?? work.error} />
      {offer === undefined && error === null && <p className="text-mute">Looking at what is there…</p>}
      <ul className="grid gap-2">
        {lines.map((one) => (
          <li key={one.name} className="grid gap-0.5">
            <StateBadge tone={one.ok ? 'ok' : 'warn'}>{one.words}</StateBadge>
            {one.fix !== '' && <span className="pl-5 text-data text-mute">{one.fix}</span>}
          </li>
        ))}
      </ul>
      {offer?.flows.has(document.id) === true && (
        <Field
          label="Its name there"
          value={id}
          problem={named ? '' : 'This name is taken.'}
          onChange={(event) => {
            setId(event.target.value)
          }}
        />
      )}
      <div className="flex justify-end gap-2">
        <Button onClick={close}>Cancel</Button>
        <Button
          look="main"
          disabled={!ready || work.busy}
          onClick={() => {
            work.run(go)
          }}
        >
          {move.words}
        </Button>
      </div>
    </Dialog>
  )
}
