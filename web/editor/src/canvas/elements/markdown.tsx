// The Markdown of notes as elements: headings, lists, quotes, code, links, emphasis. What is HTML in it stays text.
import type { ReactNode } from 'react'

/** A text that a person wrote; never set as HTML. */
export function Markdown({ text }: { text: string }) {
  return <>{blocksOf(text.slice(0, 20_000))}</>
}

function blocksOf(text: string): ReactNode[] {
  const lines = text.split(/\r?\n/)
  const blocks: ReactNode[] = []
  for (let at = 0; at < lines.length;) {
    const line = lines[at] ?? ''
    const kind = kindOf(line)
    if (kind === 'empty') {
      ++at
      continue
    }
    let end = at + 1
    if (kind === 'fence') while (end < lines.length && !/^```/.test(lines[end] ?? '')) ++end
    else if (kind !== 'heading' && kind !== 'rule')
      while (end < lines.length && kindOf(lines[end] ?? '') === kind) ++end
    blocks.push(<Block key={at} kind={kind} lines={lines.slice(at, end)} />)
    at = kind === 'fence' ? end + 1 : end
  }
  return blocks
}

type Kind = 'empty' | 'heading' | 'rule' | 'fence' | 'bullets' | 'numbers' | 'quote' | 'text'

function kindOf(line: string): Kind {
  if (line.trim() === '') return 'empty'
  if (/^#{1,6} /.test(line)) return 'heading'
  if (/^(-{3,}|\*{3,})\s*$/.test(line)) return 'rule'
  if (line.startsWith('```')) return 'fence'
  if (/^\s*[-*+] /.test(line)) return 'bullets'
  if (/^\s*\d{1,9}[.)] /.test(line)) return 'numbers'
  return line.startsWith('>') ? 'quote' : 'text'
}

function Block({ kind, lines }: { kind: Kind; lines: readonly string[] }) {
  const [first = ''] = lines
  if (kind === 'heading') {
    const inner = <Inline text={first.replace(/^#+ /, '')} />
    return /^#{1,2} /.test(first) ? <h3>{inner}</h3> : <h4>{inner}</h4>
  }
  if (kind === 'rule') return <hr />
  if (kind === 'fence') return <pre>{lines.slice(1).join('\n')}</pre>
  if (kind === 'quote')
    return (
      <blockquote>
        <Inline text={lines.map((line) => line.replace(/^> ?/, '')).join(' ')} />
      </blockquote>
    )
  if (kind === 'bullets' || kind === 'numbers') {
    const items = lines.map((line, index) => (
      <li key={index}>
        <Inline text={line.replace(/^\s*(?:[-*+]|\d+[.)]) /, '')} />
      </li>
    ))
    return kind === 'bullets' ? <ul>{items}</ul> : <ol>{items}</ol>
  }
  return (
    <p>
      <Inline text={lines.join('\n')} />
    </p>
  )
}

const kInline = /`([^`]+)`|\*\*([^*]+)\*\*|\*([^*\s][^*]*)\*|_([^_\s][^_]*)_|\[([^\]]+)\]\(([^()\s]+)\)/

function Inline({ text }: { text: string }) {
  const parts: ReactNode[] = []
  let rest = text
  for (let key = 0; rest !== ''; ++key) {
    const found = kInline.exec(rest)
    if (found === null) {
      parts.push(rest)
      break
    }
    parts.push(rest.slice(0, found.index))
    parts.push(<Part key={key} found={found} />)
    rest = rest.slice(found.index + found[0].length)
  }
  return <>{parts}</>
}

function Part({ found }: { found: RegExpExecArray }) {
  const [whole, code, strong, star, under, label, address] = found
  if (code !== undefined) return <code>{code}</code>
  if (strong !== undefined)
    return (
      <strong>
        <Inline text={strong} />
      </strong>
    )
  const soft = star ?? under
  if (soft !== undefined)
    return (
      <em>
        <Inline text={soft} />
      </em>
    )
  // Only where a click can do no harm: a script is no address.
  if (label !== undefined && address !== undefined && /^(https?:|mailto:)/i.test(address))
    return (
      <a href={address} target="_blank" rel="noopener noreferrer">
        {label}
      </a>
    )
  return <>{whole}</>
}
