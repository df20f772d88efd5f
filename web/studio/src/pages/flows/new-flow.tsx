// Begins a flow: its name and folder are asked, then it opens.
import { useState } from 'react'
import { useNavigate } from 'react-router'
import { server } from '../../api/server.ts'
import { useSigned } from '../../api/session.ts'
import { useChange } from '../../api/use-change.ts'
import { Button } from '@weir/ui/button.tsx'
import { Choice } from '@weir/ui/choice.tsx'
import { Dialog } from '@weir/ui/dialog.tsx'
import { Field } from '@weir/ui/field.tsx'
import { Refusal } from '@weir/ui/refusal.tsx'

/** A button, then a question. */
export function NewFlow({ folders }: { folders: readonly string[] }) {
  const { me, mayIn } = useSigned()
  const navigate = useNavigate()
  const [open, setOpen] = useState(false)
  const places = [...new Set(['', ...folders, ...me.grants.map((grant) => grant.folder)])].filter((folder) =>
    mayIn('flow.edit', folder)
  )
  const [folder, setFolder] = useState(places[0] ?? '')
  const [id, setId] = useState('')
  const make = useChange({
    work: () =>
      server.ask('post', '/api/v1/flows', {
        body: { id: id.trim(), version: '1.0.0', nodes: [], edges: [] },
        ...(folder === '' ? {} : { query: { folder } })
      }),
    changes: ['/api/v1/flows'],
    quiet: true,
    after: (head) => void navigate(`/flows/${encodeURIComponent(head.id)}/edit`)
  })
  const close = () => {
    setOpen(false)
    make.reset()
  }
  return (
    <>
      <Button
        look="main"
        onClick={() => {
          setOpen(true)
        }}
      >
        New flow
      </Button>
      <Dialog open={open} close={close} title="New flow">
        <form
          className="grid gap-3"
          onSubmit={(event) => {
            event.preventDefault()
            make.mutate(undefined)
          }}
        >
          <Field
            label="Name"
            required
            autoFocus
            value={id}
            onChange={(event) => {
              setId(event.target.value)
            }}
          />
          {places.length > 1 && (
            <Choice
              label="In the folder"
              value={folder}
              options={places.map((place) => [place, place === '' ? 'the root' : place] as const)}
              choose={setFolder}
            />
          )}
          <Refusal error={make.error} />
          <div className="flex justify-end gap-2">
            <Button onClick={close}>Cancel</Button>
            <Button type="submit" look="main" disabled={make.isPending || id.trim() === ''}>
              Begin
            </Button>
          </div>
        </form>
      </Dialog>
    </>
  )
}
