// The history of a flow: its versions and the drafts that were kept aside; to compare, and to go back.
import { useEffect, useMemo, useState } from 'react'
import { openFlow, operationsTo } from '@weir/flow-model'
import { Button } from '@weir/ui/button.tsx'
import { Choice } from '@weir/ui/choice.tsx'
import { Dialog } from '@weir/ui/dialog.tsx'
import { Refusal } from '@weir/ui/refusal.tsx'
import { saveText } from '@weir/ui/save-text.ts'
import { StateBadge } from '@weir/ui/state-badge.tsx'
import { TimeText } from '@weir/ui/time-text.tsx'
import { useSession } from '../../session/use-session.ts'
import type { DraftShelf, KeptCopy } from '../drafts/draft-shelf.ts'
import { rootOf } from '../drafts/merge-drafts.ts'
import type { FlowHome, KeptVersion } from '../home/flow-home.ts'
import { DiffList } from './diff-list.tsx'
import { diffWords } from './diff-words.ts'
import { errorOf } from './use-work.ts'

/** A text of the past, with the words for it. */
interface Past {
  key: string
  name: string
  note: string
  at: number
  published: boolean
  copy: number
  read: () => Promise<string>
}

function pastsOf(home: FlowHome, flow: string, versions: readonly KeptVersion[], copies: readonly KeptCopy[]): Past[] {
  const all = versions.map((one): Past => ({
    key: `version ${one.number}`,
    name: `Version ${one.number}${one.label === '' ? '' : `, ${one.label}`}`,
    note: one.message,
    at: one.createdAt,
    published: one.published,
    copy: 0,
    read: () => home.version(flow, one.number)
  }))
  const aside = copies.map((one): Past => ({
    key: `copy ${one.id}`,
    name: one.name,
    note: 'kept in this browser',
    at: one.at,
    published: false,
    copy: one.id,
    read: () => Promise.resolve(one.text)
  }))
  return [...all, ...aside].sort((a, b) => b.at - a.at)
}

interface HistoryProps {
  home: FlowHome
  shelf: DraftShelf
  draftKey: string
  /** Empty if the draft may be changed. */
  readOnly: string
  close: () => void
}

/** Open while it is there. */
export function HistoryDialog({ home, shelf, draftKey, readOnly, close }: HistoryProps) {
  const { document } = useSession()
  const [pasts, setPasts] = useState<readonly Past[]>()
  const [error, setError] = useState<Error | null>(null)
  const [chosen, setChosen] = useState('')
  useEffect(() => {
    let here = true
    Promise.all([home.versions(document.id), shelf.copies(draftKey)]).then(
      ([versions, copies]) => {
        if (here) setPasts(pastsOf(home, document.id, versions, copies))
      },
      (reason: unknown) => {
        if (here) setError(errorOf(reason))
      }
    )
    return () => {
      here = false
    }
  }, [home, shelf, draftKey, document])
  const drop = (past: Past) => {
    void shelf.dropCopy(past.copy).then(() => {
      setPasts((all) => all?.filter((one) => one !== past))
      setChosen('')
    })
  }
  const past = pasts?.find((one) => one.key === chosen)
  return (
    <Dialog open close={close} wide title={`History of ${document.id}`}>
      <Refusal error={error} />
      {pasts?.length === 0 && <p className="text-mute">No version was kept yet.</p>}
      <ul className="grid max-h-[28vh] overflow-auto" aria-label="Versions">
        {pasts?.map((one) => (
          <li key={one.key}>
            <button
              type="button"
              aria-pressed={one.key === chosen}
              className="flex w-full items-baseline gap-3 rounded-base px-2 py-1.5 text-left hover:bg-raised aria-pressed:bg-water-dim"
              onClick={() => {
                setChosen(one.key)
              }}
            >
              <span className="font-semibold whitespace-nowrap">{one.name}</span>
              {one.published && <StateBadge tone="ok">published</StateBadge>}
              <span className="min-w-0 truncate text-mute">{one.note}</span>
              <span className="ml-auto whitespace-nowrap">
                <TimeText ms={one.at} far />
              </span>
            </button>
          </li>
        ))}
      </ul>
      {past !== undefined && (
        <PastView key={past.key} past={past} others={pasts ?? []} readOnly={readOnly} close={close} drop={drop} />
      )}
    </Dialog>
  )
}

interface PastViewProps {
  past: Past
  others: readonly Past[]
  readOnly: string
  close: () => void
  drop: (past: Past) => void
}

function PastView({ past, others, readOnly, close, drop }: PastViewProps) {
  const session = useSession()
  const { document } = session
  const [texts, setTexts] = useState<{ own: string; other: string }>()
  const [error, setError] = useState<Error | null>(null)
  const [other, setOther] = useState('draft')
  useEffect(() => {
    let here = true
    const found = others.find((one) => one.key === other)
    const read = found === undefined ? Promise.resolve(document.text()) : found.read()
    Promise.all([past.read(), read]).then(
      ([own, against]) => {
        if (here) setTexts({ own, other: against })
      },
      (reason: unknown) => {
        if (here) setError(errorOf(reason))
      }
    )
    return () => {
      here = false
    }
  }, [past, other, others, document])
  const diff = useMemo(() => (texts === undefined ? undefined : diffWords(texts.own, texts.other)), [texts])
  const back = (text: string) => {
    const opened = openFlow(text)
    if (opened.state !== 'open') {
      setError(new Error('this version is of a form that cannot be worked on here'))
      return
    }
    session.do(operationsTo(document, rootOf(text)), `Go back to ${past.name}`)
    session.tell(`The draft is as in ${past.name}. Undo takes that back.`)
    close()
  }
  return (
    <section className="grid gap-3" aria-label={past.name}>
      <Refusal error={error} />
      <Choice
        label={`From ${past.name} to`}
        value={other}
        options={[
          ['draft', 'the draft as it is now'],
          ...others.filter((one) => one.key !== past.key).map((one) => [one.key, one.name] as const)
        ]}
        choose={setOther}
      />
      {diff !== undefined && <DiffList diff={diff} />}
      <div className="flex flex-wrap justify-end gap-2">
        {past.copy !== 0 && (
          <Button
            look="danger"
            className="mr-auto"
            onClick={() => {
              drop(past)
            }}
          >
            Delete this kept draft
          </Button>
        )}
        <Button
          disabled={texts === undefined}
          onClick={() => {
            if (texts !== undefined) saveText(`${document.id}.flow.json`, texts.own, 'application/json')
          }}
        >
          Download
        </Button>
        {readOnly === '' && (
          <Button
            look="main"
            disabled={texts === undefined}
            onClick={() => {
              if (texts !== undefined) back(texts.own)
            }}
          >
            Go back to this
          </Button>
        )}
      </div>
    </section>
  )
}
