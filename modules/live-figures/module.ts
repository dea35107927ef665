import {
  ExitRecorded,
  type KeptFact,
  type Manifest,
  MatterCorrected,
  MatterLogged,
  SaleRecorded,
  SaleRefunded,
  SaleVoided,
} from '@recyclique/contracts'
import { defineModule, type Hearing, html, json, type Module, type OnceStore, Refusal } from '@recyclique/sdk'
import {
  type Change,
  figuresOfCorrection,
  figuresOfExit,
  figuresOfRefund,
  figuresOfSale,
  figuresOfVoid,
  figuresOfWeighing,
} from './figures.ts'
import { pageOf } from './page.ts'
import { applyChanges, readDay } from './store.ts'
import { isDay } from './today.ts'

type Parts = { manifest: Manifest; store: OnceStore; today: () => string }

/** Adds up the figures of each day from the facts, and shows them. */
export const liveFigures = ({ manifest, store, today }: Parts): Module =>
  defineModule(manifest)
    .keepIn(store)
    .hear(SaleRecorded, adding(figuresOfSale))
    .hear(SaleRefunded, adding(figuresOfRefund))
    .hear(SaleVoided, adding(figuresOfVoid))
    .hear(MatterLogged, adding(figuresOfWeighing))
    .hear(MatterCorrected, adding(figuresOfCorrection))
    .hear(ExitRecorded, adding(figuresOfExit))
    .route('GET', '/today', ({ query }) => json(readDay(store, dayAsked(query, today))))
    .route('GET', '/', ({ query }) => html(pageOf(readDay(store, dayAsked(query, today)), today())))

const adding =
  <D>(figures: (fact: KeptFact<D>) => Change[]) =>
  (fact: KeptFact<D>, { once }: Hearing): boolean =>
    once((db) => applyChanges(db, figures(fact)))

const dayAsked = ({ date }: Readonly<Record<string, string>>, today: () => string): string => {
  if (date === undefined) return today()
  if (!isDay(date))
    throw new Refusal(400, 'date-unreal', `« ${date} » n’est pas un jour : écrire par exemple ${today()}.`)
  return date
}
