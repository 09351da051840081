// Preloaded into the built server by scripts/hostile.ts: tells on a socket how long work held the event loop since the last
// question. A timer that comes late was held up; what this thread computed meanwhile is what held it, whatever else the
// machine did.
import { createServer } from 'node:net'

const path = process.env.HOSTILE_SOCKET
if (path && process.argv[1]?.endsWith('/server/index.mjs')) {
  const everyMs = 5
  let held = 0
  let last = performance.now()
  let cpu = process.threadCpuUsage()
  setInterval(() => {
    const { user, system } = process.threadCpuUsage(cpu)
    held = Math.max(held, Math.min(performance.now() - last - everyMs, (user + system) / 1000))
    last = performance.now()
    cpu = process.threadCpuUsage()
  }, everyMs).unref()
  createServer(socket => {
    socket.on('error', () => socket.destroy())
    socket.end(JSON.stringify({ held }))
    held = 0
  })
    .listen(path)
    .unref()
}
