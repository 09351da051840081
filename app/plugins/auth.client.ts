export default defineNuxtPlugin(() => {
  useAuth().watchSession()
  // The browser may bring a page of the person before back from its memory.
  useEventListener(window, 'pageshow', ({ persisted }) => persisted && isAnotherPerson() && window.location.replace('/'))
})
