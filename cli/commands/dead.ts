import { randomUUID } from 'node:crypto'
import type { DeadLetterView } from '@recyclique/contracts'
import type { Command } from 'commander'
import { apiAt } from '../api.ts'
import { BadUse, CannotDo } from '../bad-use.ts'
import { type AddressFlags, addressFor, withAddress } from './address.ts'

type ListFlags = AddressFlags & { module?: string; all?: true }
type ActFlags = AddressFlags & { actor: string }
type DiscardFlags = ActFlags & { reason: string }

/** `recyclique dead …`: the facts that modules could not take: look at them, give them to the module again, or let them lie. */
export const deadCommand = (program: Command): void => {
  const dead = program.command('dead').description('facts that a module could not take')

  withAddress(dead.command('list'))
    .description('list those that somebody should look at')
    .option('--module <name>', 'of one module only')
    .option('--all', 'also those that were taken since, or discarded')
    .action(async (flags: ListFlags) => {
      const letters = await everyLetter(flags)
      console.log(letters.length === 0 ? 'None: every module took its facts.' : letters.map(lineOf).join('\n'))
    })

  withAddress(dead.command('show <module> <position>'))
    .description('show one: why, where in the code, and the fact itself')
    .action(async (module: string, position: string, flags: AddressFlags) => {
      const api = apiAt(await addressFor(flags))
      console.log(pageOf(await api.get<DeadLetterView>(pathOf(module, position))))
    })

  withActor(dead.command('retry <module> <position>'))
    .description('give the fact to its module once more')
    .action(async (module: string, position: string, flags: ActFlags) => {
      const api = apiAt(await addressFor(flags), flags.actor)
      const path = `${pathOf(module, position)}/retry`
      const { taken, letter } = await api.post<{ taken: boolean; letter: DeadLetterView }>(path, { key: randomUUID() })
      if (!taken) throw new CannotDo(`${module} could not take it this time either: ${letter.error}`)
      console.log(`${module} took it: ${whatOf(letter)}.`)
    })

  withActor(dead.command('discard <module> <position>'))
    .description('let it lie: nobody need look at it any more, and its module never takes it')
    .requiredOption('--reason <words>', 'why, for whoever looks at it later')
    .action(async (module: string, position: string, flags: DiscardFlags) => {
      const api = apiAt(await addressFor(flags), flags.actor)
      const asked = { body: { reason: flags.reason }, key: randomUUID() }
      const letter = await api.post<DeadLetterView>(`${pathOf(module, position)}/discard`, asked)
      console.log(`Discarded: ${whatOf(letter)}. ${module} goes without it.`)
    })
}

const withActor = (command: Command): Command =>
  withAddress(command).option('--actor <user>', 'who decides this', 'manager')

const everyLetter = async (flags: ListFlags): Promise<DeadLetterView[]> => {
  const api = apiAt(await addressFor(flags))
  const letters: DeadLetterView[] = []
  for (let after: string | undefined = ''; after !== undefined; ) {
    const page: { items: DeadLetterView[]; next?: string } = await api.get(`/v1/dead-letters?${queryOf(flags, after)}`)
    letters.push(...page.items)
    after = page.next
  }
  return letters
}

const queryOf = ({ module, all }: ListFlags, after: string) =>
  new URLSearchParams({
    limit: '500',
    ...(module === undefined ? {} : { module }),
    ...(all ? { state: 'all' } : {}),
    ...(after === '' ? {} : { after }),
  })

const pathOf = (module: string, position: string): string => {
  if (!/^[1-9]\d*$/.test(position))
    throw new BadUse(`'${position}' is no position: \`recyclique dead list\` shows module and position of each`)
  return `/v1/dead-letters/${encodeURIComponent(module)}/${position}`
}

const lineOf = (letter: DeadLetterView): string => {
  const { module, position, state, attempts, at, error, fact } = letter
  const [first = ''] = error.split('\n')
  return [
    module.padEnd(24),
    String(position).padStart(9),
    (fact?.name ?? 'no fact').padEnd(24),
    at.slice(0, 16).replace('T', ' '),
    ` tried ${attempts}×`,
    ...(state === 'dead' ? [] : [` ${STATES[state]}`]),
    ` ${first}`,
  ].join(' ')
}

const STATES = { dead: 'waits for somebody', retried: 'taken since', discarded: 'discarded' }

const whatOf = ({ position, fact }: DeadLetterView) => `${fact?.name ?? 'no fact'} at position ${position}`

const pageOf = (letter: DeadLetterView): string => {
  const { module, position, state, attempts, instance, at, error, stack, decided, fact } = letter
  return [
    `${module} could not take ${whatOf(letter)}: ${error}`,
    '',
    `State     ${STATES[state]}${decided ? `, by ${decided.by} at ${decided.at}` : ''}${decided?.reason ? ` (${decided.reason})` : ''}`,
    `Tried     ${attempts} times, the last time at ${at} by ${instance}`,
    ...(fact ? [`Kept      ${fact.recordedAt} by ${fact.actor}, ${fact.journal} no. ${fact.seq}`] : []),
    ...(stack ? ['', stack] : []),
    ...(fact ? ['', JSON.stringify(fact.data, null, 2)] : []),
    ...(state === 'dead'
      ? [
          '',
          `Once the module is mended: recyclique dead retry ${module} ${position}`,
          `If it need not have it:    recyclique dead discard ${module} ${position} --reason '…'`,
        ]
      : []),
  ].join('\n')
}
