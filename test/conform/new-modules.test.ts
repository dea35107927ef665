import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { newModule } from '../../cli/workshop/new-module.ts'
import { KINDS, LANGUAGES, type Language } from '../../cli/workshop/new-module-files.ts'
import { notRun, passed, play, troubles } from './play.ts'
import { goProgram, pythonWith, type Ready } from './toolchains.ts'

let into: string
beforeAll(async () => {
  into = await mkdtemp(join(tmpdir(), 'recyclique-new-'))
})
afterAll(() => rm(into, { recursive: true }))

/** What starts a module of each language; its libraries and its compiler may be missing here. */
const STARTS: Record<Language, (folder: string) => Promise<string[] | Missing>> = {
  ts: async (folder) => [process.execPath, join(folder, 'main.ts')],
  python: async (folder) =>
    or(await pythonWith(join(folder, 'requirements.txt')), (path) => [path, join(folder, 'main.py')]),
  go: async (folder) => or(await goProgram(folder), (path) => [path]),
}
type Missing = { missing: string }
const or = (ready: Ready, command: (path: string) => string[]) => ('missing' in ready ? ready : command(ready.path))

/**
 * A module and an API of one language share how they live; of those that do not hear and answer it is enough to try what is theirs. And
 * what the SDK does is tried whole elsewhere.
 */
const ITS_OWN = ['announce', 'health', 'routes', 'routes-unknown', 'routes-malformed', 'nonsense', 'form', 'borders']
const ANSWERS = ['questions', 'questions-malformed', 'questions-unknown-handler', 'facts', 'facts-again', 'facts-retry']

test.concurrent.for(LANGUAGES.flatMap((language) => KINDS.map((kind) => ({ language, kind }))))(
  'a new $kind in $language conforms before its author has changed a line',
  { timeout: 300_000 },
  async ({ language, kind }, { skip }) => {
    const folder = await newModule({ name: `${language}-${kind}`, kind, language, into, kernel: '0.1.0' })
    const command = await STARTS[language](folder)
    if ('missing' in command) return skip(notRun(`a new ${kind} in ${language}`, command.missing))
    const isWhole = kind === 'module' && language !== 'ts'
    const report = await play(folder, command, { only: isWhole ? [] : [...ITS_OWN, ...ANSWERS] })
    expect(troubles(report)).toEqual([])
    expect(passed(report)).toEqual(expect.arrayContaining(kind === 'module' ? ANSWERS : ['routes', 'routes-malformed']))
  },
)
