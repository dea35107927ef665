import { createHash } from 'node:crypto'
import { BUNDLE, type BundleClaim, type BundleFile, fileFor, listingText, type PageCall } from '@recyclique/contracts'
import { type Case, Fault, NotOwed } from '../case.ts'
import { isAnswering, readAs } from '../checks.ts'
import { type Back, readPageAnswer } from '../kernel/asking.ts'
import type { Player, Stage } from '../stage.ts'

const hasNone = ({ manifest }: Stage): string | undefined => (manifest.pages?.length ? undefined : 'it has no pages')

export const handsPagesOver: Case = {
  name: 'pages',
  words: 'hands over the files that it announces, part by part, and each page is among them or a route',
  applies: hasNone,
  async play(stage) {
    const player = await stage.atWork()
    const claim = await claimOf(stage, player)
    if (!claim) return mustBeRouted(stage, new Map())
    const files = await listingOf(stage, player, claim)
    for (const file of files) await mustBeWhole(stage, player, claim, file)
    mustBeRouted(stage, new Map(files.map((file) => [file.path, file])))
    return `${files.length} files, ${claim.bytes} bytes`
  },
}

export const refusesBadPageCalls: Case = {
  name: 'pages-malformed',
  words: 'says so where it is asked for a part that it has not, or for nothing that makes sense',
  applies: hasNone,
  async play(stage) {
    const player = await stage.atWork()
    const claim = await claimOf(stage, player)
    if (!claim) throw new NotOwed('its pages are routes')
    const nowhere = '0'.repeat(64)
    const calls = [
      ['no JSON', 'no JSON'],
      ['a file that is not in the bundle', JSON.stringify({ bundle: claim.sha256, want: { file: nowhere, from: 0 } })],
      ['another bundle', JSON.stringify({ bundle: nowhere, want: { listingFrom: 0 } })],
    ] as const
    for (const [what, text] of calls) {
      const answer = mustAnswer(stage, await player.asking.raw('page', undefined, text, stage.timeoutMs), what)
      if (!('error' in answer))
        throw new Fault(
          `asked for ${what}, it answered ${JSON.stringify(answer).slice(0, 80)}`,
          'Reply { "error": "words" } where you cannot.',
        )
    }
    await isAnswering(stage, player)
  },
}

const claimOf = async (stage: Stage, player: Player): Promise<BundleClaim | undefined> =>
  (await stage.announced(player)).body.bundle as BundleClaim | undefined

const listingOf = async (stage: Stage, player: Player, claim: BundleClaim): Promise<BundleFile[]> => {
  const files: BundleFile[] = []
  while (files.length < claim.files) {
    const answer = await wanted(stage, player, { bundle: claim.sha256, want: { listingFrom: files.length } })
    if (!('files' in answer) || answer.files.length === 0)
      throw new Fault(
        `asked for its listing from ${files.length} on, it answered ${JSON.stringify(answer).slice(0, 120)}`,
        `It announced ${claim.files} files: reply { "files": [{ path, bytes, sha256 }, …] }.`,
      )
    files.push(...answer.files)
  }
  const sha256 = sha256Of(listingText(files))
  if (sha256 !== claim.sha256)
    throw new Fault(
      `its listing has the hash ${sha256.slice(0, 12)}…, and it announced ${claim.sha256.slice(0, 12)}…`,
      'The hash is that of one line a file, `<sha256> <bytes> <path>` and a line feed, sorted by path.',
    )
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
  if (files.length !== claim.files || bytes !== claim.bytes)
    throw new Fault(
      `it lists ${files.length} files with ${bytes} bytes, and announced ${claim.files} with ${claim.bytes}`,
      'Announce the number of files and the sum of their bytes.',
    )
  return files
}

const mustBeWhole = async (stage: Stage, player: Player, { sha256: bundle }: BundleClaim, file: BundleFile) => {
  const hash = createHash('sha256')
  for (let from = 0; from < file.bytes; ) {
    const answer = await wanted(stage, player, { bundle, want: { file: file.sha256, from } })
    const part = 'data' in answer ? Buffer.from(answer.data, 'base64') : undefined
    if (!part || part.length === 0 || part.length > BUNDLE.chunkBytes || from + part.length > file.bytes)
      throw new Fault(
        `asked for ${file.path} from byte ${from} of ${file.bytes} on, it answered ${part ? `${part.length} bytes` : JSON.stringify(answer).slice(0, 120)}`,
        `Reply { "data": … } in base64, one to ${BUNDLE.chunkBytes} bytes, and none behind the end.`,
      )
    hash.update(part)
    from += part.length
  }
  if (hash.digest('hex') !== file.sha256)
    throw new Fault(`what it hands over as ${file.path} has another hash than it listed`, 'List the files as they are.')
}

const mustBeRouted = ({ manifest }: Stage, files: ReadonlyMap<string, BundleFile>): string => {
  const { pages = [], routes = [] } = manifest
  for (const { path, icon } of pages) {
    const isRouted = routes.some((route) => route.method === 'GET' && route.path === path)
    if (!isRouted && !fileFor(files, pages, path.slice(1)))
      throw new Fault(
        `manifest.json lists the page ${path}, and there is neither a file nor a GET route for it`,
        'Hand over the file, or an index.html that shows it, or answer the route.',
      )
    if (icon !== undefined && !files.has(icon.slice(1)))
      throw new Fault(`the icon ${icon} of the page ${path} is not handed over`, 'Put it into the bundle.')
  }
  return 'its pages are routes'
}

const wanted = async (stage: Stage, player: Player, call: PageCall) =>
  mustAnswer(stage, await player.asking.page(call, stage.timeoutMs), JSON.stringify(call.want))

const mustAnswer = (stage: Stage, back: Back, what: string) => {
  if (back === 'nobody')
    throw new Fault('nobody hears …<instance>.page', 'Subscribe to it before you announce a bundle.')
  if (back === 'silence')
    throw new Fault(
      `asked for ${what}: no answer within ${stage.timeoutMs / 1000} s`,
      'Answer every call: { "files": … }, { "data": … }, or { "error": "words" } where you cannot.',
    )
  return readAs(readPageAnswer, back.text, 'An answer is { "files": … }, { "data": … } or { "error": "words" }.')
}

const sha256Of = (text: string): string => createHash('sha256').update(text).digest('hex')
