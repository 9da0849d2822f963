import { afterEach, describe, expect, it } from 'vitest';
import { openIndexAdmin } from '../../../../src/lib/adapters/elasticsearch/admin/index-admin.ts';
import { type FakeCluster, fakeCluster, type FakeOptions } from './fake-cluster.ts';

let fake: FakeCluster;
const { signal } = new AbortController();
afterEach(() => fake.close());

async function open(options: FakeOptions, query = '/logs') {
  fake = await fakeCluster(options);
  return openIndexAdmin(`${fake.url}${query}`, () => undefined);
}

const NAME = 'logs-toolkit-logs';

describe('the policy of indices', () => {
  it('is of ILM on Elasticsearch, and named by the template', async () => {
    const admin = await open({});
    expect(await admin.setUp({ hotDays: 2, deleteAfter: 30 }, signal)).toMatchObject({ policy: NAME, replaced: false });
    expect(fake.policies.get(NAME)?.body).toMatchObject({
      policy: { phases: { hot: {}, warm: { min_age: '2d' }, delete: { min_age: '30d', actions: { delete: {} } } } },
    });
    expect(fake.templates.get(NAME)).toMatchObject({
      template: { settings: { index: { 'lifecycle.name': NAME, 'lifecycle.parse_origination_date': true } } },
    });
    expect(await admin.status(signal)).toMatchObject({ policy: { state: 'there' }, template: { state: 'ours' } });
    await admin.close();
  });

  it('is of ISM on OpenSearch, and replaced with the number it has there', async () => {
    const admin = await open({ product: 'opensearch', version: '2.19.0' });
    await admin.setUp({ deleteAfter: 30 }, signal);
    await admin.setUp({ deleteAfter: 7 }, signal);
    expect(fake.policies.get(NAME)).toMatchObject({
      seq: 2,
      body: {
        policy: {
          default_state: 'hot',
          states: [{ name: 'hot', transitions: [{ conditions: { min_index_age: '7d' } }] }, { name: 'delete' }],
          ism_template: [{ index_patterns: expect.arrayContaining(['logs-20*.*.*']) }],
        },
      },
    });
    await admin.close();
  });

  it('is not there by default, nor where the server keeps none', async () => {
    const admin = await open({ policies: false });
    expect(await admin.setUp({}, signal)).toMatchObject({ policy: undefined });
    expect(await admin.status(signal)).toMatchObject({ policy: { state: 'unavailable' } });
    await expect(admin.setUp({ deleteAfter: 1 }, signal)).rejects.toMatchObject({ code: 'REMOTE_UNSUITABLE' });
    await expect(admin.setUp({ hotDays: 5, deleteAfter: 5 }, signal)).rejects.toMatchObject({ code: 'USAGE' });
    await admin.close();
  });

  it('rolls a data stream over by the day', async () => {
    const admin = await open({}, '/?datastream=shop');
    await admin.setUp({ deleteAfter: 30 }, signal);
    expect(fake.policies.get('logs-toolkit-shop')?.body).toMatchObject({
      policy: { phases: { hot: { actions: { rollover: { max_age: '1d' } } } } },
    });
    expect(fake.templates.get('logs-toolkit-shop')).toMatchObject({ index_patterns: ['shop'], data_stream: {} });
    await admin.close();
  });
});

it('shows what it would do, and does nothing', async () => {
  const admin = await open({});
  const requests = await admin.requests({ deleteAfter: 3 }, signal);
  expect(Object.keys(requests)).toEqual([`PUT /_ilm/policy/${NAME}`, `PUT /_index_template/${NAME}`]);
  expect(fake.templates.size + fake.policies.size).toBe(0);
  await admin.close();
});
