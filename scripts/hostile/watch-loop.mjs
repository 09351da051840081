// Preloaded into the built server by scripts/hostile.ts. Answers on a socket for how long work blocked the event loop at most
// since the last request: the delay of a timer, capped by the CPU time of this thread, which excludes other load.
import { createServer } from 'node:net'

const path = process.env.HOSTILE_SOCKET
if (path && process.argv[1]?.endsWith('/server/index.mjs')) {
  const everyMs = 5
  let blockedMs = 0
  let last = performance.now()
  let cpu = process.threadCpuUsage()
  setInterval(() => {
    const { user, system } = process.threadCpuUsage(cpu)
    blockedMs = Math.max(blockedMs, Math.min(performance.now() - last - everyMs, (user + system) / 1000))
    last = performance.now()
    cpu = process.threadCpuUsage()
  }, everyMs).unref()
  createServer(socket => {
    socket.on('error', () => socket.destroy())
    socket.end(JSON.stringify({ blockedMs }))
    blockedMs = 0
  })
    .listen(path)
    .unref()
}
