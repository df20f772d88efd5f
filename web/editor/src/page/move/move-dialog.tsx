// Moves a flow to the other home, after everything that it needs there has been looked at.
import { useEffect, useMemo, useState } from 'react'
import { Button } from '@weir/ui/button.tsx'
import { Choice } from '@weir/ui/choice.tsx'
import { Dialog } from '@weir/ui/dialog.tsx'
import { Field } from '@weir/ui/field.tsx'
import { Refusal } from '@weir/ui/refusal.tsx'
import { StateBadge } from '@weir/ui/state-badge.tsx'
import { useRevision, useSession } from '../../session/use-session.ts'
import type { GivenFolders } from '../files/given-folders.ts'
import { flowIdFrom } from '../files/readers.ts'
import { errorOf, useWork } from '../versions/use-work.ts'
import { checklistOf, missingMounts } from './checklist.ts'
import type { CheckLine, Move, Offer } from './checklist.ts'
import { moveFlow } from './move-flow.ts'
import { UploadPart } from './upload-part.tsx'
import { useUploads } from './use-uploads.ts'
import type { Uploads } from './use-uploads.ts'

interface Asked {
  folders: readonly string[]
  folder: string
  setFolder: (folder: string) => void
  offer: Offer | undefined
  planned: number
  error: Error | null
  /** How often it was asked; what is known stays until there is an answer. */
  turn: number
  again: () => void
}

/** Asks the other home: once for its folders, and anew for each folder that is chosen. */
function useAsked(move: Move, flow: string): Asked {
  const [folders, setFolders] = useState<readonly string[]>([])
  const [folder, setFolder] = useState<string>()
  const [answer, setAnswer] = useState<{ folder: string; offer: Offer }>()
  const [planned, setPlanned] = useState(0)
  const [error, setError] = useState<Error | null>(null)
  const [turn, setTurn] = useState(0)
  useEffect(() => {
    let here = true
    const fail = (reason: unknown): void => {
      if (here) setError(errorOf(reason))
    }
    setError(null)
    const folderAsked = move.folders?.() ?? Promise.resolve([''])
    Promise.all([folderAsked, move.planned?.(flow) ?? 0]).then(([found, count]) => {
      if (!here) return
      setFolders(found)
      setPlanned(count)
      setFolder((now) => now ?? found[0] ?? '')
    }, fail)
    return () => {
      here = false
    }
  }, [move, flow, turn])
  useEffect(() => {
    if (folder === undefined) return undefined
    let here = true
    setError(null)
    move.ask(folder).then(
      (found) => {
        if (here) setAnswer({ folder, offer: found })
      },
      (reason: unknown) => {
        if (here) setError(errorOf(reason))
      }
    )
    return () => {
      here = false
    }
  }, [move, folder, turn])
  return {
    folders,
    folder: folder ?? '',
    setFolder,
    offer: answer !== undefined && answer.folder === folder ? answer.offer : undefined,
    planned,
    error,
    turn,
    again: () => {
      setTurn(turn + 1)
    }
  }
}

interface MoveProps {
  move: Move
  /** The folders of this browser. */
  given?: GivenFolders | undefined
  close: () => void
}

