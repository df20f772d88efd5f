// What a flow says of itself: its description and its tags.
import { useState } from 'react'
import { findPointer, setFlow, unsetFlow } from '@weir/flow-model'
import type { Operation } from '@weir/flow-model'
import { Button } from '@weir/ui/button.tsx'
import { Dialog } from '@weir/ui/dialog.tsx'
import { Field } from '@weir/ui/field.tsx'
import { useSession } from '../session/use-session.ts'

/** Open while it is there. */
export function DescribeDialog({ close }: { close: () => void }) {
  const session = useSession()
  const { root, id } = session.document
  const said = findPointer(root, '/metadata/description')
  const listed = findPointer(root, '/metadata/tags')
  const [description, setDescription] = useState(typeof said === 'string' ? said : '')
  const [tags, setTags] = useState(Array.isArray(listed) ? listed.join(', ') : '')
  const keep = () => {
    const all = tags
      .split(',')
      .map((tag) => tag.trim())
      .filter((tag) => tag !== '')
    const set = (path: string, empty: boolean, value: string | string[]): Operation =>
      empty ? unsetFlow(path) : setFlow(path, value)
    const operations = [
      ...(said === undefined && description === ''
        ? []
        : [set('/metadata/description', description === '', description)]),
      ...(listed === undefined && all.length === 0 ? [] : [set('/metadata/tags', all.length === 0, all)])
    ]
    if (operations.length > 0) session.do(operations, 'Describe the flow')
    close()
  }
  return (
    <Dialog open close={close} title={`About ${id}`}>
      <form
        className="grid gap-3"
        onSubmit={(event) => {
          event.preventDefault()
          keep()
        }}
      >
        <Field
          label="What it does"
          value={description}
          onChange={(event) => {
            setDescription(event.target.value)
          }}
        />
        <Field
          label="Tags"
          help="With commas between them."
          value={tags}
          onChange={(event) => {
            setTags(event.target.value)
          }}
        />
        <div className="flex justify-end gap-2">
          <Button onClick={close}>Cancel</Button>
          <Button type="submit" look="main">
            Keep
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
