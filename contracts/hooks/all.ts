import type { HookSpec } from '../hook.ts'
import { AuthAuthenticate } from './auth-authenticate.ts'
import { CategorySuggest } from './category-suggest.ts'
import { CloseSteps } from './close-steps.ts'
import { CodeResolve } from './code-resolve.ts'
import { ErrorHandle } from './error-handle.ts'
import { OnHttpAnswered } from './http-answered.ts'
import { OnHttpRequest } from './http-request.ts'
import { OnKernelStarted } from './kernel-started.ts'
import { PriceSuggest } from './price-suggest.ts'
import { ReceiptBlocks } from './receipt-blocks.ts'
import { RefundAuthorize } from './refund-authorize.ts'
import { ReportColumns } from './report-columns.ts'
import { SaleValidate } from './sale-validate.ts'
import { SessionCloseValidate } from './session-close-validate.ts'
import { WeighValidate } from './weigh-validate.ts'

/** Every question that the kernel asks. A test holds this list and the folder together. */
export const HOOKS: readonly HookSpec[] = [
  AuthAuthenticate,
  CategorySuggest,
  CloseSteps,
  CodeResolve,
  ErrorHandle,
  OnHttpAnswered,
  OnHttpRequest,
  OnKernelStarted,
  PriceSuggest,
  ReceiptBlocks,
  RefundAuthorize,
  ReportColumns,
  SaleValidate,
  SessionCloseValidate,
  WeighValidate,
]
