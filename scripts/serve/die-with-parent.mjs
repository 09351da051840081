// Preloaded into the server: the IPC channel closes when the supervisor ends, even when it is killed.
process.once('disconnect', () => process.exit(1))
process.channel?.unref()

// A closed pipe (`npm start 2>&1 | head`) must not end the server.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
