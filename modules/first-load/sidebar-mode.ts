import { defineComponent } from 'vue'

// UDashboardSidebar imports what each `mode` shows; ours is the slideover.
export default defineComponent(() => {
  throw new Error('UDashboardSidebar is built for mode "slideover" alone: see modules/first-load')
})
