// The addresses of dashboards.

/** Of a dashboard of a flow: `place` is `/flows`, of a server, or `/local`, of this browser. */
export function dashboardPath(place: '/flows' | '/local', flow: string, dashboard: string, editing = false): string {
  const path = `${place}/${encodeURIComponent(flow)}/dashboards/${encodeURIComponent(dashboard)}`
  return editing ? `${path}/edit` : path
}
