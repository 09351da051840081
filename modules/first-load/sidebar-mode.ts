import { defineComponent } from 'vue'

// UDashboardSidebar imports a component for each `mode`. We use the slideover only.
export default defineComponent(() => {
  throw new Error('UDashboardSidebar supports only mode "slideover" in this build: see modules/first-load')
})
