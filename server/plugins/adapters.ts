import { configureMail } from '../adapters/mail'

// By its name the first of the plugins: whoever works knows the outside world.
export default defineNitroPlugin(() => {
  const { smtpUrl, mailFrom } = useRuntimeConfig()
  configureMail({ smtpUrl, mailFrom })
})
