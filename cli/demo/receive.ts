import type { Api } from '../api.ts'
import type { Delivery } from './make-deposits.ts'

/** `isLive`: it is being weighed right now, so it stays open and bears no date of its own. */
type When = { day: string; isLive?: boolean }

/** Deposits are opened, weighed line by line, and closed. */
export const receive = async (
  api: Api,
  deliveries: readonly Delivery[],
  { day, isLive = false }: When,
): Promise<void> => {
  for (const [at, { deposit, lines }] of deliveries.entries()) {
    const key = `demo.${day}.d${at}`
    const body = isLive ? deposit : { ...deposit, businessDate: day }
    const { depositId } = await api.post<{ depositId: string }>('/v1/deposits', { key: `${key}.open`, body })
    for (const [line, weighed] of lines.entries())
      await api.post(`/v1/deposits/${depositId}/lines`, { key: `${key}.${line}`, body: weighed })
    if (!isLive) await api.post(`/v1/deposits/${depositId}/close`, { key: `${key}.close` })
  }
}
