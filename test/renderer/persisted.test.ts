// @vitest-environment happy-dom
import { afterEach, expect, it } from 'vitest';
import { nextTick } from 'vue';
import { isTextList, oneOf, usePersisted } from '../../renderer/composables/usePersisted';

afterEach(() => localStorage.clear());

it('remembers a value', async () => {
  usePersisted('list', ['a'], isTextList).value.push('b');
  await nextTick();
  expect(usePersisted('list', [], isTextList).value).toEqual(['a', 'b']);
});

it.each(['"purple"', '7', '{', ''])('takes the default where %s was kept', (kept) => {
  localStorage.setItem('bnnw.theme', kept);
  expect(usePersisted('theme', 'light', oneOf(['light', 'dark'])).value).toBe('light');
});
