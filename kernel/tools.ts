import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { backup, CannotCopy } from './backup.ts'
import type { LedgerFlaw } from './ledger/flaw.ts'
import { glanceAt } from './ledger/glance.ts'
import { readLastHead } from './ledger/head-file.ts'
import { rebuild } from './ledger/rebuild.ts'
import { openSealer, sealKeyId } from './ledger/seal.ts'
import { type VerifyReport, verifyLedger } from './ledger/verify.ts'
import { projection } from './projection.ts'
import { BadBackup, restore } from './restore.ts'
import { StoreInUse } from './store/inspection.ts'
import { inspectSqlite, takeOverSqlite } from './store/sqlite-inspection.ts'
import { tables } from './tables.ts'

/**
 * The ledger's tools, a process of its own: `recyclique` starts it, and so may a hurried operator.
 *
 *   glance   [--data DIR] [--keys DIR]                       does the ledger's end look right? Quick, changes nothing, may run while selling
 *   verify   [--data DIR] [--keys DIR]                       is everything as the kernel wrote it? May run while selling
 *   rebuild  [--data DIR] [--keys DIR] [--dry-run]           makes the tables again from the ledger; the kernel must be stopped
 *   backup   [--data DIR] [--keys DIR] --to DIR              into a new folder, while selling
 *   restore  [--data DIR] [--keys DIR] --from DIR [--force]  puts a backup in place; the kernel must be stopped
 *
 * `--json` gives one line of JSON on stdout instead of words. Exit code: 0 all is well, 1 flaws were found or it could not be
 * done, 2 the command was wrong. Without --data, RECYCLIQUE_DATA or `data`; without --keys, RECYCLIQUE_KEYS or `keys` in it.
 */
const options = {
  data: { type: 'string' },
  keys: { type: 'string' },
  to: { type: 'string' },
  from: { type: 'string' },
  force: { type: 'boolean' },
  'dry-run': { type: 'boolean' },
  json: { type: 'boolean' },
} as const

type Values = ReturnType<typeof parseArgs<{ options: typeof options }>>['values']

/** What a tool has to say: the same in words and as data. */
interface Told {
  readonly isWell: boolean
  readonly data: object
  readonly words: readonly string[]
}

interface Folders {
  readonly dataDir: string
  readonly keysDir: string
}

type Tool = (folders: Folders, values: Values) => Promise<Told>

/** The command itself is wrong: nothing was looked at. */
class Usage extends Error {}

const run = async (args: string[], env: NodeJS.ProcessEnv): Promise<void> => {
  const { tool, values } = read(args)
  const dataDir = resolve(values.data ?? (env.RECYCLIQUE_DATA || 'data'))
  const keysDir = resolve(values.keys ?? (env.RECYCLIQUE_KEYS || join(dataDir, 'keys')))
  const { isWell, data, words } = await tool({ dataDir, keysDir }, values)
  progress.clear()
  console.log(values.json ? JSON.stringify(data) : words.join('\n'))
  process.exitCode = isWell ? 0 : 1
}

const read = (args: string[]) => {
  try {
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true })
    const tool = TOOLS[positionals[0] ?? '']
    if (!tool || positionals.length > 1)
      throw new Usage(`Say one of ${Object.keys(TOOLS).join(', ')} (not '${positionals.join(' ')}').`)
    return { tool, values }
  } catch (error) {
    throw error instanceof Usage ? error : new Usage((error as Error).message)
  }
}

const glanceTool: Tool = async (folders) => {
  const { dataDir, keysDir } = folders
  mustBeThere(folders)
  const keyId = sealKeyId(keysDir)
  const known = readLastHead(join(keysDir, 'head'))
  const inspection = await inspectSqlite(join(dataDir, 'ledger.sqlite'), tables)
  try {
    const glance = await glanceAt({ known, inspection, keyId })
    const { position, recordedAt = 'never', flaws } = glance
    const words = [
      `The ledger ends at position ${number(position)}, kept at ${recordedAt}.`,
      ...flaws.map((one) => `  ${one}`),
    ]
    return { isWell: flaws.length === 0, data: glance, words }
  } finally {
    await inspection.close()
  }
}

const verifyTool: Tool = async ({ dataDir, keysDir }) => {
  const began = performance.now()
  const report = await verifyLedger({
    inspect: () => inspectSqlite(join(dataDir, 'ledger.sqlite'), tables),
    tables,
    projection,
    sealer: sealerIn({ dataDir, keysDir }),
    headFile: join(keysDir, 'head'),
    onProgress: progress.show('facts'),
  })
  const ms = Math.round(performance.now() - began)
  return { isWell: report.ok, data: { ...report, ms }, words: verdict(report, ms) }
}

const verdict = (report: VerifyReport, ms: number): string[] => {
  const { ok, facts, seals, head, notes, found, flaws } = report
  return [
    ok ? 'The ledger is sound.' : `THE LEDGER IS NOT SOUND: ${count(found, 'flaw')}.`,
    `  ${count(facts, 'fact')}, ${count(seals, 'seal')}, ${count(report.tables, 'table')} compared, ${number(ms)} ms`,
    `  head: position ${number(head.position)}, ${head.hash}`,
    ...notes.map((note) => `  note: ${note}`),
    ...flaws.map((flaw, at) => `  ${at + 1}. ${sentence(flaw)}`),
    ...(found > flaws.length ? [`  … and ${number(found - flaws.length)} more`] : []),
    ...(ok ? [] : ['', ...whatToDo(flaws)]),
  ]
}

