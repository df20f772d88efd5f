// Before the first run of a draft: what it will write to.
import { Button } from '@weir/ui/button.tsx'
import { Dialog } from '@weir/ui/dialog.tsx'
import type { Target } from './run-actions.ts'

const kKey = 'weir.editor.targets'

function known(): Record<string, string> {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(kKey) ?? '{}')
    return typeof value === 'object' && value !== null ? (value as Record<string, string>) : {}
  } catch {
    return {}
  }
}

function signOf(targets: readonly Target[]): string {
  return targets.map((target) => `${target.node} ${target.what}`).join('\n')
}

/** Whether the person has seen these targets of this draft. */
export function targetsSeen(draft: string, targets: readonly Target[]): boolean {
  return targets.length === 0 || known()[draft] === signOf(targets)
}

/** They are not named again until they are others. */
export function rememberTargets(draft: string, targets: readonly Target[]): void {
  try {
    localStorage.setItem(kKey, JSON.stringify({ ...known(), [draft]: signOf(targets) }))
  } catch {
    // They are named again the next time.
  }
}

interface TargetsProps {
  targets: readonly Target[]
  run: () => void
  /** Runs without touching anything. */
  preview: () => void
  close: () => void
}

/** Open while it is there. */
export function TargetsDialog({ targets, run, preview, close }: TargetsProps) {
  return (
    <Dialog
      open
      close={close}
      title="This run writes"
      about="It is asked once, and again when something is added here."
    >
      <ul className="grid gap-1">
        {targets.map((target) => (
          <li key={target.node} className="font-mono text-data break-all">
            {target.what}
          </li>
        ))}
      </ul>
      <div className="flex flex-wrap justify-end gap-2">
        <Button onClick={close}>Cancel</Button>
        <Button onClick={preview}>Run without writing</Button>
        <Button look="main" onClick={run}>
          Run and write
        </Button>
      </div>
    </Dialog>
  )
}
