// What stands where a page should be: there is none at that address, or it broke.
import { isRouteErrorResponse, Link, useRouteError } from 'react-router'
import { Failed, Empty } from '@weir/ui/states.tsx'

/** No page is at this address. */
export function NoPage() {
  return (
    <Empty title="There is no page at this address">
      <Link to="/flows">To the flows</Link>
    </Empty>
  )
}

/** A page threw; the rest of the studio goes on. */
export function BrokenPage() {
  const error = useRouteError()
  if (isRouteErrorResponse(error)) return <NoPage />
  return (
    <Failed
      error={error}
      again={() => {
        window.location.reload()
      }}
    />
  )
}
