import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Command } from 'commander'
import { pino } from 'pino'
import { v7 as newId } from 'uuid'
import { describe, expect, test } from 'vitest'
import { readControl } from '../kernel/control-settings.ts'
import { openServer } from '../kernel/http/server.ts'
import type { World } from '../kernel/http/world.ts'

const PAGE = 'docs/parity.md'

/** How many rows each library has, by the letter of their ids: pluggy, stevedore, entry points, manifests, pAPI, fastapi-plugins … */
const COUNTS = { P: 40, S: 20, E: 8, M: 5, A: 15, F: 13, G: 16, I: 5, L: 8, N: 7 }
const ROWS = Object.entries(COUNTS).flatMap(([letter, count]) =>
  Array.from({ length: count }, (_, nth) => `${letter}${nth + 1}`),
)

const text = readFileSync(PAGE, 'utf8')

/** `| id | there | here | shown by |`; no cell has a bar of its own. */
const rows = [...text.matchAll(/^\| ([A-Z]\d+) \| (.+?) \| (.+?) \| (.+?) \|$/gm)].map(
  ([, id = '', there = '', here = '', shownBy = '']) => ({ id, there, here, shownBy }),
)

/** Links and words in backticks, in the order in which they stand. A word that itself has a backtick stands between two. */
const partsOf = (cell: string) =>
  [...cell.matchAll(/\[[^\]]*\]\(([^)]+)\)|``\s(.+?)\s``|`([^`]+)`/g)].map(
    ([, link, framed, plain]): { link: string } | { word: string } =>
      link === undefined ? { word: framed ?? plain ?? '' } : { link },
  )

const wordsIn = (cell: string) => partsOf(cell).flatMap((part) => ('word' in part ? part.word : []))

const CASE = /^[OX]\d{2,3}$/
const COMMAND = /^recyclique(?= |$)/
const ROUTE = /^(GET|POST|PUT|PATCH|DELETE) \//

/** The words that show each row; a title with the test file whose link it stands behind. */
const words = rows.flatMap(({ id, shownBy }) => {
  let file = ''
  return partsOf(shownBy).flatMap((part) => {
    if ('word' in part) return { id, word: part.word, file }
    file = part.link
    return []
  })
})

describe('the rows', () => {
  test('each stands once, in its order', () => {
    expect(ROWS).toHaveLength(137)
    expect(rows.map(({ id }) => id)).toEqual(ROWS)
    expect([...text.matchAll(/^\| [A-Z]\d+ \|/gm)]).toHaveLength(ROWS.length)
  })

  test('each is shown by something, or says that it is not there', () => {
    const bare = rows.filter(({ shownBy, here }) => partsOf(shownBy).length === 0 && !/^not there: /i.test(here))
    expect(bare.map(({ id }) => id)).toEqual([])
  })
})

describe('what shows them', () => {
  const cases = new Set(
    globSync('test/conformance/*.test.ts').flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(/^\s*test\(\s*['"`]([OX]\d+) /gm)].map(([, number]) => number),
    ),
  )

  test('a case is told in test/conformance', () => {
    const named = words.filter(({ word }) => CASE.test(word))
    expect(named.length).toBeGreaterThan(100)
    expect(named.filter(({ word }) => !cases.has(word))).toEqual([])
  })

  test('a title stands in the test file that it is said to stand in', () => {
    const titles = words.filter(({ word }) => ![CASE, COMMAND, ROUTE].some((form) => form.test(word)))
    expect(titles.length).toBeGreaterThan(100)
    expect(titles.filter(({ file, word }) => !isTitleIn(file, word))).toEqual([])
  })

  test('each link leads to a file that is there, and to a heading of it', () => {
    const links = partsOf(text).flatMap((part) => ('link' in part ? part.link : []))
    expect(links.filter((link) => !isThere(link))).toEqual([])
  })

  test('each command that is named is one of the program', async () => {
    const program = await programOfMain()
    const named = [...new Set(wordsIn(text).filter((word) => COMMAND.test(word)))]
    expect(named.length).toBeGreaterThan(3)
    expect(named.flatMap((line) => flawOf(program, line) ?? [])).toEqual([])
  })

  test('each route that is named stands in the description of the API', async () => {
    const described = await describedRoutes()
    const named = wordsIn(text).filter((word) => ROUTE.test(word))
    expect(named.length).toBeGreaterThan(10)
    expect(named.filter((route) => !described.has(withoutNames(route)))).toEqual([])
  })

  test('what is not there would be found', async () => {
    expect(isTitleIn('../test/parity.test.ts', 'a title that nobody has')).toBe(false)
    expect(isThere('registry.md#no-such-heading')).toBe(false)
    const program = await programOfMain()
    for (const line of ['recyclique modules fly', 'recyclique fly', 'recyclique up --wings'])
      expect(flawOf(program, line), line).toMatch(/^there is no/)
    expect((await describedRoutes()).has('GET /v1/wings')).toBe(false)
  })
})

const fileOf = (link: string) => join(dirname(PAGE), link.replace(/#.*$/, ''))

/** The whole of a text in quotes: `test('…',`, or a row of `test.each`. */
function isTitleIn(link: string, title: string): boolean {
  const file = fileOf(link)
  if (!/^test\/.*\.test\.ts$/.test(file) || !existsSync(file)) return false
  const code = readFileSync(file, 'utf8')
  return ["'", '"', '`'].some((quote) => code.includes(`${quote}${title}${quote},`))
}

function isThere(link: string): boolean {
  const [, heading] = link.split('#')
  if (!existsSync(fileOf(link))) return false
  return heading === undefined || headingsIn(fileOf(link)).includes(heading)
}

/** As they stand behind the `#` of a link. */
const headingsIn = (file: string) =>
  [...readFileSync(file, 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )

/** The program as `cli/main.ts` puts it together; that file itself would run it. */
async function programOfMain(): Promise<Command> {
  const main = readFileSync('cli/main.ts', 'utf8')
  const program = new Command('recyclique')
  for (const [, name = '', file = ''] of main.matchAll(/^import \{ (\w+Command) \} from '\.\/(commands\/.+)'$/gm)) {
    const found = await import(pathToFileURL(join('cli', file)).href)
    found[name](program)
  }
  return program
}

/** Why a line cannot be typed; nothing where it can. `recyclique <module> …` is a module's own, which nobody here can know. */
function flawOf(program: Command, line: string): string | undefined {
  const [, first, ...rest] = line.split(' ')
  if (first === undefined || first === '<module>') return undefined
  let command = program
  for (const word of [first, ...rest]) {
    if (word.startsWith('--')) {
      if (!command.options.some(({ long }) => long === word)) return `there is no option ${word}: ${line}`
    } else if (command.commands.length > 0) {
      const found = command.commands.find((one) => one.name() === word)
      if (!found) return `there is no command '${word}': ${line}`
      command = found
    }
  }
  return undefined
}

const withoutNames = (route: string) => route.replaceAll(/<[^>]+>|\{[^}]+\}|:[^/]+/g, '*')

async function describedRoutes(): Promise<ReadonlySet<string>> {
  const app = await openServer({
    ...{ log: pino({ level: 'silent' }), newId, version: '0.1.0', modules: {} },
    control: readControl({ RECYCLIQUE_CONTROL: 'health,version,heartbeat,environ' }),
  } as unknown as World)
  await app.ready()
  const paths = Object.entries(app.swagger().paths ?? {})
  await app.close()
  return new Set(
    paths.flatMap(([path, methods]) =>
      Object.keys(methods ?? {}).map((method) => withoutNames(`${method.toUpperCase()} ${path}`)),
    ),
  )
}
