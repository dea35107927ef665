import type { Peer } from '../support/contender.ts'
import { answerBare, connectWith } from './hooks-bare.ts'

const subjectOf = (nth: number) => `stock.${nth}`

/** The client's own `request()` as its documentation shows it: a deadline a call, its default options. */
export const stockRequest: Peer = {
  name: 'stock request()',
  async open({ url, credsFile }) {
    const connection = await connectWith(url, credsFile)
    return {
      async ask(nth, sale) {
        const answer = await connection.request(subjectOf(nth), JSON.stringify(sale), { timeout: 5_000 })
        return answer.json()
      },
      close: () => connection.close(),
    }
  },
  async answer({ url, credsFile }, nth) {
    await answerBare(await connectWith(url, credsFile), subjectOf(nth))
  },
}
