import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Category, CategoryChanged, Manifest, parse } from '@recyclique/contracts'
import { openConfig } from '@recyclique/sdk'
import { type Rehearsal, rehearse } from '@recyclique/sdk/testing'
import { onTestFinished } from 'vitest'
import { type Face, openFace } from '../../modules/barcodes/draw/face.ts'
import manifestJson from '../../modules/barcodes/manifest.json' with { type: 'json' }
import { barcodes } from '../../modules/barcodes/module.ts'
import { Settings } from '../../modules/barcodes/settings.ts'
import { openLabels } from '../../modules/barcodes/store.ts'

let face: Face | undefined

/** The font is read once for all tests of a file. */
export const aFace = (): Face => {
  face ??= openFace()
  return face
}

export const category = (id: string, name = id, more: Partial<Category> = {}): Category => ({
  ...{ id, shortName: name.slice(0, 24), officialName: name, eee: 'none' },
  ...{ shownAtSale: true, shownAtReception: true, archived: false },
  ...more,
})

/** The module in memory, in a centre that sells books and crockery; `set` is what the centre sets. */
export const openRoom = async (set: Record<string, unknown> = {}, folder = aFolder()) => {
  const manifest = parse(Manifest, manifestJson)
  const store = openLabels(folder)
  onTestFinished(() => store.close())
  const config = openConfig(Settings)
  let keys = 0
  const room: Rehearsal = rehearse(barcodes({ manifest, store, config, face: aFace(), newKey: () => `form-${++keys}` }))
  const taken = await config.take({ values: set, origins: {} })
  if (!taken.ok) throw new Error(taken.words)
  await room.hear(CategoryChanged, category('livres', 'Livres'))
  await room.hear(CategoryChanged, category('vaisselle', 'Vaisselle'))
  return { room, store, config, folder }
}

export const aFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'recyclique-barcodes-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** As the page's form sends it. */
export const form = (fields: Record<string, string>) => ({
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
  body: new URLSearchParams(fields).toString(),
})
