import { configureMail } from '../adapters/mail'

// Plugins run in the order of their names: mail is configured before jobs start.
export default defineNitroPlugin(() => {
  const { smtpUrl, mailFrom } = useRuntimeConfig()
  configureMail({ smtpUrl, mailFrom })
})
