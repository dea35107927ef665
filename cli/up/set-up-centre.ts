import type { InstanceConfig, Register, Site } from '@recyclique/contracts'
import { type Api, Refused } from '../api.ts'

/** One thing that the configuration wants otherwise, in a sentence, and the way to have it so. */
export interface CentreChange {
  readonly words: string
  readonly carryOut: () => Promise<unknown>
}

/**
 * Makes the centre what the configuration says, by the same requests that a person at a screen would send: the site's name, time zone and
 * VAT regime where they differ, and the registers that are not there. Nothing is taken away, and a register that is there is left as it
 * is. Gives what was done, in sentences.
 */
export const setUpCentre = async (api: Api, siteId: string, config: InstanceConfig | undefined): Promise<string[]> => {
  const changes = await changesOfCentre(api, siteId, config)
  for (const { carryOut } of changes) await carryOut()
  return changes.map(({ words }) => words)
}

/** The same before it is done. */
export const changesOfCentre = async (
  api: Api,
  siteId: string,
  config: InstanceConfig | undefined,
): Promise<CentreChange[]> => [
  ...(await changesOfSite(api, siteId, config?.site ?? {})),
  ...(await changesOfRegisters(api, config?.registers ?? [])),
]

const changesOfSite = async (
  api: Api,
  id: string,
  wanted: NonNullable<InstanceConfig['site']>,
): Promise<CentreChange[]> => {
  const { id: _, ...said } = wanted
  if (Object.keys(said).length === 0) return []
  const { id: __, ...site } = await api.get<Site>(`/v1/sites/${id}`)
  const other = Object.entries(said).filter(([key, value]) => site[key as keyof typeof site] !== value)
  if (other.length === 0) return []
  const words = `the site's ${other.map(([key, value]) => `${key} is now ${value}`).join(', ')}`
  return [{ words, carryOut: () => api.put(`/v1/sites/${id}`, { body: { ...site, ...said } }) }]
}

const changesOfRegisters = async (
  api: Api,
  registers: NonNullable<InstanceConfig['registers']>,
): Promise<CentreChange[]> => {
  const changes: CentreChange[] = []
  for (const { id, name } of registers) {
    if (await isThere(api, id)) continue
    const carryOut = () => api.put<Register>(`/v1/registers/${id}`, { body: { name } })
    changes.push({ words: `the register ${id} (${name}) is made`, carryOut })
  }
  return changes
}

const isThere = (api: Api, id: string): Promise<boolean> =>
  api.get(`/v1/registers/${id}`).then(
    () => true,
    (error: unknown) => {
      if (error instanceof Refused && error.status === 404) return false
      throw error
    },
  )
