// Says that the server waits for its setup link and where that is, and takes it.
import { useState, type ReactNode } from 'react'
import { Button } from '@weir/ui/button.tsx'
import { Field } from '@weir/ui/field.tsx'
import { setupCodeOf } from './setup-code.ts'

/** The link is never sent from here: `take` gets its code for the form of the account. */
export function WaitsForLink({ take }: { take: (code: string) => void }) {
  const [text, setText] = useState('')
  const [tried, setTried] = useState(false)
  const code = setupCodeOf(text)
  const wrong = tried && code === ''
  return (
    <>
      <p className="text-mute">
        The server has made a setup link; whoever opens it makes an account that administers it. The link works once,
        within an hour of the start. It is in one of these places:
      </p>
      <ul className="grid gap-2">
        <Place title="In the terminal">where the server was started, in the line that names the link.</Place>
        <Place title="In a file">
          <code className="font-mono text-data">setup-link</code> in its data folder, which only the owner of the folder
          can read.
        </Place>
        <Place title="Over an hour old?">
          Start the server again. If somebody administers it already,{' '}
          <code className="font-mono text-data">weir setup-link --data FOLDER</code> asks for a link at the next start.
        </Place>
      </ul>
      <form
        className="grid gap-3"
        onSubmit={(event) => {
          event.preventDefault()
          setTried(true)
          if (code !== '') take(code)
        }}
      >
        <Field
          label="The setup link, or its code"
          problem={wrong ? 'This is no setup link: it ends with #code= and a code.' : ''}
          autoComplete="off"
          spellCheck={false}
          required
          value={text}
          onChange={(event) => {
            setText(event.target.value)
          }}
        />
        <Button type="submit" look="main">
          Go on
        </Button>
      </form>
    </>
  )
}

function Place({ title, children }: { title: string; children: ReactNode }) {
  return (
    <li className="border-l-2 border-line pl-3">
      <span className="font-semibold">{title}</span> <span className="text-mute">{children}</span>
    </li>
  )
}
