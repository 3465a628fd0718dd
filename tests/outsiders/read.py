"""Reads a topic with confluent-kafka's Avro deserializer, holds it against what kcat read (standard input), and counts.

Prints the first record of each type and a summary, each as a line of JSON. Fails where a record is doubled, out of order, or not
as its headers say.
"""

import collections
import json
import os
import sys

from confluent_kafka import Consumer, KafkaError, TopicPartition
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer
from confluent_kafka.serialization import MessageField, SerializationContext

PATIENCE = 60.0


def consume(topic):
    """All committed records of a topic."""
    consumer = Consumer({
        "bootstrap.servers": os.environ["FEIRA_KAFKA_BROKERS"],
        "group.id": "outsiders",
        "isolation.level": "read_committed",
        "enable.auto.commit": False,
        "enable.partition.eof": True,
    })
    partitions = sorted(consumer.list_topics(topic, PATIENCE).topics[topic].partitions)
    consumer.assign([TopicPartition(topic, partition, 0) for partition in partitions])
    left = set(partitions)
    while left:
        message = consumer.poll(PATIENCE)
        assert message is not None, f"{topic}: nothing came for {PATIENCE} s, partitions {left} are not at their end"
        if message.error() is None:
            yield message
        elif message.error().code() == KafkaError._PARTITION_EOF:
            left.discard(message.partition())
        else:
            raise SystemExit(f"{topic}: {message.error()}")
    consumer.close()


def check(topic, seen):
    """Reads and checks a topic; `seen` is what kcat saw: (partition, offset) to (key, headers)."""
    registry = SchemaRegistryClient({"url": os.environ["FEIRA_REGISTRY_URL"]})
    deserialize = AvroDeserializer(registry)
    types, answers, versions = collections.Counter(), collections.Counter(), collections.defaultdict(list)
    ids, last_write = set(), {}
    count = 0
    for message in consume(topic):
        count += 1
        place = (message.partition(), message.offset())
        headers = {name: value.decode() for name, value in message.headers()}
        value = deserialize(message.value(), SerializationContext(topic, MessageField.VALUE, message.headers()))
        meta, kind, key = value["meta"], headers["ce_type"], message.key().decode()

        assert seen.pop(place, None) == (key, headers), f"{topic} {place}: kcat saw another record"
        assert key == meta["tenant_id"] == headers["ce_partitionkey"], f"{topic} {place}: keyed by {key}"
        assert headers["ce_id"] == meta["event_id"] and headers["content-type"] == "application/avro", headers
        assert meta["event_id"] not in ids, f"{topic} {place}: event {meta['event_id']} is there twice"
        ids.add(meta["event_id"])
        assert meta["write_ts"] > last_write.get(message.partition(), 0), f"{topic} {place}: write_ts goes back"
        last_write[message.partition()] = meta["write_ts"]
        if meta["answers"]:
            answers[meta["answers"]["command_id"]] += 1
        entity = kind.rsplit(".", 1)[1]
        if entity.startswith("Product"):
            versions[meta["aggregate_id"]].append(meta["aggregate_version"])
        if not types[kind]:
            print(json.dumps({"topic": topic, "partition": place[0], "offset": place[1], "type": kind, "value": value},
                             default=str))
        types[kind] += 1

    assert count > 0, f"{topic} is empty: run the distributed tests first"
    assert not seen, f"{topic}: kcat saw {len(seen)} records more"
    doubled = [command for command, times in answers.items() if times > 1]
    assert not doubled, f"{topic}: answered twice: {doubled[:5]}"
    torn = {entity: found for entity, found in versions.items() if found != list(range(1, len(found) + 1))}
    assert not torn, f"{topic}: versions are not 1, 2, 3, …: {dict(list(torn.items())[:5])}"
    print(json.dumps({"topic": topic, "records": count, "products": len(versions), "types": types, "doubled": 0}))


def kcat_lines():
    """What kcat printed: one JSON object a line, whose payload is Avro and so no text."""
    seen = {}
    for line in sys.stdin.buffer:
        record = json.loads(line.decode(errors="replace"), strict=False)
        headers = dict(zip(record["headers"][::2], record["headers"][1::2]))
        seen[record["partition"], record["offset"]] = (record["key"], headers)
    return seen


check(sys.argv[1], kcat_lines())
