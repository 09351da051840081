import { config } from 'zod'

/** The content security policy allows no eval: zod must not try it. */
export default defineNuxtPlugin(() => void config({ jitless: true }))
