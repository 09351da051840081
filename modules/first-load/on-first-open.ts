import { defineAsyncComponent, defineComponent, h, type Component } from 'vue'

/** An overlay (something with `v-model:open`) whose code is loaded when it is opened for the first time. */
export function onFirstOpen(load: () => Promise<{ default: Component }>): Component {
  const overlay = defineAsyncComponent(load)
  return defineComponent({
    inheritAttrs: false,
    setup(_, { attrs, slots }) {
      let wasOpen = false
      return () => {
        wasOpen ||= Boolean(attrs.open)
        return wasOpen ? h(overlay, attrs, slots) : null
      }
    }
  })
}
