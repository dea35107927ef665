import { installedHome } from '../installed/home.ts'
import { type Survey, surveyModules } from '../up/find-modules.ts'
import { dataFolder, wishesIn } from '../up/options.ts'
import { BadConfig } from '../workshop/config-file.ts'

/** What there is and what is wanted; a configuration that cannot be taken keeps nobody from seeing the rest, and is given as `slip`. */
export const surveyAnyhow = async (data: string | undefined): Promise<{ survey: Survey; slip?: string }> => {
  const home = installedHome(dataFolder(data, process.env))
  const wishes = wishesIn({}, process.env)
  try {
    return { survey: await surveyModules({ ...wishes, home }) }
  } catch (error) {
    if (!(error instanceof BadConfig)) throw error
    const keeper = { read: async () => undefined }
    return { survey: await surveyModules({ ...wishes, home, profile: undefined, keeper }), slip: error.message }
  }
}
