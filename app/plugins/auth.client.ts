export default defineNuxtPlugin(() => {
  useAuth().watchSession()
  // The back/forward cache may restore a page of another person.
  useEventListener(window, 'pageshow', ({ persisted }) => persisted && isAnotherPerson() && window.location.replace('/'))
})
