import { describe, expect, it } from 'vitest';
import { PRECISIONS } from '../../core/network/precision';
import { nullProvider } from '../../main/devices/null/provider';
import { randomImages, randomModel } from '../core/network/randomModel';
import { testRandom } from '../random';

const random = testRandom('null');
const input = { channels: 1, height: 5, width: 4 };
const model = randomModel(random, input, [{ kind: 'flatten' }, { kind: 'linear', outputs: 3 }]);

describe('the null device', () => {
  it('is marked so that nobody takes it for a score', async () => {
    const [info] = await nullProvider.list();
    expect(info).toMatchObject({ id: 'null:null', type: 'null', precisions: PRECISIONS });
    const device = await nullProvider.open('null:null');
    const prepared = await device.prepare(model, 'fp32', 2);
    expect(prepared.kernels).toEqual({ variant: 'null', sourceSha256: null, buildOptions: '' });
    prepared.dispose();
    device.close();
  });

  it('answers each batch with zeros, at once', async () => {
    const device = await nullProvider.open('null:null');
    const prepared = await device.prepare(model, 'a4', 2);
    const { logits, deviceMs, endToEndMs } = await prepared.run(randomImages(random, input, 6), 3);
    expect(logits).toEqual(new Float32Array(3 * 2 * 3));
    expect(deviceMs).toBeNull();
    expect(endToEndMs).toHaveLength(3);
    prepared.dispose();
    device.close();
  });

  it('knows no other device', async () => {
    await expect(nullProvider.open('null:other')).rejects.toMatchObject({ kind: 'unknown-name' });
  });
});
