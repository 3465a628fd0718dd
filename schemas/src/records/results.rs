//! Answers to commands, as they stand on `results` topics.

use super::{
    common::CommandResult,
    sets::{avro_files, record_set},
};

record_set! {
    /// Every `results` topic.
    ResultRecord {
        CommandResult = "feira.common.CommandResult",
    }
}

/// Avro files of what all contexts share.
pub(crate) const AVRO: &[(&str, &str)] = avro_files! {
    "common":
    "Outcome", "Currency", "Money", "FieldProblem", "CommandMeta", "InputPosition", "Answers", "EventMeta",
    "CommandAnswered", "CommandResult", "TimerKey", "TimerSet", "TimerCleared", "Asked", "MailTemplate", "MailFact", "Mail",
    "MailOutcome", "MailWanted", "MailDone", "ReportMail"
};
