// The order in which the guide is read: its pages by what somebody is about to do.

export interface Chapter {
  title: string
  pages: readonly string[]
}

export const CHAPTERS: readonly Chapter[] = [
  { title: 'Begin', pages: ['first-flow', 'in-the-browser', 'runs-in-a-tab', 'storage-in-the-browser'] },
  {
    title: 'Data',
    pages: ['files', 'streams', 'databases-and-brokers', 'expressions', 'time', 'widgets', 'dashboards']
  },
  {
    title: 'Watch and mend',
    pages: ['watch-live', 'watching-a-flow', 'failures', 'debugging', 'live-change', 'durable', 'seals']
  },
  {
    title: 'Deploy',
    pages: ['running-a-server', 'runs-on-a-server', 'serving', 'placement', 'flows-in-git', 'flows-as-code']
  },
  { title: 'Administer', pages: ['accounts', 'folders', 'network', 'watching-a-server', 'keys-and-backups'] },
  { title: 'Go further', pages: ['write-a-node', 'benchmarking-a-flow'] },
  {
    title: 'Reference',
    pages: [
      'reference/errors',
      'reference/configuration',
      'reference/api',
      'reference/metrics',
      'reference/json',
      'reference/journal-format',
      'reference/sealed-files',
      'reference/asvs',
      'reference/wasm-size'
    ]
  }
]
