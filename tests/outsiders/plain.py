"""Counts a topic's records with kafka-python and aiokafka as installed, without any library for a codec: plain.py TOPIC RECORDS.

Both have to read RECORDS of them, which is what another client has read.
"""

import asyncio
import json
import os
import sys

from aiokafka import AIOKafkaConsumer
from kafka import KafkaConsumer, TopicPartition

PATIENCE = 60.0
topic, wanted = sys.argv[1], int(sys.argv[2])
settings = {
    "bootstrap_servers": os.environ["FEIRA_KAFKA_BROKERS"],
    "isolation_level": "read_committed",
    "auto_offset_reset": "earliest",
    "group_id": None,
}


def kafka_python():
    consumer = KafkaConsumer(consumer_timeout_ms=int(PATIENCE * 1000), **settings)
    consumer.assign([TopicPartition(topic, partition) for partition in consumer.partitions_for_topic(topic)])
    read = 0
    while read < wanted and next(consumer, None) is not None:
        read += 1
    consumer.close()
    return read


async def aio():
    consumer = AIOKafkaConsumer(topic, **settings)
    await consumer.start()
    try:
        for _ in range(wanted):
            await asyncio.wait_for(consumer.getone(), PATIENCE)
    finally:
        await consumer.stop()
    return wanted


for name, read in (("kafka-python", kafka_python()), ("aiokafka", asyncio.run(aio()))):
    assert read == wanted, f"{topic}: {name} has read {read} of {wanted} records"
    print(json.dumps({"topic": topic, "client": name, "records": read}))
