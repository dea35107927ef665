import { globSync, readFileSync } from 'node:fs'
import { HOOKS, parse, SaleValidate } from '@recyclique/contracts'
import { expect, test } from 'vitest'
import { plays } from './behaviours.ts'
import { gather } from './harness.ts'

const files = globSync('contracts/hooks/*.ts').filter((file) => !/(all|verdict)\.ts$/.test(file))

test('the list of hooks and the folder hold the same', () => {
  const spelled = files.map((file) => /name: '([^']+)'/.exec(readFileSync(file, 'utf8'))?.[1])
  expect(HOOKS.map(({ name }) => name).sort()).toEqual(spelled.sort())
})

test('each hook bears its file’s name', () => {
  const named = HOOKS.map(({ name }) => `contracts/hooks/${name.replaceAll('.', '-')}.ts`)
  expect(named.sort()).toEqual(files.sort())
})

test('the till waits for a module 150 ms at most, and never for one that is silent', () => {
  for (const { name, deadlineMs, onError } of HOOKS.filter(({ name }) => /^(sale|weigh|price|code)\./.test(name)))
    expect({ name, isQuick: deadlineMs <= 150, onError }).toEqual({ name, isQuick: true, onError: 'skip' })
})

const sale = {
  ...{ registerId: 'caisse-1', sessionId: '0198c5a4-7a10-7000-8000-000000000001', mode: 'live' as const },
  ...{ lines: [], totalCents: 0, donationCents: 0, payments: [] },
}

test('a module refuses a sale with words that the cashier can read', async () => {
  const refusal = { verdict: 'refuse', code: 'age', words: 'Demandez une pièce d’identité.' }
  const modules = [
    { name: 'age', answers: [{ hook: 'sale.validate', args: ['lines'], ...plays('answers', refusal) }] },
    {
      name: 'calm',
      answers: [{ hook: 'sale.validate', args: ['totalCents'], ...plays('answers', { verdict: 'allow' }) }],
    },
    { name: 'rude', answers: [{ hook: 'sale.validate', args: [], ...plays('answers', 'no') }] },
  ]
  const centre = await gather({ hooks: HOOKS, modules })
  const answers = await centre.kernel.ask(SaleValidate, sale)
  expect(answers).toEqual([{ verdict: 'allow' }, refusal])
  expect(answers.find((one) => one.verdict === 'refuse')?.words).toBe(refusal.words)
  expect(centre.notices('failed')).toMatchObject([{ error: { module: 'rude', code: 'answer-invalid' } }])
})

test('a sale with nobody on the hook is asked of nobody', async () => {
  const centre = await gather({ hooks: HOOKS })
  expect(await centre.kernel.ask(SaleValidate, parse(SaleValidate.args, sale))).toEqual([])
  expect(centre.notices('failed')).toEqual([])
})
