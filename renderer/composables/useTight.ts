import { onBeforeUnmount, onMounted, type Ref, ref, type WatchSource, watch } from 'vue';

interface Width {
  /** There is not enough for all: what is optional is left out. */
  tight: Readonly<Ref<boolean>>;
  /** Not even for what is left. */
  overflows: Readonly<Ref<boolean>>;
}

/**
 * Whether the first element of a box needs more width than the box has. Once it is tight, it stays so until the box
 * is as wide as was needed: what is left out to fit would else come back at once.
 *
 * @param contents what may change the width that is needed: it is found anew
 */
export function useTight(box: Readonly<Ref<HTMLElement | null>>, contents: WatchSource): Width {
  const tight = ref(false);
  const overflows = ref(false);
  let neededPx = 0;
  const observer = new ResizeObserver(() => {
    if (box.value === null) return;
    const roomPx = box.value.clientWidth;
    const contentPx = box.value.firstElementChild?.scrollWidth ?? 0;
    overflows.value = contentPx > roomPx;
    if (overflows.value) {
      if (!tight.value) neededPx = contentPx;
      tight.value = true;
    } else if (roomPx >= neededPx) {
      tight.value = false;
    }
  });
  onMounted(() => {
    if (box.value === null) return;
    observer.observe(box.value);
    if (box.value.firstElementChild !== null) observer.observe(box.value.firstElementChild);
  });
  watch(contents, () => {
    neededPx = 0;
    tight.value = false;
  });
  onBeforeUnmount(() => observer.disconnect());
  return { tight, overflows };
}
