// Where the studio begins when it was opened by a link that knows nothing of its addresses, such as the setup link.

/** The address within the studio for a path and a hash of the page; null if the hash is one of ours already. */
export function startPath(pathname: string, hash: string): string | null {
  const code = new URLSearchParams(hash.slice(1)).get('code')
  if (code !== null) return `/setup?code=${encodeURIComponent(code)}`
  const problem = new URLSearchParams(hash.slice(1)).get('problem')
  if (problem !== null) return `/sign-in?problem=${encodeURIComponent(problem)}`
  if (hash.startsWith('#/')) return null
  if (pathname.endsWith('/sign-in')) return '/sign-in'
  if (pathname.endsWith('/setup')) return '/setup'
  if (pathname.endsWith('/account')) return '/settings'
  if (pathname.endsWith('/people')) return '/administration'
  return null
}
