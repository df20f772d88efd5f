// A question before something that cannot be undone; it names what will happen.
import { Button } from './button.tsx'
import { Dialog } from './dialog.tsx'

interface ConfirmProps {
  open: boolean
  close: () => void
  title: string
  about: string
  /** The words of the button that does it. */
  yes: string
  act: () => void
  busy?: boolean
}

/** Asks; Cancel has the focus, so that Enter alone destroys nothing. */
export function Confirm({ open, close, title, about, yes, act, busy = false }: ConfirmProps) {
  return (
    <Dialog open={open} close={close} title={title} about={about}>
      <div className="flex justify-end gap-4">
        <Button onClick={close} autoFocus>
          Cancel
        </Button>
        <Button look="danger" onClick={act} disabled={busy}>
          {yes}
        </Button>
      </div>
    </Dialog>
  )
}
