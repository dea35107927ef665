/** What stops a module before it starts. The code never changes; the words say what to do. */
const WORDS = {
  'hears-undeclared': "module.ts hears '{fact}', but manifest.json does not list it under 'hears'",
  'hears-twice': "module.ts hears '{fact}' twice: do both in one handler, so that they succeed or fail together",
  'hears-nothing': "manifest.json lists '{fact}' under 'hears', but module.ts has no handler for it",
  'tells-undeclared': "module.ts tells '{fact}', but manifest.json does not list it under 'tells'",
  'answers-undeclared': "module.ts answers {hook} with '{handler}', but manifest.json does not list it under 'answers'",
  'answers-twice':
    "module.ts has two handlers '{handler}' for {hook}: give one of them another name, here and in manifest.json",
  'answers-nothing': "manifest.json lists '{handler}' for {hook} under 'answers', but module.ts has no handler for it",
  'answers-as-wrapper': "module.ts answers {hook}, but manifest.json says 'isWrapper': use wrap, or take it out there",
  'wraps-as-answer': "module.ts wraps {hook}: say 'isWrapper: true' in manifest.json",
  'health-twice': 'module.ts says twice how it is: put both into one',
  'at-work-twice': 'module.ts says twice what is open while it is at work: put both into one',
  'observes-undeclared': "module.ts looks on at calls, but manifest.json does not say at which under 'observes'",
  'observes-twice': 'module.ts looks on at calls twice: put both into one',
  'observes-nothing':
    "manifest.json says 'observes', but module.ts has no handler for it: use `observe`, or take it out there",
  'route-undeclared': "module.ts answers {route}, but manifest.json does not list it under 'routes'",
  'route-twice': 'module.ts answers {route} twice',
  'route-nothing': "manifest.json lists {route} under 'routes', but module.ts has no handler for it",
  'errand-undeclared': "module.ts has a {verb} '{name}', but manifest.json does not list it under '{verb}s'",
  'errand-twice': "module.ts has two handlers for the {verb} '{name}'",
  'errand-nothing': "manifest.json lists the {verb} '{name}' under '{verb}s', but module.ts has no handler for it",
  'config-early': 'what is set is read before the module runs: read it in a handler, or in `onChange`',
  'config-twice': 'what is set is taken in two places: put both into one `configure`, one `onChange`',
  'config-nothing':
    "manifest.json says under 'config' what can be set, but module.ts takes none of it: use `configure`, or take it out there",
  'config-differs': "manifest.json must say under 'config' what the schema of `openConfig` says: {wanted}",
  'pages-twice': 'module.ts hands over pages twice: put both into one folder',
  'pages-unfit': 'the pages in {folder} cannot be handed over: {why}',
  'page-nothing':
    "manifest.json lists the page {path}, but nothing answers there: put a file for it, or an index.html, into the folder of '.pages', or answer it with a route",
  'icon-nothing':
    "manifest.json gives the page {path} the icon {icon}, but there is no such file in the folder of '.pages'",
  'route-hidden': 'a file of the pages stands in front of the route GET {path}: take one of them away',
  'store-disorder': "a store that keeps the position needs facts in order: take 'order: none' out of manifest.json",
  'setting-unfit': '{name} must be {wanted}, but it is {found}',
  'no-credentials': [
    '{module} has no credentials for the bus: {why}.',
    '`npm start` gives them to it. By hand: `npx recyclique keys creds {module}` writes a file; set RECYCLIQUE_CREDS to it.',
    'Against a nats-server without accounts set RECYCLIQUE_REDUCED=1 instead: then nothing keeps modules apart.',
  ].join('\n'),
} as const

export type ModuleErrorCode = keyof typeof WORDS

export class ModuleError extends Error {
  readonly code: ModuleErrorCode
  constructor(code: ModuleErrorCode, holes: Record<string, string> = {}, options?: ErrorOptions) {
    super(
      WORDS[code].replace(/\{(\w+)\}/g, (_, hole: string) => holes[hole] ?? '?'),
      options,
    )
    this.name = 'ModuleError'
    this.code = code
  }
}

/** How a module's process ends, for whoever supervises it (the numbers of `sysexits.h`). */
export const EXIT = {
  /** It was told to stop, and is done. */
  done: 0,
  /** It failed in a way that a new start may mend. */
  failed: 1,
  /** The kernel does not want it as it is. A new start changes nothing. */
  rejected: 65,
  /** It is set up wrongly. A new start changes nothing. */
  misconfigured: 78,
} as const
