import { Random } from '../core/statistics/random';

/**
 * The random numbers of one test file. Prints its seed, so that a failure can be repeated with
 * BNNW_TEST_SEED=<seed>.
 */
export function testRandom(name: string): Random {
  const given = process.env.BNNW_TEST_SEED;
  const seed = given ? Number(given) : Math.floor(Math.random() * 2 ** 32);
  process.stdout.write(`${name}: BNNW_TEST_SEED=${seed}\n`);
  return new Random(seed);
}
