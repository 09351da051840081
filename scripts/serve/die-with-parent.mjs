// Preloaded into the server: the channel closes when the supervisor is gone, however it went.
process.once('disconnect', () => process.exit(1))
process.channel?.unref()

// What nobody reads any more (`npm start 2>&1 | head`) is lost, and ends nothing.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
