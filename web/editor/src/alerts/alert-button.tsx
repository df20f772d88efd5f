// The button that asks to be alerted: with its words in panels, small beside a figure.
import { Button } from '@weir/ui/button.tsx'
import { Icon } from '@weir/ui/icon.tsx'
import type { EditorSession } from '../session/editor-session.ts'
import type { AlertWish } from './alert-draft.ts'

/** Opens the dialog about something. */
export function alertMe(session: EditorSession, wish: AlertWish): void {
  session.view.setState({ alertWish: wish })
}

/** *Alert me when…* in a panel. */
export function AlertButton({ session, wish }: { session: EditorSession; wish: AlertWish }) {
  return (
    <Button
      onClick={() => {
        alertMe(session, wish)
      }}
    >
      Alert me when…
    </Button>
  )
}

/** Beside a figure that is called `words`. */
export function FigureAlert({ session, wish, words }: { session: EditorSession; wish: AlertWish; words: string }) {
  return (
    <button
      type="button"
      aria-label={`Alert me about ${words}`}
      title="Alert me when…"
      className="ml-1 inline-flex rounded-base p-0.5 align-[-3px] text-faint hover:bg-raised hover:text-text"
      onClick={() => {
        alertMe(session, wish)
      }}
    >
      <Icon name="alerts" className="size-3.5" />
    </button>
  )
}
