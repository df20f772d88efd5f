// The seal of the run that is shown: its short digest, to copy and to save, and another seal to hold against it.
import { Button } from '@weir/ui/button.tsx'
import { count } from '@weir/ui/figures/figures.ts'
import { saveText } from '@weir/ui/save-text.ts'
import { StateBadge } from '@weir/ui/state-badge.tsx'
import { useEffect, useRef, useState } from 'react'
import type { ChangeEvent } from 'react'
import type { RunPlace, ShownRun } from '../../run/shown-run.ts'
import { differencesFrom } from '../../seal/check-seal.ts'
import { makeSeal } from '../../seal/make-seal.ts'
import { digestOf, parseSeal, SealError, sealText, shortDigest } from '../../seal/seal.ts'
import type { Seal } from '../../seal/seal.ts'
import type { EditorSession } from '../../session/editor-session.ts'
import { usePart } from '../../session/use-session.ts'

/** A seal is small; what is larger is none. */
const kMostSealBytes = 64 << 20
const kShownDifferences = 5

type Made = { state: 'making' } | { state: 'none'; why: string } | { state: 'sealed'; seal: Seal; digest: string }
type Checked = { name: string; differences: readonly string[]; problem: string }

function placeOf(session: EditorSession, run: ShownRun): RunPlace | undefined {
  return session.run.getState().places.find((one) => one.name === run.place)
}

/** Nothing while the run goes on, of a sample, and where its files are elsewhere. */
export function SealLine({ session, run }: { session: EditorSession; run: ShownRun }) {
  const hasEnded = usePart(run.facts, (facts) => facts.status === 'done' && facts.endedAt !== undefined)
  const place = placeOf(session, run)
  const hasFiles = place?.fileOf !== undefined && run.filesUsed?.() !== undefined
  if (!hasEnded || !hasFiles || run.kind === 'sample' || run.kind === 'recording') return null
  return <Sealed key={run.id} session={session} run={run} place={place} />
}

function useSeal(session: EditorSession, run: ShownRun, place: RunPlace): Made {
  const [made, setMade] = useState<Made>({ state: 'making' })
  useEffect(() => {
    let gone = false
    makeSeal(run, place, session.catalogue).then(
      (seal) => {
        if (!gone) setMade({ state: 'sealed', seal, digest: digestOf(seal) })
      },
      (reason: unknown) => {
        const why = reason instanceof SealError ? reason.message : `The run cannot be sealed: ${String(reason)}`
        if (!gone) setMade({ state: 'none', why })
      }
    )
    return () => {
      gone = true
    }
  }, [session, run, place])
  return made
}

function Sealed({ session, run, place }: { session: EditorSession; run: ShownRun; place: RunPlace }) {
  const made = useSeal(session, run, place)
  const [checked, setChecked] = useState<Checked>()
  if (made.state !== 'sealed') {
    return (
      <p className="border-b border-line px-4 py-1 text-data text-mute" role="status">
        {made.state === 'making' ? 'Reading the files of the run for its seal…' : made.why}
      </p>
    )
  }
  const { seal, digest } = made
  const check = async (file: File): Promise<void> => {
    try {
      if (file.size > kMostSealBytes) throw new SealError('This is no seal: it is too large.')
      const sealed = parseSeal(await file.text())
      const differences = await differencesFrom(sealed, seal, (name) => findFile(place, seal, name))
      setChecked({ name: file.name, differences, problem: '' })
    } catch (reason) {
      setChecked({
        name: file.name,
        differences: [],
        problem: reason instanceof Error ? reason.message : String(reason)
      })
    }
  }
  return (
    <section aria-label="Seal" className="border-b border-line">
      <div className="flex min-h-10 flex-wrap items-center gap-x-3 gap-y-1 px-4 py-1 text-data">
        <span className="font-semibold">Seal</span>
        <span className="font-mono" title={digest}>
          {shortDigest(digest)}
        </span>
        <span className="text-mute">{countsOf(seal)}</span>
        <Actions session={session} seal={seal} digest={digest} check={check} />
      </div>
      {checked !== undefined && <Verdict {...checked} />}
    </section>
  )
}

function findFile(place: RunPlace, seal: Seal, name: string): Promise<File | undefined> {
  return place.fileOf?.(seal.flow.id, name) ?? Promise.resolve(undefined)
}

function countsOf({ inputs, outputs }: Seal): string {
  const rows = outputs.reduce((sum, file) => sum + (file.rows ?? 0), 0)
  const many = (number: number, one: string): string => `${count(number)} ${one}${number === 1 ? '' : 's'}`
  return `${many(inputs.length, 'input')}, ${many(outputs.length, 'output')}, ${many(rows, 'row')}`
}

interface ActionsProps {
  session: EditorSession
  seal: Seal
  digest: string
  check: (file: File) => Promise<void>
}

function Actions({ session, seal, digest, check }: ActionsProps) {
  const input = useRef<HTMLInputElement>(null)
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(digest)
      session.tell('Copied the digest of the seal.')
    } catch {
      session.tell('The browser did not let it be copied.', 'warning')
    }
  }
  const chosen = (event: ChangeEvent<HTMLInputElement>): void => {
    const [file] = event.target.files ?? []
    if (file !== undefined) void check(file)
    // The same file may be chosen again.
    event.target.value = ''
  }
  return (
    <span className="ml-auto flex flex-wrap gap-2" role="group" aria-label="Seal of the run">
      <Button
        onClick={() => {
          void copy()
        }}
      >
        Copy
      </Button>
      <Button
        title="Outputs of up to 64 KiB are in it"
        onClick={() => {
          saveText(`${seal.flow.id || 'flow'}.seal.json`, sealText(seal), 'application/json')
        }}
      >
        Save
      </Button>
      <Button onClick={() => input.current?.click()}>Check against a seal…</Button>
      <input
        ref={input}
        type="file"
        accept=".json,application/json"
        className="hidden"
        aria-label="A seal to check against"
        tabIndex={-1}
        onChange={chosen}
      />
    </span>
  )
}

function Verdict({ name, differences, problem }: Checked) {
  const isSame = differences.length === 0 && problem === ''
  const more = differences.length - kShownDifferences
  return (
    <div role="status" aria-label="Check against a seal" className="grid gap-1 px-4 pb-2 text-data">
      <span className="flex flex-wrap items-center gap-2">
        <StateBadge tone={isSame ? 'ok' : problem === '' ? 'warn' : 'error'}>
          {isSame ? 'identical, byte for byte' : problem === '' ? 'not identical' : 'not checked'}
        </StateBadge>
        <span className="text-mute">{name}</span>
      </span>
      {problem !== '' && <span>{problem}</span>}
      {differences.slice(0, kShownDifferences).map((text) => (
        <span key={text} className="break-words">
          {text}
        </span>
      ))}
      {more > 0 && <span className="text-mute">and {count(more)} more</span>}
    </div>
  )
}
