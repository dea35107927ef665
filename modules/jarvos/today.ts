import type { KernelApi } from './kernel-api.ts'

/** The day that the centre has now, `YYYY-MM-DD`. */
export const today = async (kernel: KernelApi): Promise<string> => {
  const { items } = await kernel.get<{ items: { timeZone: string }[] }>('/v1/sites', { limit: 1 })
  const timeZone = items[0]?.timeZone ?? 'Europe/Paris'
  return new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' }).format(new Date())
}
