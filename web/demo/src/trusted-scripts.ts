// Addresses of scripts that the page's policy lets it start: its own, by name.

interface Policy {
  createScriptURL(url: string): string
}

const OWN = ['/engine-worker.js', '/service-worker.js']

const rules: Policy = {
  createScriptURL: (url) => {
    if (OWN.includes(url)) return url
    throw new TypeError(`'${url}' is none of the scripts of this page`)
  }
}

const types = (globalThis as { trustedTypes?: { createPolicy(name: string, rules: Policy): Policy } }).trustedTypes
const policy = types?.createPolicy('weir', rules) ?? rules

export function ownScript(url: string): string {
  return policy.createScriptURL(url)
}
