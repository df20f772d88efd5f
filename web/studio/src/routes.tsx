// The addresses of the studio; each page is loaded when it is first gone to.
import { createHashRouter, Navigate, type RouteObject } from 'react-router'
import { EDITOR } from './editor-slot.ts'
import { BrokenPage, NoPage } from './shell/problem-page.tsx'
import type { Found } from './api/found-place.ts'
import { LocalFrame } from './local/local-frame.tsx'
import { Gate, Shell } from './shell/shell.tsx'

/** A flow of this browser, where there is no server. */
const LOCAL_FLOW: RouteObject = {
  path: '/local/:flow/edit',
  lazy: () => import('./local/flow-page.tsx'),
  errorElement: <BrokenPage />
}

/** Its parameters as a form, without the canvas. */
const LOCAL_FORM: RouteObject = {
  path: '/local/:flow/form',
  lazy: () => import('./editor/local-form-page.tsx'),
  errorElement: <BrokenPage />
}

/** From the studio's own files, with and without a server. */
const GUIDE: RouteObject = { path: '/guide/*', lazy: () => import('./pages/guide/guide-page.tsx') }

/** A dashboard of a flow of this browser, where there is no server. */
const LOCAL_DASHBOARD: RouteObject = {
  path: '/local/:flow/dashboards/:dashboard/:edit?',
  lazy: () => import('./local/dashboard-page.tsx'),
  errorElement: <BrokenPage />
}

/** Beside a server: the dashboards of its flows, and those of this browser. */
const DASHBOARDS: RouteObject[] = [
  {
    path: '/flows/:flow/dashboards/:dashboard/:edit?',
    lazy: () => import('./editor/dashboard-page.tsx'),
    errorElement: <BrokenPage />
  },
  { ...LOCAL_DASHBOARD, lazy: () => import('./editor/local-dashboard-page.tsx') }
]

/** A flow of this browser, beside those of a server. */
const LOCAL_BESIDE: RouteObject = { ...LOCAL_FLOW, lazy: () => import('./editor/local-flow-page.tsx') }

export const ROUTES: RouteObject[] = [
  {
    HydrateFallback: () => null,
    children: [
      {
        path: '/sign-in',
        lazy: async () => ({ Component: (await import('./pages/sign-in/sign-in-page.tsx')).SignInPage })
      },
      { path: '/setup', lazy: async () => ({ Component: (await import('./pages/sign-in/setup-page.tsx')).SetupPage }) },
      {
        element: <Gate />,
        errorElement: <BrokenPage />,
        children: [
          ...(EDITOR === null
            ? []
            : [
                { path: '/flows/:flow/edit', lazy: EDITOR, errorElement: <BrokenPage /> },
                LOCAL_BESIDE,
                LOCAL_FORM,
                ...DASHBOARDS
              ]),
          {
            path: '/flows/:flow/form',
            lazy: () => import('./editor/form-page.tsx'),
            errorElement: <BrokenPage />
          },
          {
            element: <Shell />,
            children: [
              { index: true, element: <Navigate to="/flows" replace /> },
              {
                errorElement: <BrokenPage />,
                children: [
                  {
                    path: '/flows',
                    lazy: async () => ({ Component: (await import('./pages/flows/flows-page.tsx')).FlowsPage })
                  },
                  { path: '/local', lazy: async () => ({ Component: (await import('./local/start.tsx')).Beside }) },
                  { path: '/dashboards', lazy: () => import('./pages/dashboards/dashboards-page.tsx') },
                  { path: '/local/dashboards', lazy: () => import('./local/dashboards-page.tsx') },
                  {
                    path: '/runs',
                    lazy: async () => ({ Component: (await import('./pages/runs/runs-page.tsx')).RunsPage })
                  },
                  {
                    path: '/runs/compare',
                    lazy: async () => ({ Component: (await import('./pages/runs/compare-page.tsx')).ComparePage })
                  },
                  {
                    path: '/runs/:run',
                    lazy: async () => ({ Component: (await import('./pages/run/run-page.tsx')).RunPage })
                  },
                  {
                    path: '/schedules',
                    lazy: async () => ({
                      Component: (await import('./pages/schedules/schedules-page.tsx')).SchedulesPage
                    })
                  },
                  {
                    path: '/alerts',
                    lazy: async () => ({ Component: (await import('./pages/alerts/alerts-page.tsx')).AlertsPage })
                  },
                  {
                    path: '/nodes',
                    lazy: async () => ({ Component: (await import('./pages/nodes/nodes-page.tsx')).NodesPage })
                  },
                  GUIDE,
                  {
                    path: '/administration/:part?',
                    lazy: async () => ({
                      Component: (await import('./pages/administration/administration-page.tsx')).AdministrationPage
                    })
                  },
                  {
                    path: '/settings',
                    lazy: async () => ({ Component: (await import('./pages/settings/settings-page.tsx')).SettingsPage })
                  },
                  { path: '*', element: <NoPage /> }
                ]
              }
            ]
          }
        ]
      }
    ]
  }
]

/** Without a server: the flows of this browser, and nobody signs in. */
export const LOCAL_ROUTES: RouteObject[] = [
  {
    HydrateFallback: () => null,
    errorElement: <BrokenPage />,
    children: [
      LOCAL_FLOW,
      LOCAL_DASHBOARD,
      LOCAL_FORM,
      {
        element: <LocalFrame />,
        children: [
          {
            errorElement: <BrokenPage />,
            children: [
              { index: true, lazy: () => import('./local/start.tsx') },
              { path: '/flows', element: <Navigate to="/" replace /> },
              { path: '/dashboards', lazy: () => import('./local/dashboards-page.tsx') },
              { path: '/nodes', lazy: () => import('./local/nodes.tsx') },
              GUIDE,
              { path: '/settings', lazy: () => import('./local/settings.tsx') },
              { path: '*', element: <NoPage /> }
            ]
          }
        ]
      }
    ]
  }
]

/** The router of a page; it lives in the hash, so that any web host serves every address. */
export function makeRouter(found: Found) {
  return createHashRouter(found === 'server' ? ROUTES : LOCAL_ROUTES)
}
