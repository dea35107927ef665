import { randomUUID } from 'node:crypto'
import type { Command } from 'commander'
import { apiAt } from '../api.ts'
import { type AddressFlags, addressFor, withAddress } from './address.ts'

type Flags = AddressFlags & { actor: string; reason?: string }

/** What the operator wants of a module from now on, kept by the kernel; its process stays where it is, and rests. */
export const orderCommands = (modules: Command): void => {
  const order = (verb: string, description: string, act: (name: string, flags: Flags) => Promise<string>) =>
    withAddress(modules.command(`${verb} <name>`))
      .description(description)
      .option('--actor <user>', 'who decides this', 'manager')
      .option('--reason <words>', 'why, for whoever looks at it later')
      .action(async (name: string, flags: Flags) => console.log(await act(name, flags)))

  order('enable', 'it works again', async (name, flags) => {
    await desire(name, 'enabled', flags)
    return `${name} may work.`
  })
  order('disable', 'it rests until it is enabled', async (name, flags) => {
    await desire(name, 'disabled', flags)
    return `${name} rests: it is asked nothing and hears nothing. \`recyclique modules enable ${name}\` takes it back.`
  })
  order('block', 'nobody by this name is let in', async (name, flags) => {
    await post(name, 'block', flags)
    return `${name} is blocked. \`recyclique modules unblock ${name}\` takes it back.`
  })
  order('unblock', 'the name is let in again', async (name, flags) => {
    await post(name, 'unblock', flags)
    return `${name} is let in again.`
  })
}

const pathOf = (name: string, what: string) => `/v1/modules/${encodeURIComponent(name)}/${what}`

const desire = async (name: string, state: 'enabled' | 'disabled', flags: Flags): Promise<void> => {
  const body = { state, ...reasonIn(flags) }
  await apiAt(await addressFor(flags), flags.actor).put(pathOf(name, 'desired-state'), { body })
}

const post = async (name: string, what: 'block' | 'unblock', flags: Flags): Promise<void> => {
  const body = what === 'block' ? { body: reasonIn(flags) } : {}
  await apiAt(await addressFor(flags), flags.actor).post(pathOf(name, what), { ...body, key: randomUUID() })
}

const reasonIn = ({ reason }: Flags) => (reason === undefined ? {} : { reason })
