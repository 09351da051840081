export default defineNuxtPlugin(() => useAuth().watchSession())
