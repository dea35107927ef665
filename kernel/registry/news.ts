import { KernelNews, parseJson } from '@recyclique/contracts'
import type { InTurn } from './in-turns.ts'
import { type Lifecycle, wordsOf } from './lifecycle.ts'
import type { Orders } from './orders.ts'
import type { PageBundles } from './page-bundles.ts'
import type { Said, Shared } from './parts.ts'
import { type Instance, isLiving, isOf, type Party } from './party.ts'

/** What a kernel has decided. */
export type News = Omit<KernelNews, 'kernel'>

interface Parts extends Shared {
  readonly lifecycle: Lifecycle
  readonly inTurn: InTurn
  readonly orders: Orders
  readonly enrol: (said: Said) => { party: Party; instance: Instance }
  readonly pages: PageBundles
}

/** Several kernels of one site: any of them answers an announce, and the others do as it did. */
export const openNews = ({ bus, subjects, remote }: Pick<Shared, 'bus' | 'subjects' | 'remote'>) => ({
  tell: (news: News) =>
    bus.say(subjects.kernels('module'), JSON.stringify({ kernel: remote.instance, ...news } satisfies KernelNews)),

  hear: (parts: Parts) => {
    const { hooks, inTurn, lifecycle, log, orders, permissions, roster, standings } = parts

    const heard = async ({ is, module, said, rank, reasons = [], isNeedy = false }: KernelNews) => {
      if (is === 'ordered') return orders.carryOut(module)
      if (is === 'configured') return parts.configs.reload(module)
      if (!said) return
      if (is === 'held') return void Object.assign(parts.enrol(permissions.within(said)).party, { reasons, isNeedy })
      if (rank === undefined) return
      await Promise.all([standings.reload(), permissions.reload()])
      await admitted(permissions.within(said), rank)
    }

    /** The past was told by the kernel that let it in. */
    const admitted = async (said: Said, rank: number) => {
      const { party, instance } = parts.enrol(said)
      roster.familyOf(said.manifest.name).rejection = undefined
      if (instance.isJoined) return
      const { answers = [] } = said.manifest
      instance.historySeen = Object.fromEntries(answers.map(({ hook }) => [hook, hooks.history.last()]))
      const older = roster
        .inside(said.manifest.name)
        .find((one) => one.title === party.title && !isOf(one, said) && [...one.instances.values()].some(isLiving))
      await (older ? lifecycle.takeOver(older, party, instance, rank) : lifecycle.join(party, instance, rank))
      parts.pages.admitted(party, instance, said)
    }

    return bus.serve(subjects.kernels('module'), ({ text }) => {
      const news = parseJson(KernelNews, text, 'news of another kernel')
      if (news.kernel === remote.instance) return undefined
      inTurn(news.module, () => heard(news)).catch((error) =>
        log.warn(
          { module: news.module, reasons: wordsOf(error) },
          'what another kernel decided could not be done here',
        ),
      )
      return undefined
    })
  },
})
