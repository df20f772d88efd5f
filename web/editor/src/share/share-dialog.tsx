// Share as form: the address of the page that has the flow's parameters and one button.
import { Button } from '@weir/ui/button.tsx'
import { Dialog } from '@weir/ui/dialog.tsx'
import { useSession } from '../session/use-session.ts'

interface ShareProps {
  /** Of the form. */
  address: string
  server: boolean
  close: () => void
}

export function ShareDialog({ address, server, close }: ShareProps) {
  const session = useSession()
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(address)
      session.tell('Copied the address of the form.')
    } catch {
      session.tell('The browser did not let it be copied.', 'warning')
    }
  }
  const about = server
    ? 'The parameters of the flow as a form with one button. Who opens it sees no canvas, and needs the right to run this flow. It runs what is published; without that, the draft.'
    : 'The parameters of the flow as a form with one button, without the canvas. This flow is in this browser, so the address works here alone: move it to a server to share it with others.'
  return (
    <Dialog open close={close} title="Share as form" about={about}>
      <input
        className="field font-mono text-data"
        aria-label="Address of the form"
        readOnly
        value={address}
        onFocus={(event) => {
          event.target.select()
        }}
      />
      <div className="flex justify-end gap-2">
        <a
          className="inline-flex min-h-[30px] items-center rounded-base border border-edge px-3"
          href={address}
          target="_blank"
          rel="noreferrer"
        >
          Open
        </a>
        <Button
          look="main"
          onClick={() => {
            void copy()
          }}
        >
          Copy address
        </Button>
      </div>
    </Dialog>
  )
}
