import type { OnceStore } from '@recyclique/sdk'
import { NotTold, Refusal, type Tell } from '@recyclique/sdk'
import { findCategory, keepBatch } from '../store.ts'
import { type Batch, type KeptBatch, LabelsMade } from './batch.ts'
import { LAST_BATCH } from './number.ts'
import type { Order } from './order.ts'

export interface Making {
  readonly db: OnceStore['db']
  readonly tell: Tell
  /** The same key is the same batch, however often it is asked for. Absent: a new one each time. */
  readonly key: string | undefined
}

/**
 * Gives labels their numbers. They are in the ledger before anybody can print one, so that a process that dies loses none, and the
 * ledger gives no number twice. Throws a `Refusal` in words.
 */
export const makeLabels = async ({ db, tell, key }: Making, order: Order): Promise<KeptBatch> => {
  const batch = { ...order, ...categoryIn(db, order.categoryId) }
  for (let again = 0; ; again += 1) {
    const told = await toldOrRefused(tell, batch, key && (again === 0 ? key : `${key}.${again}`))
    if (told.number > LAST_BATCH) throw new Refusal(507, 'labels-used-up', 'Tous les numéros d’étiquettes sont donnés.')
    // A ledger that was put back to an older state gives numbers again that stand on labels: those are passed over.
    if (keepBatch(db, told, batch)) return { ...batch, number: told.number }
  }
}

const categoryIn = (db: OnceStore['db'], id: string): Pick<Batch, 'categoryId' | 'categoryName'> => {
  const category = findCategory(db, id)
  if (!category)
    throw new Refusal(
      422,
      'category-unknown',
      `La catégorie « ${id} » n’est pas connue ici. Vient-elle d’être créée ? Alors essayer à nouveau.`,
    )
  if (category.isArchived)
    throw new Refusal(
      422,
      'category-archived',
      `La catégorie « ${category.name} » n’est plus en usage : en choisir une autre.`,
    )
  return { categoryId: category.id, categoryName: category.name }
}

const toldOrRefused = async (tell: Tell, batch: Batch, key: string | undefined) => {
  try {
    const { seq, position } = await tell(LabelsMade.name, batch, key === undefined ? {} : { key })
    return { number: seq, position }
  } catch (error) {
    if (!(error instanceof NotTold)) throw error
    if (error.code === 'key-reused')
      throw new Refusal(
        409,
        'key-reused',
        'Ces étiquettes ont déjà été demandées autrement : recharger la page et recommencer.',
      )
    throw new Refusal(
      503,
      'not-kept',
      `Les étiquettes n’ont pas pu être enregistrées : essayer à nouveau. (${error.message})`,
    )
  }
}
