import { FACTS, factMode, isToken, journalName, readKernelSubject, subjectsOf } from '@recyclique/contracts'
import fc from 'fast-check'
import { expect, test } from 'vitest'

const centre = subjectsOf('centre')

test('the grammar, subject by subject', () => {
  expect(centre.stream).toBe('RQ_CENTRE')
  expect(centre.facts).toBe('rq.centre.evt.>')
  expect(centre.fact('live', 'register-caisse', 'sale.recorded')).toBe(
    'rq.centre.evt.live.register-caisse.sale.recorded',
  )
  expect(centre.factsNamed('training', 'cash.session.opened')).toBe('rq.centre.evt.training.*.cash.session.opened')
  expect(centre.moduleBranch('barcodes')).toBe('rq.centre.mod.barcodes.>')
  expect(centre.instanceBranch('barcodes', 'i1')).toBe('rq.centre.mod.barcodes.i1.>')
  expect(centre.toModule('barcodes', 'i1', 'hook', 'sale.validate')).toBe(
    'rq.centre.mod.barcodes.i1.hook.sale.validate',
  )
  expect(centre.toModule('barcodes', 'i1', 'control')).toBe('rq.centre.mod.barcodes.i1.control')
  expect(centre.kernelBranch).toBe('rq.centre.kernel.>')
  expect(centre.kernelBranchOf('barcodes')).toBe('rq.centre.kernel.barcodes.>')
  expect(centre.toKernel('barcodes', 'announce')).toBe('rq.centre.kernel.barcodes.announce')
  expect(centre.toKernel('barcodes', 'proceed', 'k1.call-7')).toBe('rq.centre.kernel.barcodes.proceed.k1.call-7')
  expect(centre.everyModule('heartbeat')).toBe('rq.centre.kernel.*.heartbeat')
  expect(centre.durable('barcodes')).toBe('m-barcodes')
})

test('a stream’s name holds no dot, star or space, whatever the site', () => {
  expect(subjectsOf('ressourcerie-du-13').stream).toBe('RQ_RESSOURCERIE-DU-13')
})

test.each(['', '*', '>', 'a.b', 'A', 'é', 'a b', 'a\n', 'a_b', '$sys', 'a'.repeat(33)])(
  '%j is no token: no subject can be widened or cut off with it',
  (text) => {
    expect(isToken(text)).toBe(false)
    expect(() => subjectsOf(text)).toThrow(RangeError)
    expect(() => centre.fact('live', text, 'sale.recorded')).toThrow(/is no subject token/)
    expect(() => centre.moduleBranch(text)).toThrow(RangeError)
    expect(() => centre.instanceBranch('barcodes', text)).toThrow(RangeError)
    expect(() => centre.toModule(text, 'i1', 'hook')).toThrow(RangeError)
    expect(() => centre.kernelBranchOf(text)).toThrow(RangeError)
    expect(() => centre.toKernel(text, 'tell')).toThrow(RangeError)
    expect(() => centre.durable(text)).toThrow(RangeError)
  },
)

test.each(['', '.', 'sale.', '.sale', 'sale..recorded', 'sale.*', 'sale.>', 'Sale.recorded'])(
  '%j is no name of a fact',
  (name) => {
    expect(() => centre.fact('live', 'register-caisse', name)).toThrow(RangeError)
    expect(() => centre.factsNamed('live', name)).toThrow(RangeError)
    expect(() => centre.toModule('barcodes', 'i1', 'hook', name)).toThrow(RangeError)
    expect(() => centre.toKernel('barcodes', 'tell', name)).toThrow(RangeError)
  },
)

const Token = fc.stringMatching(/^[a-z0-9-]{1,32}$/)

test('what a module says to the kernel is taken apart as it was put together', () => {
  fc.assert(
    fc.property(Token, Token, fc.array(Token, { maxLength: 4 }), (site, module, rest) => {
      const name = rest.length > 0 ? rest.join('.') : undefined
      expect(readKernelSubject(subjectsOf(site).toKernel(module, 'tell', name))).toEqual({
        site,
        module,
        verb: 'tell',
        rest,
      })
    }),
  )
})

test('a module’s branch holds its own subjects and no other module’s', () => {
  fc.assert(
    fc.property(Token, Token, Token, (site, one, other) => {
      fc.pre(one !== other)
      const subjects = subjectsOf(site)
      const branch = subjects.moduleBranch(one).replace(/>$/, '')
      expect(subjects.toModule(one, 'i1', 'http').startsWith(branch)).toBe(true)
      expect(subjects.toModule(other, 'i1', 'http').startsWith(branch)).toBe(false)
    }),
  )
})

test('every fact of the kernel has a subject: its journal is a token, in training too, however long the ids', () => {
  const longest = 'z'.repeat(14)
  for (const spec of FACTS)
    for (const mode of ['live', 'training'] as const) {
      const journal = journalName(mode, spec.journal({ registerId: longest, postId: longest }))
      expect(isToken(journal), `${spec.name} in ${journal}`).toBe(true)
      expect(centre.fact(mode, journal, spec.name)).toMatch(/^rq\.centre\.evt\.(live|training)\.[a-z0-9-]+\.[a-z.-]+$/)
    }
})

test('training has journals of its own, late paper has not', () => {
  expect(journalName('training', 'register-caisse')).toBe('training-register-caisse')
  expect(journalName('deferred', 'register-caisse')).toBe('register-caisse')
  expect(['live', 'training', 'deferred'].map((mode) => factMode(mode as 'live'))).toEqual(['live', 'training', 'live'])
})
