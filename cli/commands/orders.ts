import { randomUUID } from 'node:crypto'
import type { Command } from 'commander'
import { apiAt } from '../api.ts'
import { type AddressFlags, addressFor, withAddress } from './address.ts'

type Flags = AddressFlags & { actor: string; reason?: string; versions?: string }

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
  order('block', 'nobody by this name is let in, or no process of these versions', async (name, flags) => {
    const { versions } = flags
    await apiOf(flags).then((api) =>
      api.post(pathOf(name, 'block'), {
        body: { ...reasonIn(flags), ...(versions ? { versions } : {}) },
        key: randomUUID(),
      }),
    )
    return `${what(name, flags)} blocked. \`recyclique modules unblock ${name}${typed(versions)}\` takes it back.`
  }).option('--versions <range>', VERSIONS)
  order('unblock', 'the name is let in again with all its versions, or these versions alone', async (name, flags) => {
    const { versions } = flags
    const api = await apiOf(flags)
    if (versions === undefined) await api.post(pathOf(name, 'unblock'), { key: randomUUID() })
    else await api.delete(pathOf(name, 'block'), { body: { versions }, key: randomUUID() })
    return `${what(name, flags)} let in again.`
  }).option('--versions <range>', VERSIONS)
}

const VERSIONS = "a range as npm writes it, as in '<1.2.0': the other versions are left alone"

const what = (name: string, { versions }: Flags): string =>
  versions === undefined ? `${name} is` : `What there is of ${name} in ${versions} is`

const typed = (versions: string | undefined): string => (versions === undefined ? '' : ` --versions '${versions}'`)

const apiOf = async (flags: Flags) => apiAt(await addressFor(flags), flags.actor)

const pathOf = (name: string, what: string) => `/v1/modules/${encodeURIComponent(name)}/${what}`

const desire = async (name: string, state: 'enabled' | 'disabled', flags: Flags): Promise<void> => {
  const body = { state, ...reasonIn(flags) }
  await (await apiOf(flags)).put(pathOf(name, 'desired-state'), { body })
}

const reasonIn = ({ reason }: Flags) => (reason === undefined ? {} : { reason })
