import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { SensorDescription } from '../../../core/power/readings';
import { PowerRecorder } from '../../../main/power';
import type { PowerSensor } from '../../../main/power/sensor';

const WATTS: SensorDescription = {
  id: 'fake',
  source: 'fake sensor',
  origin: 'meter-log',
  scope: 'board',
  kind: 'power',
  updateMs: 100,
  averagingMs: null,
  duty: 1,
  relativeUncertainty: null,
  wrapJ: null,
};

/** Tells the power that `watts` gives for a time, and counts what it is asked. */
class FakeSensor implements PowerSensor {
  readonly description = WATTS;
  reads = 0;
  underWay = 0;
  closed = 0;

  constructor(private readonly watts: (nowMs: number) => number | null) {}

  async read(nowMs: number) {
    this.reads++;
    this.underWay++;
    await Promise.resolve();
    this.underWay--;
    return { atMs: nowMs, value: this.watts(nowMs) };
  }

  close() {
    this.closed++;
  }
}

describe('a recorder', () => {
  beforeEach(() => void vi.useFakeTimers({ now: 0, toFake: ['setTimeout', 'clearTimeout', 'Date'] }));
  afterEach(() => void vi.useRealTimers());

  it('measures the energy of a window within what it recorded', async () => {
    const recorder = new PowerRecorder([new FakeSensor((ms) => (ms < 5000 ? 10 : 50))]);
    recorder.start();
    await vi.advanceTimersByTimeAsync(10_000);
    await recorder.stop();
    expect(recorder.energyIn([{ startMs: 1000, endMs: 4000 }])).toMatchObject({ averageW: 10, joules: 30 });
    expect(recorder.energyIn([{ startMs: 6000, endMs: 9000 }])).toMatchObject({ averageW: 50, joules: 150 });
  });

  it('adds the sensors that share a device, and misses the sum where it misses one', async () => {
    const steady = new FakeSensor(() => 10);
    const recorder = new PowerRecorder([steady, new FakeSensor(() => 5)]);
    recorder.start();
    await vi.advanceTimersByTimeAsync(5000);
    await recorder.stop();
    expect(recorder.energyIn([{ startMs: 1000, endMs: 4000 }])).toMatchObject({ averageW: 15 });

    vi.setSystemTime(0);
    const broken = new PowerRecorder([steady, new FakeSensor((ms) => (ms < 2000 ? 5 : null))]);
    broken.start();
    await vi.advanceTimersByTimeAsync(5000);
    await broken.stop();
    expect(broken.energyIn([{ startMs: 1000, endMs: 4000 }])).toMatchObject({ kind: 'not measured' });
  });

  it('leaves no timer, no reading under way and no open sensor when it has stopped', async () => {
    const sensor = new FakeSensor(() => 1);
    const recorder = new PowerRecorder([sensor]);
    recorder.start();
    await vi.advanceTimersByTimeAsync(1000);
    await recorder.stop();
    expect([vi.getTimerCount(), sensor.underWay, sensor.closed]).toEqual([0, 0, 1]);
    const { reads } = sensor;
    await vi.advanceTimersByTimeAsync(1000);
    expect(sensor.reads).toBe(reads);
  });

  it('without a sensor measures nothing, and says so', async () => {
    const recorder = new PowerRecorder([]);
    recorder.start();
    await recorder.stop();
    expect(recorder.energyIn([{ startMs: 0, endMs: 1000 }])).toMatchObject({ kind: 'not measured' });
  });
});
