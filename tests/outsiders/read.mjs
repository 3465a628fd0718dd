// Reads a topic as a Node service would: kafkajs as installed, and the registry's client for Avro. It counts, and holds each
// record against its headers.
//
//   read.mjs TOPIC RECORDS    RECORDS: how many another client has read
//
// Ends once it has as many; fails where one is doubled, or none comes for a minute.

import { createRequire } from 'node:module';

// Installed beside neither this file nor the place it is called from.
const require = createRequire(`${process.env.NODE_CLIENTS}/`);
const { Kafka, logLevel } = require('kafkajs');
const { SchemaRegistry } = require('@kafkajs/confluent-schema-registry');

const [topic, wanted] = [process.argv[2], Number(process.argv[3])];
const PATIENCE = 60_000;

const registry = new SchemaRegistry({ host: process.env.FEIRA_REGISTRY_URL });
const kafka = new Kafka({ brokers: process.env.FEIRA_KAFKA_BROKERS.split(','), logLevel: logLevel.NOTHING });
const consumer = kafka.consumer({ groupId: `outsiders-node-${process.pid}-${Date.now()}`, readUncommitted: false });

const seen = new Set();
const types = {};
let timer;
let end;
const ended = new Promise((resolve, reject) => {
  end = resolve;
  const stalled = () => reject(new Error(`${topic}: ${seen.size} of ${wanted} records came, and no more for a minute`));
  timer = { again: () => { clearTimeout(timer.at); timer.at = setTimeout(stalled, PATIENCE); } };
  consumer.on('consumer.crash', ({ payload }) => reject(payload.error));
});

function check(condition, what) {
  if (!condition) throw new Error(`${topic}: ${what}`);
}

async function take({ message, partition }) {
  timer.again();
  const headers = Object.fromEntries(Object.entries(message.headers).map(([name, value]) => [name, value.toString()]));
  const { meta } = await registry.decode(message.value);
  check(meta.tenant_id === message.key.toString(), `${partition}/${message.offset} is keyed by ${message.key}`);
  check(meta.event_id === headers.ce_id, `${partition}/${message.offset} is ${meta.event_id}, and its header says ${headers.ce_id}`);
  check(!seen.has(meta.event_id), `event ${meta.event_id} is there twice`);
  seen.add(meta.event_id);
  types[headers.ce_type] = (types[headers.ce_type] ?? 0) + 1;
  if (seen.size === wanted) end();
}

timer.again();
await consumer.connect();
await consumer.subscribe({ topics: [topic], fromBeginning: true });
// An error within `eachMessage` is tried again by kafkajs; here it ends the run.
let failed;
await consumer.run({ eachMessage: async (record) => { try { await take(record); } catch (error) { failed = error; end(); } } });
await ended;
clearTimeout(timer.at);
await consumer.disconnect();
if (failed) throw failed;
console.log(JSON.stringify({ topic, client: 'kafkajs', records: seen.size, types }));
