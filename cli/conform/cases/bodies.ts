import type { BodyClaim, BodyPart } from '@recyclique/contracts'
import { type Case, Fault, NotOwed } from '../case.ts'
import { readAs } from '../checks.ts'
import { readBodyPart, readHttpAnswer } from '../kernel/asking.ts'
import type { Player, Stage } from '../stage.ts'

/** More than that of an answer is not looked at: it may be one that never ends. */
const MOST_PARTS = 200

const hasNoPages = ({ manifest }: Stage): string | undefined =>
  plainPaths(manifest).length === 0 ? 'it has no GET route without parameters' : undefined

const plainPaths = ({ routes = [] }: Stage['manifest']): string[] =>
  routes.filter(({ method, path }) => method === 'GET' && !/[:*]/.test(path)).map(({ path }) => path)

export const handsOverParts: Case = {
  name: 'routes-parts',
  words: 'hands over a long answer part by part, and stops when nobody wants it',
  applies: hasNoPages,
  async play(stage) {
    const player = await stage.atWork()
    const shown: string[] = []
    for (const path of plainPaths(stage.manifest)) {
      const claim = await claimOf(stage, player, path)
      if (!claim) continue
      shown.push(`GET ${path} ${await takeAll(stage, player, path, claim)}`)
      await stopsWhenTold(stage, player, path)
    }
    if (shown.length === 0) throw new NotOwed('none of its routes answers in parts')
    return shown.join(', ')
  },
}

const claimOf = async (stage: Stage, { asking }: Player, path: string): Promise<BodyClaim | undefined> => {
  const back = await asking.http({ path, takesParts: true }, { withinMs: stage.timeoutMs })
  if (typeof back === 'string') return undefined
  return readAs(readHttpAnswer, back.text, 'An answer is { "status", "headers", "body" }, the body in base64.').parts
}

const takeAll = async (stage: Stage, player: Player, path: string, { name, bytes: promised }: BodyClaim) => {
  let bytes = 0
  for (let number = 1; number <= MOST_PARTS; number += 1) {
    const part = await takePart(stage, player, { name, number, path })
    if ('error' in part)
      throw new Fault(`GET ${path}: part ${number}: ${part.error}`, 'Say an error only where it broke.')
    if (part.part !== number)
      throw new Fault(
        `GET ${path}: part ${number} was asked for, and ${part.part} came`,
        'Answer with the same number.',
      )
    if ('data' in part) bytes += Buffer.from(part.data, 'base64').length
    else if (part.bytes === bytes && (promised ?? bytes) === bytes) return `${bytes} bytes in ${number - 1} parts`
    else
      throw new Fault(
        `GET ${path}: ${bytes} bytes came, ${part.bytes} at its end, ${promised ?? 'none'} promised`,
        'All three are the sum of the parts, before base64.',
      )
  }
  await player.asking.body(name, { stop: true }, 1)
  return `${MOST_PARTS} parts and more`
}

const stopsWhenTold = async (stage: Stage, player: Player, path: string) => {
  const claim = await claimOf(stage, player, path)
  if (!claim) return
  const { name } = claim
  await takePart(stage, player, { name, number: 1, path })
  // Nobody answers this.
  await player.asking.body(name, { stop: true }, 1)
  const back = await player.asking.body(name, { part: 2 }, Math.min(500, stage.timeoutMs))
  if (typeof back !== 'string' && !('error' in readAs(readBodyPart, back.text, FORM)))
    throw new Fault(`GET ${path}: after { "stop": true } part 2 came all the same`, 'Forget the answer, say an error.')
}

const FORM = 'A part is { "part", "data" }, the end { "part", "done": true, "bytes" }.'

const takePart = async (
  stage: Stage,
  { asking }: Player,
  { name, number, path }: { name: string; number: number; path: string },
): Promise<BodyPart> => {
  const back = await asking.body(name, { part: number }, stage.timeoutMs)
  if (back === 'nobody') throw new Fault(`nobody hears …<instance>.body.${name}`, 'Subscribe to …<instance>.body.*.')
  if (back === 'silence')
    throw new Fault(`GET ${path}: part ${number} did not come`, 'Where there is nothing yet, answer with empty data.')
  return readAs(readBodyPart, back.text, FORM)
}
