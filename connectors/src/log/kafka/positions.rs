//! The call that puts positions into a transaction, by a thread that can be left behind.
//!
//! The library asks the group's coordinator in it, and the call's own time-out ends nothing (librdkafka 2.12.1). One that does not
//! answer it waits a minute for (findings/librdkafka-offsets-timeout.sh); once one has gone, it may ask who is coordinator now only
//! when some connection of the producer comes up or goes down (`rd_kafka_coord_req_fsm`).

use std::{
    sync::mpsc::{self, Receiver, Sender},
    time::Duration,
};

use rdkafka::{
    TopicPartitionList,
    consumer::ConsumerGroupMetadata,
    error::KafkaError,
    producer::{FutureProducer, Producer},
};

use super::{spawn, steps::repeat};
use crate::log::error::LogError;

/// The time after which the call is given up with its producer: longer than it is told to take, which it mostly
/// obeys.
const GIVEN_UP_AFTER: Duration = Duration::from_secs(5);

/// Puts positions into a producer's transactions.
pub(super) struct Positions {
    asks: Sender<Ask>,
}

struct Ask {
    positions: TopicPartitionList,
    group: ConsumerGroupMetadata,
    answer: Sender<Result<(), KafkaError>>,
}

impl Positions {
    /// Starts the thread. It lives as long as this, or as a call of its that hangs.
    pub(super) fn of(producer: FutureProducer) -> Result<Self, LogError> {
        let (asks, asked) = mpsc::channel();
        spawn("log-positions".to_owned(), "a thread", move || answer(&producer, &asked))?;
        Ok(Self { asks })
    }

    /// Makes the call; none when it hangs. Then the producer can do nothing more, and is to be given up.
    pub(super) fn send(
        &self,
        positions: TopicPartitionList,
        group: ConsumerGroupMetadata,
    ) -> Option<Result<(), KafkaError>> {
        let (answer, answered) = mpsc::channel();
        self.asks.send(Ask { positions, group, answer }).ok()?;
        answered.recv_timeout(GIVEN_UP_AFTER).ok()
    }
}

fn answer(producer: &FutureProducer, asked: &Receiver<Ask>) {
    for Ask { positions, group, answer } in asked {
        let sent = repeat(|left| producer.send_offsets_to_transaction(&positions, &group, left));
        // Who asked may have given it up.
        let _ = answer.send(sent);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::time::Instant;

    use rdkafka::{
        ClientConfig, Offset,
        consumer::{BaseConsumer, Consumer},
        mocking::{MockCluster, MockCoordinator},
    };

    use super::super::{
        pulse::Pulse,
        writer::{Failure, Writer},
    };
    use super::*;

    /// Longer than a writer may take with all its steps.
    const PATIENCE: Duration = Duration::from_secs(30);

    #[test]
    fn f39_a_coordinator_that_hangs_costs_a_writer_and_not_the_member() {
        let cluster = MockCluster::new(3).unwrap();
        cluster.create_topic("events", 1, 3).unwrap();
        cluster.coordinator(MockCoordinator::Transaction("writer".into()), 1).unwrap();
        cluster.coordinator(MockCoordinator::Group("group".into()), 2).unwrap();
        let mut client = ClientConfig::new();
        client.set("bootstrap.servers", cluster.bootstrap_servers());
        let reader: BaseConsumer = client.clone().set("group.id", "group").create().unwrap();
        let mut positions = TopicPartitionList::new();
        positions.add_partition_offset("events", 0, Offset::Offset(7)).unwrap();
        let mut writer = Writer::new(client, "writer", Pulse::default());
        let commit = |writer: &mut Writer| writer.commit(&[], positions.clone(), reader.group_metadata().unwrap());

        writer.recover().unwrap();
        assert!(commit(&mut writer).is_ok());
        // It answers long after the call was to end, and another one is asked by whoever asks anew.
        cluster.broker_round_trip_time(2, 2 * PATIENCE).unwrap();
        cluster.coordinator(MockCoordinator::Group("group".into()), 3).unwrap();
        let begun = Instant::now();
        assert!(matches!(commit(&mut writer), Err(Failure::Lost(_))));
        assert!(writer.is_lost() && begun.elapsed() < PATIENCE);
        writer.recover().unwrap();
        assert!(commit(&mut writer).is_ok(), "a new one asks who is coordinator");
    }
}
