import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openOnceStore } from '@recyclique/sdk'
import { afterEach, beforeEach, expect, test } from 'vitest'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'recyclique-once-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const open = () => openOnceStore(join(folder, 'deep', 'store.sqlite'), 'CREATE TABLE IF NOT EXISTS note (text TEXT)')
type Store = ReturnType<typeof open>
const note = (store: Store, position: number) =>
  store.apply(position, (db) => db.prepare('INSERT INTO note VALUES (?)').run(`fact ${position}`))
const notes = (store: Store) =>
  store.db
    .prepare('SELECT text FROM note')
    .all()
    .map(({ text }) => text)

test('an effect is applied once, and again for no position that is not behind the last', () => {
  const store = open()

  expect([note(store, 3), note(store, 3), note(store, 2), note(store, 5)]).toEqual([true, false, false, true])
  expect(notes(store)).toEqual(['fact 3', 'fact 5'])
  expect(store.position).toBe(5)
})

test('position and effect are there after the file was closed', () => {
  const before = open()
  note(before, 3)
  before.close()
  const store = open()

  expect(store.position).toBe(3)
  expect(notes(store)).toEqual(['fact 3'])
})

test('an effect that throws leaves nothing behind, and the next one works', () => {
  const store = open()
  const fails = () =>
    store.apply(1, (db) => {
      db.exec("INSERT INTO note VALUES ('half')")
      throw new Error('no')
    })

  expect(fails).toThrow('no')
  expect(store.position).toBe(0)
  expect(note(store, 1)).toBe(true)
  expect(notes(store)).toEqual(['fact 1'])
})

test('an effect that is not done when it returns is refused', () => {
  const store = open()

  expect(() => store.apply(1, async () => {})).toThrow('no async')
  expect(store.position).toBe(0)
})

test('two processes on one file apply a fact once between them', () => {
  const [one, other] = [open(), open()]

  expect([note(one, 1), note(other, 1), note(other, 2), note(one, 2)]).toEqual([true, false, true, false])
})

test('a position that was passed is gone by, and its effect can be applied later, once', () => {
  const store = open()
  store.pass(1)
  note(store, 2)
  const again = (position: number) =>
    store.applyPassed(position, (db) => db.prepare('INSERT INTO note VALUES (?)').run(`late ${position}`))

  expect(store.position).toBe(2)
  expect(note(store, 1)).toBe(false)
  expect([again(1), again(1), again(2)]).toEqual([true, false, false])
  expect(notes(store)).toEqual(['fact 2', 'late 1'])
})

test('an effect that was applied before its fact was given up is not applied again', () => {
  const store = open()
  note(store, 1)
  store.pass(1)

  expect(store.applyPassed(1, () => {})).toBe(false)
})

test('a late effect that throws can be tried again', () => {
  const store = open()
  store.pass(1)

  expect(() =>
    store.applyPassed(1, () => {
      throw new Error('still broken')
    }),
  ).toThrow('still broken')
  expect(store.applyPassed(1, () => {})).toBe(true)
})

test('a fact that has not come yet comes in its order, and not before', () => {
  expect(() => open().applyPassed(3, () => {})).toThrow('it comes by itself')
})
