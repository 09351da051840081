import { configureScanner } from '../adapters/clamd'
import { configureMail } from '../adapters/mail'
import { configureStorage } from '../adapters/storage'

// Plugins run in the order of their names: mail is configured before jobs start.
export default defineNitroPlugin(() => {
  const {
    smtpUrl,
    mailFrom,
    supabase: { secretKey },
    clamavHost,
    clamavPort,
    public: { supabase }
  } = useRuntimeConfig()
  configureMail({ smtpUrl, mailFrom })
  configureScanner({ host: String(clamavHost), port: Number(clamavPort) })
  configureStorage({ url: supabase.url, secretKey })
})
