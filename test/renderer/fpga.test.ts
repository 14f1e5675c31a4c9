// @vitest-environment happy-dom
import { flushPromises } from '@vue/test-utils';
import { describe, expect, it, vi } from 'vitest';
import type { FpgaImageInfo } from '../../core/fpga/image';
import { createFakeHost, type FakeHost } from './fakeHost';
import { button, openPage } from './page';

const IMAGE: FpgaImageInfo = {
  id: '0123456789abcdef',
  path: '/images/0123456789abcdef/image.aocx',
  name: 'network.aocx',
  bytes: 1000,
  sha256: 'a'.repeat(64),
  addedAt: '2026-01-02T03:04:05.000Z',
  vendor: 'intel',
  target: 'board',
  board: 'de10_nano_sharedonly',
  sdkVersion: '18.1',
  clockMHz: 110,
  resources: { logic: { used: 20_955, of: 41_910 }, memoryBlocks: null, dspBlocks: { used: 12, of: null } },
  manifest: null,
  unreadableLines: [],
  problem: null,
};

/** Opens the section; its tables are made only then. */
async function openSection(host: FakeHost = createFakeHost()) {
  const { page } = await openPage(host);
  const details = page.findAll('details').find((each) => each.text().includes('FPGA images and estimates'))!;
  (details.element as HTMLDetailsElement).open = true;
  await details.trigger('toggle');
  await flushPromises();
  return { page, details };
}

describe('the library of images', () => {
  it('says what belongs there while it is empty', async () => {
    const { details } = await openSection();
    expect(details.text()).toContain('Images that boards can load stand here');
  });

  it('shows what each image is, and a dash where nothing is reported', async () => {
    const host = createFakeHost();
    host.images = [IMAGE];
    const { details } = await openSection(host);
    const cells = details
      .findAll('tbody tr')[0]!
      .findAll('td')
      .map((cell) => cell.text());
    expect(cells.slice(0, 10)).toEqual([
      'network.aocx',
      'de10_nano_sharedonly',
      'board',
      '–',
      '–',
      '110',
      '50.0',
      '–',
      '–',
      '2026-01-02',
    ]);
    expect(details.text()).toContain('No manifest: no run can use it');
  });

  it('tells why a file is refused', async () => {
    const host = createFakeHost();
    const { page, details } = await openSection(host);
    const input = details.find('input[type=file]');
    Object.defineProperty(input.element, 'files', {
      value: [{ name: 'empty.aocx', path: 'images/empty.aocx' }],
    });
    await input.trigger('change');
    await flushPromises();
    expect(host.addedImages).toEqual(['images/empty.aocx']);
    expect(page.text()).toContain('images/empty.aocx is refused: it is empty.');
  });

  it('asks before it removes one', async () => {
    const host = createFakeHost();
    host.images = [IMAGE];
    const { page, details } = await openSection(host);
    await button(page, 'Remove: network.aocx').trigger('click');
    await flushPromises();
    expect(document.body.textContent).toContain('The library’s copy of network.aocx is deleted.');
    const confirm = [...document.querySelectorAll('button')].find((each) => each.textContent === 'Remove')!;
    confirm.click();
    await flushPromises();
    expect(host.images).toEqual([]);
    expect(details.text()).toContain('Images that boards can load stand here');
  });
});

describe('estimates', () => {
  it('are computed for every board and labelled as such', async () => {
    const { page, details } = await openSection();
    await vi.waitFor(() => expect(details.findAll('.bar')).toHaveLength(9), { timeout: 20_000 });
    expect(details.text()).toContain('Computed from the network and the part, not measured.');
    await button(page, 'AMD Alveo U250').trigger('click');
    expect(details.text()).toContain('Estimate of mnist-784-1000-500-10 at a4 on u250, layer by layer');
    expect(details.text()).toMatch(/fc0, the slowest/);
  });
});
