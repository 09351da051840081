import { spawnSync } from 'node:child_process'

/**
 * Installs the first of `alternatives` that Debian or Ubuntu has, each a list of packages. Fetches the lists of packages if it finds none:
 * a new machine has no lists. Returns whether one is installed; false also without apt and for anybody but root.
 */
export function installWithApt(...alternatives: string[][]): boolean {
  if (process.getuid?.() !== 0) return false
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const apt = (...args: string[]) => {
    process.stderr.write(`apt-get ${args.join(' ')}\n`)
    return spawnSync('apt-get', args, { stdio: ['ignore', 2, 2], timeout: 300_000, env }).status === 0
  }
  const install = () => alternatives.some(packages => apt('install', '-y', '--no-install-recommends', ...packages))
  return install() || (apt('update') && install())
}
