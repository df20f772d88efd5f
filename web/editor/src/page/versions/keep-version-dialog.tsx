// Keeps a version: *Save version…* where nothing is live, *Publish…* where that changes what is.
import { useEffect, useMemo, useState } from 'react'
import { textMember } from '@weir/flow-model'
import { Button } from '@weir/ui/button.tsx'
import { Dialog } from '@weir/ui/dialog.tsx'
import { Field } from '@weir/ui/field.tsx'
import { Refusal } from '@weir/ui/refusal.tsx'
import { StateBadge } from '@weir/ui/state-badge.tsx'
import { usedFlows } from '../../boxes/own-nodes.ts'
import { usePart, useSession } from '../../session/use-session.ts'
import type { DraftKeeper } from '../drafts/draft-keeper.ts'
import type { FlowHome } from '../home/flow-home.ts'
import { DiffList } from './diff-list.tsx'
import { diffWords } from './diff-words.ts'
import { RowsAltered } from './row-changes.tsx'
import { useWork } from './use-work.ts'

interface KeepVersionProps {
  home: FlowHome
  keeper: DraftKeeper
  publish: boolean
  close: () => void
}

/** The text of the version that is compared with; undefined while it is read, null if there is none. */
function useVersionText(home: FlowHome, flow: string, number: number): string | null | undefined {
  const [text, setText] = useState<string | null | undefined>(number === 0 ? null : undefined)
  useEffect(() => {
    if (number === 0) return
    let here = true
    const show = (found: string | null) => {
      if (here) setText(found)
    }
    home.version(flow, number).then(show, () => {
      show(null)
    })
    return () => {
      here = false
    }
  }, [home, flow, number])
  return text
}

/** Open while it is there. */
export function KeepVersionDialog({ home, keeper, publish, close }: KeepVersionProps) {
  const { document } = useSession()
  const [label, setLabel] = useState(() => textMember(document.root, 'version'))
  const [message, setMessage] = useState('')
  const work = useWork()
  const session = useSession()
  const errors = usePart(session.problems.store, (state) => state.list.filter((one) => one.severity === 'error').length)
  const warnings = usePart(session.problems.store, (state) => state.list.length) - errors
  const own = usedFlows(document.nodes().map((node) => node.typeId))
  const keep = async () => {
    await keeper.saveNow()
    const { phase, reason } = keeper.state.getState()
    if (phase !== 'saved') throw new Error(reason === '' ? 'the draft is not saved yet' : reason)
    const version = await home.keepVersion(document.id, { label, message, publish })
    keeper.tellHead({
      latestVersion: version.number,
      publishedVersion: publish ? version.number : keeper.state.getState().publishedVersion
    })
    session.tell(publish ? `Version ${version.number} is published.` : `Version ${version.number} is saved.`)
    close()
  }
  return (
    <Dialog
      open
      close={close}
      wide
      title={publish ? `Publish ${document.id}` : `Save a version of ${document.id}`}
      about={
        publish
          ? 'What runs by schedule and by others is this from then on.'
          : 'It stays as it is now, and can be gone back to.'
      }
    >
      <Changes home={home} keeper={keeper} publish={publish} />
      <p className="flex flex-wrap gap-4">
        {errors > 0 ? (
          <StateBadge tone="error">{`${errors} ${errors === 1 ? 'error' : 'errors'}: see Problems`}</StateBadge>
        ) : (
          <StateBadge tone="ok">no errors</StateBadge>
        )}
        {warnings > 0 && (
          <StateBadge tone="warn">{`${warnings} ${warnings === 1 ? 'warning' : 'warnings'}`}</StateBadge>
        )}
      </p>
      {publish && own.length > 0 && (
        <p>
          <StateBadge tone="error">
            {`A server does not run flows as nodes yet (${own.join(', ')}): put them in place first, in the panel of each such node.`}
          </StateBadge>
        </p>
      )}
      <form
        className="grid gap-3"
        onSubmit={(event) => {
          event.preventDefault()
          work.run(keep)
        }}
      >
        <div className="grid gap-3 sm:grid-cols-[140px_1fr]">
          <Field
            label="Name"
            value={label}
            onChange={(event) => {
              setLabel(event.target.value)
            }}
          />
          <Field
            label="What changed"
            value={message}
            onChange={(event) => {
              setMessage(event.target.value)
            }}
          />
        </div>
        <Refusal error={work.error} />
        <div className="flex justify-end gap-2">
          <Button onClick={close}>Cancel</Button>
          <Button type="submit" look="main" disabled={work.busy || (publish && (errors > 0 || own.length > 0))}>
            {publish ? 'Publish' : 'Save the version'}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}

function Changes({ home, keeper, publish }: { home: FlowHome; keeper: DraftKeeper; publish: boolean }) {
  const { document } = useSession()
  const { latestVersion, publishedVersion } = keeper.state.getState()
  const number = publish ? publishedVersion : latestVersion
  const before = useVersionText(home, document.id, number)
  const text = document.text()
  const diff = useMemo(
    () => (before === undefined || before === null ? undefined : diffWords(before, text)),
    [before, text]
  )
  if (before === undefined) return <p className="text-mute">Comparing with version {number}…</p>
  if (diff === undefined)
    return <p className="text-mute">It is the first version{publish ? ' that is published' : ''}.</p>
  return (
    <section className="grid gap-1">
      <h3 className="text-data text-mute">
        Since version {number}
        {publish ? ', which is live' : ''}
      </h3>
      <DiffList diff={diff} />
      {before !== null && diff.lines.length > 0 && <RowsAltered before={before} after={text} />}
    </section>
  )
}