const sentence = ({ what, position, ticket, table, key, why }: LedgerFlaw): string =>
  [
    what === 'table' ? `table ${table ?? ''}`.trim() : what,
    key && JSON.stringify(key),
    position !== undefined && `position ${number(position)}`,
    ticket && `(${ticket})`,
  ]
    .filter((part) => part)
    .join(' ')
    .concat(`: ${why}`)

const whatToDo = (flaws: readonly LedgerFlaw[]): string[] =>
  flaws.every(({ what }) => what === 'table')
    ? [
        'The record itself is whole; what is derived from it is not. Stop the kernel and run: recyclique ledger rebuild',
        'If the file is damaged, copy the data folder first, and have the disk looked at.',
      ]
    : [
        'Something changed the record behind the program’s back. Do not go on selling on it: stop the kernel, keep a copy of the',
        'data folder as it is (it is evidence), and restore the last backup: recyclique restore <folder> --force',
      ]

const rebuildTool: Tool = async ({ dataDir, keysDir }, values) => {
  const began = performance.now()
  const report = await rebuild({
    takeOver: () => takeOverSqlite(join(dataDir, 'ledger.sqlite'), tables),
    tables,
    projection,
    sealer: sealerIn({ dataDir, keysDir }),
    headFile: join(keysDir, 'head'),
    agree: () => values['dry-run'] !== true,
    onProgress: progress.show('facts'),
  })
  const ms = Math.round(performance.now() - began)
  const { isRebuilt, flaws, differences, differing } = report
  const isWell = flaws.length === 0 && (isRebuilt || differing === 0)
  const words = [
    isRebuilt
      ? `${count(report.tables, 'table')} made again from ${count(report.facts, 'fact')}, ${number(ms)} ms.`
      : 'Nothing was changed.',
    flaws.length > 0
      ? 'The ledger itself is not sound, and nothing is built from a ledger that was altered:'
      : `${count(differing, 'row')} differed from what the facts say${isRebuilt ? ', and agree now' : ''}.`,
    ...[...flaws, ...differences].map((flaw, at) => `  ${at + 1}. ${sentence(flaw)}`),
    ...(differing > differences.length ? [`  … and ${number(differing - differences.length)} more`] : []),
    ...(flaws.length > 0 ? ['', ...whatToDo(flaws)] : []),
  ]
  return { isWell, data: { ...report, ms }, words }
}

const backupTool: Tool = async (folders, { to }) => {
  if (to === undefined) throw new Usage('Say with --to DIR into which new folder the backup goes.')
  const began = performance.now()
  const note = await backup({ ...folders, to, now: () => new Date(), onProgress: progress.show('pages') })
  const ms = Math.round(performance.now() - began)
  const bytes = note.files.reduce((all, file) => all + file.bytes, 0)
  return {
    isWell: true,
    data: { ...note, to: resolve(to), ms },
    words: [
      `Backup in ${resolve(to)}: ${count(note.files.length, 'file')}, ${number(bytes)} bytes, ${number(ms)} ms.`,
      `  up to position ${number(note.position)}, ${note.hash}`,
      '  It holds the keys: keep it where nobody else reads it, and away from this machine.',
    ],
  }
}

const restoreTool: Tool = async (folders, { from, force = false }) => {
  if (from === undefined) throw new Usage('Say with --from DIR which backup is to be restored.')
  const began = performance.now()
  const done = await restore({ ...folders, from, force, now: () => new Date(), onProgress: progress.show('facts') })
  const ms = Math.round(performance.now() - began)
  return {
    isWell: true,
    data: { ...done, ms },
    words: [
      `Restored the backup of ${done.note.createdAt}, up to position ${number(done.note.position)}, ${number(ms)} ms.`,
      ...verdict(done.report, ms).slice(0, 2),
      ...done.aside.map((folder) => `  what was there before is in ${folder}`),
      '  The bus’s store was not restored: if nats-server keeps it elsewhere, empty that folder before the next start.',
    ],
  }
}

/** A key that is not there must not be made: everything would look forged. */
const sealerIn = (folders: Folders) => {
  mustBeThere(folders)
  return openSealer(folders.keysDir)
}

const mustBeThere = ({ dataDir, keysDir }: Folders) => {
  if (!existsSync(join(dataDir, 'ledger.sqlite')))
    throw new CannotCopy(`There is no ledger.sqlite in ${dataDir}: say with --data where the kernel keeps its data.`)
  if (!existsSync(join(keysDir, 'seal.pem')))
    throw new CannotCopy(`There is no seal.pem in ${keysDir}: say with --keys where the keys are.`)
}

const number = (value: number) => value.toLocaleString('en-GB')
const count = (value: number, thing: string) => `${number(value)} ${thing}${value === 1 ? '' : 's'}`

/** One line that is written over, only where somebody watches. */
const progress = {
  show: (what: string) => {
    let shownAt = 0
    return (done: number, all: number) => {
      if (!process.stderr.isTTY || performance.now() - shownAt < 200) return
      shownAt = performance.now()
      process.stderr.write(`\r\x1b[2K${number(done)} of ${number(all)} ${what}`)
    }
  },
  clear: () => {
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[2K')
  },
}

const TOOLS: Record<string, Tool> = {
  glance: glanceTool,
  verify: verifyTool,
  rebuild: rebuildTool,
  backup: backupTool,
  restore: restoreTool,
}

run(process.argv.slice(2), process.env).catch((error: Error) => {
  progress.clear()
  const isKnown = [Usage, CannotCopy, BadBackup, StoreInUse].some((kind) => error instanceof kind)
  console.error(isKnown ? error.message : error)
  process.exitCode = error instanceof Usage ? 2 : 1
})
