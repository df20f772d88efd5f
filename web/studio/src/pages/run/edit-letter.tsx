// Mends a row that was set aside: its fields as JSON, checked while it is typed.
import { useState } from 'react'
import { server } from '../../api/server.ts'
import { useChange } from '../../api/use-change.ts'
import type { DeadLetter } from '../../api/routes.ts'
import { Button } from '@weir/ui/button.tsx'
import { Dialog } from '@weir/ui/dialog.tsx'
import { Refusal } from '@weir/ui/refusal.tsx'
import { TextArea } from '@weir/ui/text-area.tsx'

/** The row that a text says, or why it says none. */
export function rowOf(text: string): { row: Record<string, unknown> } | { problem: string } {
  let read: unknown
  try {
    read = JSON.parse(text)
  } catch (error) {
    return { problem: `No JSON: ${error instanceof Error ? error.message : String(error)}` }
  }
  if (typeof read !== 'object' || read === null || Array.isArray(read))
    return { problem: 'A row is an object: {"name": value, …}' }
  return { row: read as Record<string, unknown> }
}

/** The dialog. */
export function EditLetter({ run, letter, close }: { run: string; letter: DeadLetter; close: () => void }) {
  const [text, setText] = useState(JSON.stringify(letter.row, null, 2))
  const read = rowOf(text)
  const mend = useChange({
    work: (row: Record<string, unknown>) =>
      server.ask('put', '/api/v1/runs/{run}/dead-letters/{number}', {
        path: { run, number: letter.number },
        body: { traceId: letter.traceId, row }
      }),
    changes: ['/api/v1/runs/{run}/dead-letters'],
    quiet: true,
    done: () => `Row ${letter.number} is mended. Replay it to give it again.`,
    after: close
  })
  return (
    <Dialog
      open
      close={close}
      wide
      title={`Mend row ${letter.number}`}
      about={`It failed at ${letter.nodeId} with ${letter.code}.`}
    >
      <pre className="overflow-auto whitespace-pre-wrap rounded-base border border-line bg-bg p-2 text-data text-error">
        {letter.message}
      </pre>
      <form
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          if ('row' in read) mend.mutate(read.row)
        }}
      >
        <TextArea
          label="The row"
          rows={Math.min(16, Math.max(6, text.split('\n').length + 1))}
          value={text}
          problem={'problem' in read ? read.problem : ''}
          onChange={(event) => {
            setText(event.target.value)
          }}
        />
        <Refusal error={mend.error} />
        <div className="flex justify-end gap-2">
          <Button onClick={close}>Cancel</Button>
          <Button type="submit" look="main" disabled={mend.isPending || 'problem' in read}>
            Keep the row
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
