// What a paste has made, and what it could not take: shown when there is more to say than a notice holds.
import { Button } from '@weir/ui/button.tsx'
import { Dialog } from '@weir/ui/dialog.tsx'
import { saveText } from '@weir/ui/save-text.ts'
import { useKeyHint } from '../../session/key-hints.ts'
import { usePart } from '../../session/use-session.ts'
import { useTools } from '../tools.ts'

/** Nothing while there is no report. */
export function PasteReportDialog() {
  const tools = useTools()
  const report = usePart(tools.ui, (state) => state.report)
  const key = useKeyHint('change.undo')
  const close = (): void => {
    tools.ui.setState({ report: undefined })
  }
  if (report === undefined) return null
  const { made, left, files } = report
  return (
    <Dialog open close={close} title="Pasted" about={key === undefined ? '' : `${key.words} takes all of it back.`}>
      <ul className="grid gap-1">
        {made.map((line) => (
          <li key={line}>
            <span aria-hidden="true" className="text-ok">
              ✓{' '}
            </span>
            {line}
          </li>
        ))}
        {left.map((line) => (
          <li key={line}>
            <span aria-hidden="true" className="text-warn">
              ▲{' '}
            </span>
            {line}
          </li>
        ))}
        {files.map(({ path, text }) => (
          <li key={path} className="flex flex-wrap items-center gap-2">
            <span>
              <span aria-hidden="true" className="text-warn">
                ▲{' '}
              </span>
              The rows are not in a file yet: save them as <code className="font-mono text-data">{path}</code> in the
              folder of this flow.
            </span>
            <Button
              onClick={() => {
                saveText(path.slice(path.lastIndexOf('/') + 1), text, 'text/plain')
              }}
            >
              Download
            </Button>
          </li>
        ))}
      </ul>
      <div className="flex justify-end">
        <Button autoFocus onClick={close}>
          Close
        </Button>
      </div>
    </Dialog>
  )
}
