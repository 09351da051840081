// Preloaded into the server: the channel closes when the supervisor is gone, however it went.
process.once('disconnect', () => process.exit(1))
process.channel?.unref()
