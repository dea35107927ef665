import type { Case } from '../case.ts'
import * as announce from './announce.ts'
import * as bodies from './bodies.ts'
import * as config from './config.ts'
import * as control from './control.ts'
import * as ending from './ending.ts'
import * as errands from './errands.ts'
import * as facts from './facts.ts'
import * as manners from './manners.ts'
import * as pages from './pages.ts'
import * as questions from './questions.ts'
import * as routes from './routes.ts'
import * as service from './service.ts'
import * as waiting from './waiting.ts'
import * as wishes from './wishes.ts'
import * as wrappers from './wrappers.ts'

export interface Chapter {
  readonly title: string
  readonly cases: readonly Case[]
}

/**
 * All that a module owes, in the order in which it lives it. Those that follow each other share a process where they can, since
 * starting one is what takes time; those of the last chapter look back on all that was said.
 */
export const CHAPTERS: readonly Chapter[] = [
  {
    title: 'Coming',
    cases: [
      announce.announces,
      announce.namesItsConnection,
      announce.announcesWhenAsked,
      control.beats,
      control.pongs,
      control.saysHealth,
      control.saysHolding,
      service.isService,
    ],
  },
  {
    title: 'Questions',
    cases: [
      questions.answers,
      questions.answersInTime,
      questions.sparesUnknown,
      questions.refusesMalformed,
      questions.refusesUnknownHandler,
      questions.outlivesDeadline,
      questions.answersManyAtOnce,
      questions.remembersHistory,
    ],
  },
  {
    title: 'Wrappers',
    cases: [wrappers.proceedsOnce, wrappers.passesErrors, wrappers.outlivesLostProceed, wrappers.finishesWrapper],
  },
  {
    title: 'Facts',
    cases: [
      facts.hearsInOrder,
      facts.beatsPosition,
      facts.sparesUnknownFields,
      facts.takesRetry,
      facts.sparesRedelivery,
      facts.letsNewerWait,
      facts.outlivesNonsense,
      manners.tellsAgain,
      waiting.stopsHearing,
      facts.keepsBeforeAck,
    ],
  },
  {
    title: 'Routes',
    cases: [routes.answersRoutes, routes.refusesUnknownRoute, routes.outlivesBadCall, bodies.handsOverParts],
  },
  { title: 'Pages', cases: [pages.handsPagesOver, pages.refusesBadPageCalls] },
  {
    title: 'Commands, tools and jobs',
    cases: [
      errands.runsCommands,
      errands.usesTools,
      errands.runsJobs,
      errands.runsJobsAgain,
      errands.sparesUnknownFields,
      errands.refusesMalformed,
      errands.refusesUnknown,
      errands.outlivesDeadline,
    ],
  },
  {
    title: 'What it wants of the kernel',
    cases: [wishes.wantsAgain, wishes.mindsRivals, wishes.outlivesSilence, wishes.outlivesNonsense],
  },
  {
    title: 'Trouble',
    cases: [manners.outlivesNonsense, control.sparesUnknownControl, announce.announcesAfterOutage],
  },
  { title: 'What is set for it', cases: [config.takesConfig, config.refusesBadConfig, config.beginsWithConfig] },
  {
    title: 'Waiting',
    cases: [
      waiting.waits,
      waiting.waitsBlocked,
      announce.waitsForKernel,
      announce.outlivesBadAnswer,
      announce.hashIsStable,
      waiting.obeysRejection,
    ],
  },
  { title: 'Leaving', cases: [ending.drains, ending.endsOnTerm, ending.endsAlone, ending.endsWithoutBus] },
  {
    title: 'Manners',
    cases: [
      manners.speaksWell,
      manners.tellsWhatItDeclares,
      manners.asksWhatItDeclares,
      wishes.wantsWhatItDeclares,
      manners.staysInside,
      manners.keepsQuiet,
    ],
  },
]

export const CASES: readonly Case[] = CHAPTERS.flatMap(({ cases }) => cases)
