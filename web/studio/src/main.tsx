// Starts the studio.
import { QueryClientProvider } from '@tanstack/react-query'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { RouterProvider } from 'react-router/dom'
import { findPlace } from './api/found-place.ts'
import { cache } from './api/server.ts'
import '@weir/ui/look/base.css'
import { NewsList } from './shell/news-list.tsx'
import { startPath } from './start-path.ts'
import { tellLimit } from '@weir/ui/limits.tsx'
import { followFormats, followTheme } from '@weir/ui/preferences.ts'

const begin = startPath(window.location.pathname, window.location.hash)
// A code of a link stays neither in the address bar nor in the history.
if (begin !== null) window.history.replaceState(null, '', `#${begin}`)
followTheme()
followFormats()
if (!window.isSecureContext) tellLimit('insecure')

const [{ makeRouter }, found] = await Promise.all([import('./routes.tsx'), findPlace()])
if (found === 'local' && 'serviceWorker' in navigator) {
  // Where it is refused the site works as long as its host is there.
  navigator.serviceWorker.register('./service-worker.js').catch(() => {
    tellLimit('worker')
  })
}
const root = document.getElementById('root')
if (root === null) throw new Error('the page has no place for the studio')
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={cache}>
      <RouterProvider router={makeRouter(found)} />
      <NewsList />
    </QueryClientProvider>
  </StrictMode>
)
