import { writeFile } from 'node:fs/promises'
import type { KeptFact } from '@recyclique/contracts'
import type { Command } from 'commander'
import { type Api, apiAt } from '../api.ts'
import { BadUse } from '../bad-use.ts'
import { type AddressFlags, addressFor, withAddress } from './address.ts'

type Flags = AddressFlags & { since: string; name?: string[]; out: string }

const PAGE = 500

/** `recyclique facts record`: facts of a kernel that runs into a file, for a module's tests. Facts hold no personal data. */
export const factsCommand = (program: Command): void => {
  const facts = program.command('facts').description('the facts of a kernel that runs')
  withAddress(facts.command('record'))
    .description("write facts into a file, one a line, to be replayed in a module's tests")
    .option('--since <position or day>', 'from this position, or from this day on (UTC), as in 2026-03-14', '1')
    .option('--name <names...>', 'only facts of these names, as in sale.recorded')
    .requiredOption('-o, --out <file>', 'the file that is written')
    .action(async ({ since, name, out, ...flags }: Flags) => {
      const wanted = readSince(since)
      const { toFactLine } = await import('@recyclique/contracts')
      const api = apiAt(await addressFor(flags))
      const from = typeof wanted === 'number' ? wanted : await firstOn(api, wanted)
      const all = await factsFrom(api, from)
      const kept = name ? all.filter((fact) => name.includes(fact.name)) : all
      await writeFile(out, kept.map((fact) => `${toFactLine(fact)}\n`).join(''))
      console.log(`${kept.length} ${kept.length === 1 ? 'fact' : 'facts'} in ${out}.`)
    })
}

const readSince = (text: string): number | string => {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text)
  if (/^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text))) return text
  throw new BadUse(`'${text}' is no position and no day: say --since 1, or --since 2026-03-14`)
}

type Page = { head: { position: number }; items: KeptFact[]; next?: string }

/** The first position on or behind a day. The clock of the ledger never goes back, so a few looks are enough. */
const firstOn = async (api: Api, day: string): Promise<number> => {
  let low = 1
  let high = (await api.get<Page>('/v1/ledger?limit=1')).head.position + 1
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    const [fact] = (await api.get<Page>(`/v1/ledger?from=${middle}&limit=1`)).items
    if (fact && fact.recordedAt < day) low = middle + 1
    else high = middle
  }
  return low
}

const factsFrom = async (api: Api, from: number): Promise<KeptFact[]> => {
  const all: KeptFact[] = []
  for (let query: string | undefined = `from=${from}`; query !== undefined; ) {
    const { items, next }: Page = await api.get(`/v1/ledger?${query}&limit=${PAGE}`)
    all.push(...items)
    query = next === undefined ? undefined : `after=${encodeURIComponent(next)}`
  }
  return all
}
