// How bad an alert is, with its shape.
import type { Alert } from '../../api/routes.ts'
import { StateBadge, type Tone } from '@weir/ui/state-badge.tsx'

const TONES: Record<Alert['severity'], Tone> = { info: 'rest', warning: 'warn', critical: 'error' }

export const SEVERITIES = ['info', 'warning', 'critical'] as const

/** A severity. */
export function Severity({ of }: { of: Alert['severity'] }) {
  return <StateBadge tone={TONES[of]}>{of}</StateBadge>
}
