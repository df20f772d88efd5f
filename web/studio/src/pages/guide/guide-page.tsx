// The page at /guide: the user guide and the reference, from the studio's own files, with a search over all of it.
import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { Link, useParams } from 'react-router'
import { PAGES } from 'virtual:guide'
import { FilterText } from '@weir/ui/filter-text.tsx'
import { Page } from '@weir/ui/page.tsx'
import { Empty, Shown } from '@weir/ui/states.tsx'
import { useFilters } from '../../shell/use-filters.ts'
import { Blocks } from './block-view.tsx'
import { searchGuide, sectionsOf, type GuidePage } from './blocks.ts'
import { CHAPTERS } from './contents.ts'

const FIRST = 'first-flow'

/** All pages: once they are here, the guide is read and searched without the server. */
async function everyPage(): Promise<GuidePage[]> {
  return await Promise.all(PAGES.map(async (page) => (await page.load()).default))
}

/** The page at /guide/PAGE. */
export function Component() {
  const id = useParams()['*'] ?? ''
  const filters = useFilters()
  const words = filters.get('words')
  const pages = useQuery({ queryKey: ['guide'], queryFn: everyPage, staleTime: Infinity, gcTime: Infinity })
  return (
    <Page
      title="Guide"
      filters={
        <FilterText
          label="Search the guide"
          value={words}
          set={(next) => {
            filters.set({ words: next })
          }}
        />
      }
    >
      <div className="grid min-h-full content-start md:grid-cols-[240px_1fr] md:content-stretch">
        <Contents open={id === '' ? FIRST : id} />
        <Shown of={pages} what="the guide">
          {(read) =>
            words === '' ? (
              <Article page={read.find((page) => page.id === (id === '' ? FIRST : id))} at={filters.get('at')} />
            ) : (
              <Results pages={read} words={words} />
            )
          }
        </Shown>
      </div>
    </Page>
  )
}

const titles = new Map(PAGES.map((page) => [page.id, page.title]))

function Contents({ open }: { open: string }) {
  return (
    <nav
      aria-label="Contents"
      className="grid max-h-[30vh] content-start gap-3 overflow-auto border-b border-line py-3 md:max-h-none md:border-r md:border-b-0"
    >
      {CHAPTERS.map((chapter) => (
        <div key={chapter.title}>
          <h2 className="px-4 pb-1 text-small font-semibold text-mute">{chapter.title}</h2>
          <ul>
            {chapter.pages.map((id) => (
              <li key={id}>
                <Link
                  to={`/guide/${id}`}
                  aria-current={id === open ? 'page' : undefined}
                  className="block px-4 py-0.5 no-underline hover:bg-raised aria-[current=page]:bg-water-dim aria-[current=page]:text-water"
                >
                  {titles.get(id) ?? id}
                </Link>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </nav>
  )
}

function Article({ page, at }: { page: GuidePage | undefined; at: string }) {
  const place = useRef<HTMLElement>(null)
  const id = page?.id
  useEffect(() => {
    const wanted = at === '' ? null : document.getElementById(at)
    if (wanted !== null) {
      wanted.scrollIntoView()
      wanted.focus({ preventScroll: true })
    } else {
      place.current?.closest('[role=region]')?.scrollTo(0, 0)
    }
  }, [id, at])
  if (page === undefined) {
    return <Empty title="There is no such page in the guide">It may be of another version of the studio.</Empty>
  }
  return (
    <article ref={place} className="grid min-w-0 content-start gap-3 p-4 sm:px-8">
      <Blocks blocks={page.blocks} />
    </article>
  )
}

function Results({ pages, words }: { pages: readonly GuidePage[]; words: string }) {
  const found = searchGuide(pages.flatMap(sectionsOf), words)
  if (found.length === 0) return <Empty title="Nothing in the guide has these words">Try fewer, or others.</Empty>
  return (
    <ul aria-label="Found in the guide" className="grid content-start">
      {found.map((one) => (
        <li key={`${one.page} ${one.at}`} className="border-b border-line">
          <Link
            to={`/guide/${one.page}${one.at === '' ? '' : `?at=${encodeURIComponent(one.at)}`}`}
            className="grid gap-0.5 px-4 py-2 no-underline hover:bg-raised sm:px-8"
          >
            <span>
              <span className="font-semibold">{one.heading}</span>
              {one.heading !== one.title && <span className="text-mute"> · {one.title}</span>}
            </span>
            <span className="max-w-[100ch] truncate text-data text-mute">{one.around}</span>
          </Link>
        </li>
      ))}
    </ul>
  )
}
