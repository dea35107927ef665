import type { InstanceConfig, Register, Site } from '@recyclique/contracts'
import { type Api, Refused } from '../api.ts'

/**
 * Makes the centre what the configuration says, by the same requests that a person at a screen would send: the site's name, time zone and
 * VAT regime where they differ, and the registers that are not there. Nothing is taken away, and a register that is there is left as it
 * is. Gives what was done, in sentences.
 */
export const setUpCentre = async (api: Api, siteId: string, config: InstanceConfig | undefined): Promise<string[]> => [
  ...(await setUpSite(api, siteId, config?.site ?? {})),
  ...(await setUpRegisters(api, config?.registers ?? [])),
]

const setUpSite = async (api: Api, id: string, wanted: NonNullable<InstanceConfig['site']>): Promise<string[]> => {
  const { id: _, ...said } = wanted
  if (Object.keys(said).length === 0) return []
  const { id: __, ...site } = await api.get<Site>(`/v1/sites/${id}`)
  const other = Object.entries(said).filter(([key, value]) => site[key as keyof typeof site] !== value)
  if (other.length === 0) return []
  await api.put(`/v1/sites/${id}`, { body: { ...site, ...said } })
  return [`the site's ${other.map(([key, value]) => `${key} is now ${value}`).join(', ')}`]
}

const setUpRegisters = async (api: Api, registers: NonNullable<InstanceConfig['registers']>): Promise<string[]> => {
  const made: string[] = []
  for (const { id, name } of registers) {
    if (await isThere(api, id)) continue
    await api.put<Register>(`/v1/registers/${id}`, { body: { name } })
    made.push(`the register ${id} (${name}) was made`)
  }
  return made
}

const isThere = (api: Api, id: string): Promise<boolean> =>
  api.get(`/v1/registers/${id}`).then(
    () => true,
    (error: unknown) => {
      if (error instanceof Refused && error.status === 404) return false
      throw error
    },
  )
