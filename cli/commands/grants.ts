import type { PermissionsView, RightView } from '@recyclique/contracts'
import type { Command } from 'commander'
import { apiAt } from '../api.ts'
import { BadUse } from '../bad-use.ts'
import { type AddressFlags, addressFor, withAddress } from './address.ts'

type ActFlags = AddressFlags & { actor: string; reason?: string }

/** `recyclique modules permissions|grant|revoke`: what a module may, and the operator's word on it. */
export const grantCommands = (modules: Command): void => {
  withAddress(modules.command('permissions <name>'))
    .description('what it asks for, what it has and what it waits for; since when and by whom')
    .action(async (name: string, flags: AddressFlags) => {
      console.log(pageOf(await apiAt(await addressFor(flags)).get(pathOf(name, 'permissions'))))
    })

  withActor(modules.command('grant <name> [rights...]'))
    .description('let it have what it asks for: the rights that are named, or --all')
    .option('--all', 'everything that it asks for')
    .action(async (name: string, rights: string[], { all, reason, ...flags }: ActFlags & { all?: true }) => {
      if ((all === true) === rights.length > 0)
        throw new BadUse(
          `name what ${name} may have, or say --all: \`recyclique modules permissions ${name}\` shows it`,
        )
      const body = { ...(all ? { all } : { rights }), ...(reason === undefined ? {} : { reason }) }
      const api = apiAt(await addressFor(flags), flags.actor)
      console.log(afterwards(await api.put(pathOf(name, 'grants'), { body })))
    })

  withActor(modules.command('revoke <name> <rights...>'))
    .description('take rights from it: it works on without them, and the bus refuses it from now on')
    .action(async (name: string, rights: string[], { reason, ...flags }: ActFlags) => {
      const body = { rights, ...(reason === undefined ? {} : { reason }) }
      const api = apiAt(await addressFor(flags), flags.actor)
      console.log(afterwards(await api.delete(pathOf(name, 'grants'), { body })))
    })
}

const withActor = (command: Command): Command =>
  withAddress(command)
    .option('--actor <user>', 'who decides this', 'manager')
    .option('--reason <words>', 'why, for whoever looks at it later')

const pathOf = (name: string, what: string) => `/v1/modules/${encodeURIComponent(name)}/${what}`

/** Shown to a person; a test looks at it. */
export const pageOf = (view: PermissionsView): string => {
  const { module, rights, blocked, program } = view
  return [
    `${module}${blocked ? ' is blocked: nobody comes onto the bus under this name.' : ''}`,
    ...(rights.length === 0 ? ['  asks for nothing, or has not announced itself yet.'] : rights.map(lineOf)),
    ...(program === undefined ? [] : ['', notHeld(program)]),
    '',
    POLICIES[view.policy],
    ...todo(view),
  ].join('\n')
}

const notHeld = (program: string): string =>
  `It is started as ${program}: nothing holds its process to net, listen, fs and runs on the machine itself, only a container does (docs/permissions.md).`

const POLICIES = {
  first:
    'What a module asks for when it first comes is granted; what it asks for later waits (RECYCLIQUE_GRANTS=first).',
  ask: 'Nothing is granted until an operator does (RECYCLIQUE_GRANTS=ask).',
  all: 'Everything that a module asks for is granted, later as well (RECYCLIQUE_GRANTS=all).',
}

const STATES = { granted: 'has it', withheld: 'WITHHELD', waiting: 'WAITS' }

const lineOf = ({ right, state, isAsked, since, by, reason }: RightView): string =>
  [
    `  ${STATES[state].padEnd(8)}`,
    right.padEnd(32),
    since === undefined ? '' : `since ${since.slice(0, 16).replace('T', ' ')} UTC by ${by}`,
    ...(isAsked ? [] : [', no longer asked for']),
    ...(reason === undefined ? [] : [` (${reason})`]),
  ]
    .join(' ')
    .trimEnd()

const todo = ({ module, rights }: PermissionsView): string[] =>
  rights.some(({ state }) => state === 'waiting')
    ? ['', `Grant what waits:  recyclique modules grant ${module} --all`]
    : []

const afterwards = (view: PermissionsView): string => {
  const names = (state: RightView['state']) =>
    view.rights.filter((one) => one.state === state).map(({ right }) => right)
  const line = (words: string, rights: string[]) => (rights.length === 0 ? [] : [`${words}: ${rights.join(', ')}.`])
  return [
    ...line(`${view.module} has`, names('granted')),
    ...line('Withheld', names('withheld')),
    ...line('It waits for', names('waiting')),
  ].join('\n')
}
