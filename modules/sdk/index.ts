export { type Answer, escaped, html, json, Refusal } from './answer.ts'
export {
  type AnswerHandler,
  type Asking,
  type HealthHandler,
  HookFailure,
  type OutcomeHandler,
  type WrapHandler,
} from './answering.ts'
export type { AtWork, OpenAtWork } from './at-work.ts'
export { type Config, type ConfigHandler, openConfig } from './config.ts'
export { DeadLetter } from './dead-letter.ts'
export {
  type Answering,
  defineModule,
  type FactHandler,
  type Hearing,
  type Module,
  type ModuleBuilder,
  type Request,
  type RouteHandler,
} from './define-module.ts'
export type { CommandHandler, Doing, JobHandler, Running, ToolHandler } from './errands.ts'
export { EXIT, ModuleError } from './errors.ts'
export { type Limiter, type Limits, makeLimiter, Overloaded } from './limiter.ts'
export { type OnceStore, openOnceStore } from './once-store.ts'
export { runModule } from './run-module.ts'
export type { SeeCalls } from './see-calls.ts'
export type { Settings } from './settings.ts'
export { type Ending, type RunningModule, type Start, startModule } from './start-module.ts'
export { NotTold, type Tell, type Telling } from './tell.ts'
export { type CallApi, type Kv, NotGranted, type Schedule } from './wishes.ts'
