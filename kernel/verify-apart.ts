import type { Settings } from './settings.ts'
export const verifyApart = async (_: Settings): Promise<unknown> => ({})
