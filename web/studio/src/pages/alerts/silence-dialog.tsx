// Until when nobody is told of an alert.
import { useState } from 'react'
import { Button } from '@weir/ui/button.tsx'
import { Dialog } from '@weir/ui/dialog.tsx'
import { Field } from '@weir/ui/field.tsx'

interface Props {
  name: string
  close: () => void
  /** For so many milliseconds from now. */
  silence: (forMs: number) => void
}

export function SilenceDialog({ name, close, silence }: Props) {
  const [until, setUntil] = useState('')
  const forMs = Date.parse(until) - Date.now()
  const wrong = until !== '' && !(forMs > 0)
  return (
    <Dialog
      open
      close={close}
      title={`Silence ${name}`}
      about="Nobody is told of it before then, also if it is raised again."
    >
      <form
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          if (!(forMs > 0)) return
          silence(forMs)
          close()
        }}
      >
        <Field
          label="Until"
          type="datetime-local"
          required
          help={Intl.DateTimeFormat().resolvedOptions().timeZone}
          problem={wrong ? 'That time has passed.' : ''}
          value={until}
          onChange={(event) => {
            setUntil(event.target.value)
          }}
        />
        <div className="flex justify-end gap-2">
          <Button onClick={close}>Cancel</Button>
          <Button type="submit" look="main" disabled={!(forMs > 0)}>
            Silence
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
