// A widget of another package, as it runs in its frame: writes how many rows it saw, and what it can reach.
import { connectWidget } from '../../src/sandbox/frame-side.ts'

connectWidget((scene) => {
  const place = document.getElementById('rows') ?? document.body
  place.style.color = scene.theme.text
  let rows = 0
  const mode = scene.settings.mode
  if (mode === 'floods') setInterval(flood, 0)
  if (mode === 'reloads') setTimeout(reload, 20)
  if (mode === 'refuses') throw new Error('this widget needs a column named depth')
  return {
    take: (batch) => {
      if (mode === 'silent') return new Promise<void>(() => undefined)
      rows += batch.rows
      place.textContent = `${scene.title}: ${rows} rows of ${batch.columns.map((column) => column.name).join(', ')}; ${reach()}`
    },
    end: () => {
      place.textContent += '; ended'
    }
  }
})

function reload(): void {
  window.location.reload()
}

/** Messages without end, to the window around: nobody there listens. */
function flood(): void {
  for (let i = 0; i < 1000; i++)
    window.parent.postMessage({ type: 'taken', batches: 1e9, padding: 'x'.repeat(1000) }, '*')
}

/** What the frame should not get at. */
function reach(): string {
  const found: string[] = []
  for (const [name, look] of Object.entries({
    storage: () => localStorage.length,
    cookies: () => document.cookie,
    page: () => window.parent.document.title
  })) {
    try {
      look()
      found.push(name)
    } catch {
      // Refused, as it should be.
    }
  }
  return found.length === 0 ? 'reaches nothing' : `reaches ${found.join(', ')}`
}
