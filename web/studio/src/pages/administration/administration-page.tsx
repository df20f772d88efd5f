// Administration: people and what they may do, secrets, mounts, the audit log, storage.
import { useNavigate, useParams } from 'react-router'
import { useSigned } from '../../api/session.ts'
import { Page } from '@weir/ui/page.tsx'
import { PartTabs } from '@weir/ui/part-tabs.tsx'
import { Empty } from '@weir/ui/states.tsx'
import { AuditPart } from './audit-part.tsx'
import { GrantsPart } from './grants-part.tsx'
import { GroupsPart } from './groups-part.tsx'
import { MountsPart } from './mounts-part.tsx'
import { SecretsPart } from './secrets-part.tsx'
import { StoragePart } from './storage-part.tsx'
import { UsersPart } from './users-part.tsx'

const PARTS = [
  { name: 'users', title: 'Users', needs: 'server.admin', body: () => <UsersPart /> },
  { name: 'groups', title: 'Groups', needs: 'server.admin', body: () => <GroupsPart /> },
  { name: 'grants', title: 'Roles', needs: 'folder.grant', body: () => <GrantsPart /> },
  { name: 'secrets', title: 'Secrets', needs: 'secret.use', body: () => <SecretsPart /> },
  { name: 'mounts', title: 'Mounts', needs: 'mount.use', body: () => <MountsPart /> },
  { name: 'audit', title: 'Audit', needs: 'audit.read', body: () => <AuditPart /> },
  { name: 'storage', title: 'Storage', needs: 'server.admin', body: () => <StoragePart /> }
]

/** The page at /administration/PART; parts that somebody may not see are not there. */
export function AdministrationPage() {
  const { part = '' } = useParams()
  const { may } = useSigned()
  const navigate = useNavigate()
  const parts = PARTS.filter((one) => may(one.needs))
  return (
    <Page title="Administration">
      {parts.length === 0 || (part !== '' && !parts.some((one) => one.name === part)) ? (
        <Empty title="Nothing here is yours to see">Ask somebody who administers your folder.</Empty>
      ) : (
        <PartTabs
          label="Parts of the administration"
          parts={parts}
          open={part}
          show={(name) => void navigate(`/administration/${name}`)}
        />
      )}
    </Page>
  )
}