/** Open while it is there. The flow stays here too: what is moved is a copy that lives on there. */
export function MoveDialog({ move, given, close }: MoveProps) {
  const session = useSession()
  useRevision()
  const { document } = session
  const asked = useAsked(move, document.id)
  const { offer, folder, folders } = asked
  const [mounts, setMounts] = useState<ReadonlyMap<string, string>>(new Map())
  const [wanted, setWanted] = useState<string>()
  const [replaces, setReplaces] = useState(false)
  const work = useWork()
  const taken = offer?.flows.has(document.id) === true
  const id = taken && !replaces ? (wanted ?? flowIdFrom(document.id, offer.flows)) : document.id
  const named = replaces || (id !== '' && offer?.flows.has(id) === false)
  const missing = useMemo(() => (offer === undefined ? [] : missingMounts(document, offer)), [document, offer])
  const uploads = useUploads(move, document, { ...asked, given }, offer === undefined ? undefined : missing)
  const chosen = [...mounts].filter(([from, to]) => missing.includes(from) && offer?.mounts?.has(to) === true)
  const picked = new Map([...chosen, ...uploads.there])
  const lines = offer === undefined ? [] : checklistOf(document, offer, { mounts: picked, planned: asked.planned })
  const ready = offer !== undefined && named && !uploads.unfinished && lines.every((one) => one.ok || one.name === 'id')
  const go = async () => {
    await moveFlow(document, { to: move.to, folder, id, replaces: taken && replaces, mounts: picked })
    move.arrived(id)
  }
  return (
    <Dialog
      open
      close={close}
      title={`${move.words}: ${document.id}`}
      about="Nothing moves before every line is well. The flow here stays as it is, as a copy."
    >
      <Refusal error={asked.error ?? work.error} />
      {folders.length > 1 && !uploads.busy && (
        <Choice label="Folder" value={folder} options={folders.map(folderOption)} choose={asked.setFolder} />
      )}
      {offer === undefined && asked.error === null && <p className="text-mute">Looking at what is there…</p>}
      <Lines lines={lines} />
      {missing
        .filter((from) => !uploads.there.has(from))
        .map((from) => (
          <MountPick
            key={from}
            from={from}
            offered={[...(offer?.mounts ?? [])]}
            to={picked.get(from) ?? ''}
            pick={(to) => {
              setMounts(new Map([...mounts, [from, to]]))
            }}
          />
        ))}
      <UploadParts uploads={uploads} missing={missing} picked={picked} />
      {taken && <TakenName id={id} named={named} replaces={replaces} setReplaces={setReplaces} setId={setWanted} />}
      <div className="flex justify-end gap-2">
        {lines.some((one) => !one.ok && one.name !== 'id') && (
          <Button onClick={asked.again} disabled={uploads.busy}>
            Look again
          </Button>
        )}
        <Button onClick={close}>Cancel</Button>
        <Button
          look="main"
          disabled={!ready || work.busy}
          onClick={() => {
            work.run(go)
          }}
        >
          {move.words}
        </Button>
      </div>
    </Dialog>
  )
}

function folderOption(folder: string): readonly [string, string] {
  return [folder, folder === '' ? 'the root' : folder]
}

function Lines({ lines }: { lines: readonly CheckLine[] }) {
  return (
    <ul className="grid gap-2" aria-label="What the flow needs there">
      {lines.map((one) => (
        <li key={one.name} className="grid gap-0.5">
          <StateBadge tone={one.ok ? 'ok' : 'warn'}>{one.words}</StateBadge>
          {one.fix !== '' && <span className="pl-5 text-data text-mute">{one.fix}</span>}
        </li>
      ))}
    </ul>
  )
}

interface UploadsProps {
  uploads: Uploads
  missing: readonly string[]
  picked: ReadonlyMap<string, string>
}

/** Of each folder that no mount was picked for. */
function UploadParts({ uploads, missing, picked }: UploadsProps) {
  const { refusal, list, pace, busy, there } = uploads
  if (refusal !== '') return missing.length === 0 ? null : <p className="text-data text-warn">▲ {refusal}</p>
  return list
    .filter(({ mount }) => there.has(mount) || !picked.has(mount))
    .map((going) => <UploadPart key={going.mount} going={going} pace={pace} busy={busy} />)
}

interface PickProps {
  from: string
  offered: readonly string[]
  to: string
  pick: (to: string) => void
}

/** Where the files of a folder lie there. Nothing where nothing is offered: the line says what to do. */
function MountPick({ from, offered, to, pick }: PickProps) {
  if (offered.length === 0) return null
  return (
    <Choice
      label={`Where the files of ${from} lie there`}
      value={to}
      options={[['', 'Choose a mount'], ...offered.map((name) => [name, name] as const)]}
      choose={pick}
    />
  )
}

interface TakenProps {
  id: string
  named: boolean
  replaces: boolean
  setReplaces: (replaces: boolean) => void
  setId: (id: string) => void
}

function TakenName({ id, named, replaces, setReplaces, setId }: TakenProps) {
  return (
    <>
      <Choice
        label="A flow of that name is there"
        value={replaces ? 'replace' : 'beside'}
        options={[
          ['beside', 'Put this one beside it, under another name'],
          ['replace', 'Let this one take its place; the draft there is kept as a version']
        ]}
        choose={(how) => {
          setReplaces(how === 'replace')
        }}
      />
      {!replaces && (
        <Field
          label="Its name there"
          value={id}
          problem={named ? '' : 'This name is taken.'}
          onChange={(event) => {
            setId(event.target.value)
          }}
        />
      )}
    </>
  )
}
