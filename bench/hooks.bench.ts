import { writeFileSync } from 'node:fs'
import { PEERS } from './peers/hooks-all.ts'
import { muxModules } from './peers/hooks-mux.ts'
import { type Contest, openContest } from './support/contest.ts'
import { startHookServer } from './support/hook-server.ts'
import { type Aim, aimTable, askTable, fixed, grouped, type Standing, table } from './support/hook-tables.ts'
import { median } from './support/measure.ts'
import type { Death } from './support/our-deaths.ts'
import { ourModules } from './support/our-hooks.ts'
import { askPluggy } from './support/pluggy.ts'

/**
 * What a question costs, ours beside peers, in one run on one machine and one nats-server: each asker and each answerer in a process of
 * its own, the same sale of some 500 bytes, the same answer, each answer checked. `npm run bench:hooks`; `SECONDS=3 ROUNDS=7` for
 * longer; `OUT=file.json` keeps what was measured.
 */
const SECONDS = Number(process.env.SECONDS ?? 1)
const ROUNDS = Number(process.env.ROUNDS ?? 3)
const ANSWERERS = 10
const CALLERS = 256

const everything = async ({ alone, compare, here, order }: Contest) => ({
  pluggy: askPluggy(SECONDS),
  inProcess: { nobody: await here('nobody'), one: await here('oneHere'), ten: await here('tenHere') },
  one: await compare('one', 1),
  sixteen: await compare('one', 16),
  crowd: await compare('one', CALLERS),
  atOnce: await compare('allAtOnce', 1),
  inTurn: await compare('allInTurn', 1),
  wrapped: await alone('wrapped'),
  deaths: await dying(order, 2 * ROUNDS + 1),
  waits: (await order<{ waits: number[] }>({ do: 'hang', times: 10 })).waits,
})

const dying = async (order: Contest['order'], times: number): Promise<Death[]> => {
  const deaths: Death[] = []
  for (let nth = 0; nth < times; nth += 1)
    deaths.push((await order<{ death: Death }>({ do: 'die', questions: CALLERS })).death)
  return deaths
}

const run = async () => {
  const server = await startHookServer([...ourModules(ANSWERERS), ...muxModules(ANSWERERS)])
  try {
    const names = ['Recyclique', ...PEERS]
    const contest = await openContest({
      ...{ place: server.place, names, answerers: ANSWERERS },
      ...{ rounds: ROUNDS, ms: SECONDS * 1_000 },
    })
    const found = await everything(contest)
    await contest.close()
    return { ...found, server: server.version }
  } finally {
    await server.stop()
  }
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))
const found = await run()
const { pluggy, inProcess, one, sixteen, crowd, atOnce, inTurn, wrapped, deaths, waits } = found
const roundTripUs = one[0]?.p50Us ?? 0
const beside = (standings: readonly Standing[], name: string) =>
  standings.find((standing) => standing.name === name)?.oursToIt ?? Number.NaN
const times = (us: number) => `${fixed(us / roundTripUs, 1)} ×`
const death = (what: keyof Death) => median(deaths.map((one) => one[what]))
const worst = (what: keyof Death) => Math.max(...deaths.map((one) => one[what]))

const aims: Aim[] = [
  { what: 'nobody, µs', found: inProcess.nobody, bound: 1, is: 'at most' },
  { what: '10 in-process answers, µs', found: inProcess.ten, bound: 4, is: 'at most' },
  ...(
    [
      [1, one],
      [16, sixteen],
      [CALLERS, crowd],
    ] as const
  ).flatMap(([callers, standings]): Aim[] => [
    { what: `c=${callers}, ours / Moleculer`, found: beside(standings, 'Moleculer'), bound: 1.3, is: 'at least' },
    { what: `c=${callers}, ours / bare mux`, found: beside(standings, 'bare mux'), bound: 0.75, is: 'at least' },
  ]),
  { what: '10 modules at once, round trips', found: (atOnce[0]?.p50Us ?? 0) / roundTripUs, bound: 4, is: 'at most' },
  { what: 'kill -9 → known, ms', found: death('known'), bound: 20, is: 'at most' },
  { what: 'kill -9 → callers failed, ms', found: death('callersFailed'), bound: 20, is: 'at most' },
  { what: 'kill -9 → serving again, ms', found: death('servingAgain'), bound: 500, is: 'at most' },
  { what: 'a silent module, ms (deadline 150)', found: Math.max(...waits), bound: 165, is: 'at most' },
]

console.log(`nats-server ${found.server}, node ${process.version}, ${SECONDS} s a round, ${ROUNDS} rounds\n`)
console.log(
  table(
    ['in the kernel’s process', 'Recyclique, µs', pluggy?.version ?? 'pluggy'],
    Object.entries(inProcess).map(([answers, us], at) => [
      answers,
      fixed(us),
      pluggy ? fixed(pluggy.micros[at] ?? 0) : 'not run',
    ]),
  ),
)
for (const [label, standings] of [
  ['one module, 1 caller', one],
  ['one module, 16 callers', sixteen],
  [`one module, ${CALLERS} callers`, crowd],
  ['ten modules at once', atOnce],
  ['ten modules in turn', inTurn],
] as const)
  console.log(`\n${askTable(label, standings)}`)
console.log(
  `\n${table(
    ['ours, one caller', 'p50 µs', 'round trips'],
    [
      ['one module', grouped(roundTripUs), times(roundTripUs)],
      ['one module, another around it', grouped(wrapped.p50Us), times(wrapped.p50Us)],
      ['ten modules at once', grouped(atOnce[0]?.p50Us ?? 0), times(atOnce[0]?.p50Us ?? 0)],
      ['ten modules in turn', grouped(inTurn[0]?.p50Us ?? 0), times(inTurn[0]?.p50Us ?? 0)],
    ],
  )}`,
)
console.log(
  `\n${table(
    [`kill -9 with ${CALLERS} questions in hand`, 'median ms', 'worst ms'],
    (
      [
        ['in no plan any more', 'known'],
        ['all who waited have an error', 'callersFailed'],
        ['who asked right after has an error', 'nextFailed'],
        ['started anew at its end, asked again', 'servingAgain'],
      ] as const
    ).map(([words, what]) => [words, fixed(death(what), 1), fixed(worst(what), 1)]),
  )}`,
)
console.log(`\n${aimTable(aims)}`)
if (process.env.OUT) writeFileSync(process.env.OUT, JSON.stringify({ ...found, aims }, null, 2))
