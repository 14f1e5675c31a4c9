import { type Ref, ref } from 'vue';

/** Whether a media query holds now. For stores, which live as long as the page: nothing ends the listening. */
export function useMedia(query: string): Readonly<Ref<boolean>> {
  const list = matchMedia(query);
  const holds = ref(list.matches);
  list.addEventListener('change', (event) => {
    holds.value = event.matches;
  });
  return holds;
}
