// Draws blocks of the guide as elements.
import type { ReactNode } from 'react'
import { Link } from 'react-router'
import type { Block, Inline } from './blocks.ts'

const HEADS = ['text-title font-semibold', 'mt-4 text-head font-semibold', 'mt-2 font-semibold'] as const

function Text({ text }: { text: readonly Inline[] }): ReactNode {
  return text.map((one, index) => {
    if (typeof one === 'string') return one
    switch (one.kind) {
      case 'strong':
        return (
          <strong key={index}>
            <Text text={one.text} />
          </strong>
        )
      case 'em':
        return (
          <em key={index}>
            <Text text={one.text} />
          </em>
        )
      case 'code':
        return (
          <code key={index} className="rounded-base bg-raised px-1 font-mono text-data break-words">
            {one.text}
          </code>
        )
      case 'link':
        return one.to.startsWith('/') ? (
          <Link key={index} to={one.to}>
            <Text text={one.text} />
          </Link>
        ) : (
          <a key={index} href={one.to} target="_blank" rel="noreferrer">
            <Text text={one.text} />
          </a>
        )
    }
  })
}

function Heading({ block }: { block: Extract<Block, { kind: 'heading' }> }) {
  // The page around it has the first heading.
  const Tag = (['h2', 'h3', 'h4'] as const)[Math.min(block.level, 3) - 1] ?? 'h4'
  return (
    <Tag
      id={block.id}
      tabIndex={-1}
      className={`scroll-mt-4 outline-none ${HEADS[Math.min(block.level, 3) - 1] ?? ''}`}
    >
      <Text text={block.text} />
    </Tag>
  )
}

function Table({ block }: { block: Extract<Block, { kind: 'table' }> }) {
  return (
    <div className="overflow-x-auto" tabIndex={0} role="region" aria-label="Table">
      <table className="data-table">
        <thead>
          <tr>
            {block.head.map((cell, index) => (
              <th key={index} scope="col">
                <Text text={cell} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {block.rows.map((row, index) => (
            <tr key={index}>
              {row.map((cell, at) => (
                <td key={at} className="max-w-[64ch] font-sans whitespace-normal">
                  <Text text={cell} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function One({ block }: { block: Block }) {
  switch (block.kind) {
    case 'heading':
      return <Heading block={block} />
    case 'paragraph':
      return (
        <p className="max-w-[80ch]">
          <Text text={block.text} />
        </p>
      )
    case 'code':
      return (
        <pre
          tabIndex={0}
          className="max-w-[104ch] overflow-x-auto rounded-panel border border-line bg-bg p-3 font-mono text-data"
        >
          {block.text}
        </pre>
      )
    case 'quote':
      return (
        <blockquote className="grid gap-2 border-l-2 border-edge pl-3 text-mute">
          <Blocks blocks={block.blocks} />
        </blockquote>
      )
    case 'list': {
      const List = block.ordered ? 'ol' : 'ul'
      return (
        <List className={`grid max-w-[80ch] gap-1 pl-5 ${block.ordered ? 'list-decimal' : 'list-disc'}`}>
          {block.items.map((item, index) => (
            <li key={index}>
              <Blocks blocks={item} />
            </li>
          ))}
        </List>
      )
    }
    case 'table':
      return <Table block={block} />
    case 'rule':
      return <hr className="border-line" />
  }
}

export function Blocks({ blocks }: { blocks: readonly Block[] }) {
  return blocks.map((block, index) => <One key={index} block={block} />)
}
