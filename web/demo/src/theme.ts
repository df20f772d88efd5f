// The theme: what the system prefers, or what was chosen here; set before anything is drawn.

const NAME = 'weir-theme'
type Theme = 'system' | 'light' | 'dark'

function chosen(): Theme {
  try {
    const known = localStorage.getItem(NAME)
    return known === 'light' || known === 'dark' ? known : 'system'
  } catch {
    return 'system'
  }
}

function apply(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = theme
}

apply(chosen())

addEventListener('DOMContentLoaded', () => {
  const select = document.getElementById('theme')
  if (!(select instanceof HTMLSelectElement)) return
  select.value = chosen()
  select.addEventListener('change', () => {
    const theme: Theme = select.value === 'light' || select.value === 'dark' ? select.value : 'system'
    apply(theme)
    try {
      localStorage.setItem(NAME, theme)
    } catch {
      // Not kept: it holds until the page is loaded anew.
    }
  })
})
