// Storage: what uses the disk, how long it is kept, and how much is left.
import { useGet } from '../../api/use-get.ts'
import type { Schemas } from '../../api/routes.ts'
import { bytes, count, duration } from '@weir/ui/figures/figures.ts'
import { Section } from '@weir/ui/section.tsx'
import { StateBadge } from '@weir/ui/state-badge.tsx'
import { Shown } from '@weir/ui/states.tsx'

type Use = Schemas['DiskUse']

/** How long something is kept, in words. */
export function keptText(use: Pick<Use, 'keepMs' | 'keepCount' | 'keepBytes'>): string {
  const parts = [
    ...(use.keepMs === undefined ? [] : [duration(use.keepMs)]),
    ...(use.keepCount === undefined ? [] : [`${count(use.keepCount)} of them`]),
    ...(use.keepBytes === undefined ? [] : [bytes(use.keepBytes)])
  ]
  return parts.length === 0 ? 'as long as it is needed' : parts.join(', at most ')
}

/** Files of one kind made one line. */
export function byKind(uses: readonly Use[]): Use[] {
  const kinds = new Map<string, Use>()
  for (const use of uses) {
    const known = kinds.get(use.what)
    if (known === undefined) kinds.set(use.what, { ...use })
    else {
      known.bytes += use.bytes
      known.count += use.count
    }
  }
  return [...kinds.values()].sort((a, b) => b.bytes - a.bytes)
}

/** The part. */
export function StoragePart() {
  const disk = useGet('/api/v1/disk', {}, { everyMs: 5000 })
  return (
    <Shown of={disk} what="the disk">
      {(read) => {
        const used = read.capacity === 0 ? 0 : 1 - read.free / read.capacity
        return (
          <>
            <p className="flex flex-wrap items-center gap-3 px-4 py-3">
              <StateBadge tone={used > 0.95 ? 'error' : used > 0.85 ? 'warn' : 'ok'}>
                {`${bytes(read.free)} free of ${bytes(read.capacity)}`}
              </StateBadge>
              <span aria-hidden="true" className="block h-1 w-60 bg-line">
                <span className="block h-full bg-water" style={{ width: `${Math.round(used * 100)}%` }} />
              </span>
            </p>
            <Encryption />
            <Section title="Files">
              <Uses uses={byKind(read.files)} kept={false} />
            </Section>
            <Section title="Records">
              <Uses uses={read.records} kept />
            </Section>
          </>
        )
      }}
    </Shown>
  )
}

/** What of the storage this server encrypts; only who administers the server is told. */
export function encryptionText(keys: Pick<Schemas['Keys'], 'encrypted' | 'database'>): string {
  const files = keys.encrypted
    ? 'Files of the data folder are encrypted.'
    : 'Files of the data folder are not encrypted.'
  if (keys.database.kind === 'sqlite') return files
  return `${files} The database is a PostgreSQL server, which Weir does not encrypt: whoever runs it encrypts its disk. Secrets are sealed in it all the same.`
}

function Encryption() {
  const keys = useGet('/api/v1/keys')
  if (keys.data === undefined) return null
  return <p className="px-4 pb-3 text-mute">{encryptionText(keys.data)}</p>
}

function Uses({ uses, kept }: { uses: readonly Use[]; kept: boolean }) {
  return (
    <table className="data-table">
      <thead>
        <tr>
          <th scope="col">What</th>
          <th scope="col" className="figure">
            How many
          </th>
          <th scope="col" className="figure">
            Bytes
          </th>
          {kept && <th scope="col">Kept for</th>}
        </tr>
      </thead>
      <tbody>
        {uses.map((use) => (
          <tr key={use.name}>
            <td className="font-sans">{use.what}</td>
            <td className="figure">{count(use.count)}</td>
            <td className="figure">{bytes(use.bytes)}</td>
            {kept && <td>{keptText(use)}</td>}
          </tr>
        ))}
      </tbody>
    </table>
  )
}
