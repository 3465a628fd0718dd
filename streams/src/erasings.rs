//! The erasings of the log, laid over a keyring that was put back from a copy: a key that was erased after the copy was made lies in
//! it whole, and would open again.

use feira_connectors::{
    keyring::{Keyring, KeyringError},
    log::{LogError, LogRecord, TopicPartition},
};
use feira_schemas::{
    codec::{Codec, CodecError},
    groups::Context,
    records::{Erased, Erasing},
    topics,
};

use crate::{platform::Platform, reading::read};

/// Events read at once.
const PAGE: usize = 500;
/// The name under which this waits for what is away.
const NAME: &str = "restore";

/// What was laid over a keyring.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct LaidOver {
    /// Events that were read.
    pub read: u64,
    /// Those that erase.
    pub events: u64,
    /// Subjects that they name, as often as they do.
    pub subjects: u64,
    /// Keys that the copy still had, and that are erased again.
    pub keys: u64,
}

/// Erasings that were not laid over the keyring, or not all of them. Once the reason is gone it is to be done again, from the start.
#[derive(Debug, thiserror::Error)]
pub enum LayingFailed {
    /// The log refused, or failed.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The keyring refused, failed, or is away.
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    /// An event can't be read, so nobody knows whom it has erased.
    #[error(
        "event {offset} of {at} can't be read, and may erase somebody: {why}; start the program that has written it"
    )]
    Unread {
        /// The partition.
        at: TopicPartition,
        /// The offset of the event there.
        offset: i64,
        /// The reason.
        why: String,
    },
}

/// Lays every erasing of the log over the keyring, and has it let go of the bytes; tells `progress` after each page. `erasing` has the
/// events of each context that erase, as [`Context::erasing`]. Nothing may be opened meanwhile. Doing it again is harmless.
pub async fn lay_over(
    platform: &Platform,
    keyring: &Keyring,
    erasing: impl Fn(Context) -> &'static [Erasing],
    mut progress: impl FnMut(&LaidOver),
) -> Result<LaidOver, LayingFailed> {
    let mut laid = LaidOver::default();
    for context in Context::ALL {
        if erasing(context).is_empty() {
            continue;
        }
        for partition in 0..platform.partitions {
            let at = TopicPartition::new(topics::events(context), partition);
            let (mut from, end) = (platform.log.start(&at).await?, platform.log.end(&at).await?);
            while from < end {
                let page = platform.log.read(&at, from, PAGE).await?;
                for record in &page.records {
                    laid.read += 1;
                    if let Some(erased) = erased(platform, context, erasing(context), record).await? {
                        laid.erase(keyring, &erased).await?;
                    }
                }
                from = page.next;
                progress(&laid);
            }
        }
    }
    if laid.keys > 0 {
        keyring.let_go().await?;
    }
    Ok(laid)
}

impl LaidOver {
    async fn erase(&mut self, keyring: &Keyring, erased: &Erased) -> Result<(), KeyringError> {
        self.events += 1;
        for subject in &erased.subjects {
            self.subjects += 1;
            self.keys += keyring.erase(erased.tenant_id, *subject).await? as u64;
        }
        Ok(())
    }
}

/// Whom an event has erased; `None` where it is none that erases.
async fn erased(
    platform: &Platform,
    context: Context,
    erasing: &[Erasing],
    record: &LogRecord,
) -> Result<Option<Erased>, LayingFailed> {
    let decode = |codec: &Codec, value: &[u8]| {
        let encoded = codec.open(value)?;
        // What a newer program says may erase as well: it is told from what does not belong here.
        if !context.event_names().contains(&encoded.name()) {
            return Err(CodecError::NotInSet { name: encoded.name().to_owned(), set: context.name() });
        }
        let erasing = erasing.iter().find(|erasing| erasing.name == encoded.name());
        erasing.map(|erasing| (erasing.erased)(&encoded)).transpose()
    };
    let unread = |why: String| LayingFailed::Unread { at: record.at.clone(), offset: record.offset, why };
    read(platform, NAME, record, decode).await.map_err(|error| unread(error.to_string()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use std::{fs, path::Path};

    use feira_connectors::{
        clock::wall_clock,
        keyring::{KeyStore, MasterKeys, Opened, Sources},
        log::NewRecord,
    };
    use feira_schemas::{
        codec::Encoded,
        ids::{CommandId, EventId, TenantId},
        records::{
            DirectoryEvent, RecordSet,
            common::{EventMeta, InputPosition},
            directory::{Name, NameConfirmed, NameReleased, NameStatus},
        },
        sealed::{PersonName, Sealed, Subject, SubjectKind},
    };
    use uuid::Uuid;

    use super::*;
    use crate::testing::{platform_of, tenant};

    /// Stands for an event that erases: a name that is released, which is a subject's text.
    const ERASING: &[Erasing] = &[Erasing { name: "feira.directory.NameReleased", erased: released }];

    fn released(encoded: &Encoded<'_>) -> Result<Erased, CodecError> {
        let name = encoded.read::<NameReleased>()?.name;
        let subjects = name.name.split(' ').map(|text| text.parse().unwrap()).collect();
        Ok(Erased { tenant_id: name.tenant_id, subjects })
    }

    fn of_directory(context: Context) -> &'static [Erasing] {
        if context == Context::Directory { ERASING } else { &[] }
    }

    fn event(tenant_id: TenantId, name: &str, released: bool) -> DirectoryEvent {
        let meta = EventMeta {
            event_id: EventId::from_uuid(Uuid::new_v4()),
            tenant_id,
            aggregate_id: name.to_owned(),
            aggregate_version: 1,
            write_ts: 1,
            causation_id: CommandId::from_uuid(Uuid::nil()),
            input: InputPosition { topic: "t".to_owned(), partition: 0, offset: 0 },
            occurred_at: 1,
            actor: "test".to_owned(),
            answers: None,
        };
        let name = Name { name: name.to_owned(), tenant_id, status: NameStatus::Released, until: None };
        if released { NameReleased { meta, name }.into() } else { NameConfirmed { meta, name }.into() }
    }

    async fn append(platform: &Platform, partition: u32, value: Vec<u8>) {
        let record = NewRecord {
            topic: topics::events(Context::Directory).into(),
            partition: Some(partition),
            key: "k".into(),
            value: Some(value.into()),
            headers: Vec::new(),
        };
        platform.log.append(vec![record]).await.unwrap();
    }

    async fn keyring(folder: &Path) -> Keyring {
        let masters = MasterKeys::parse(&format!("m:{}", "ab".repeat(32)).as_str().into()).unwrap();
        Keyring::open(KeyStore::embedded(folder).unwrap(), masters, Sources::of_this_machine()).await.unwrap()
    }

    fn copy(from: &Path, to: &Path) {
        fs::create_dir_all(to).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            let (path, target) = (entry.path(), to.join(entry.file_name()));
            if path.is_dir() {
                copy(&path, &target);
            } else {
                fs::copy(path, target).unwrap();
            }
        }
    }

    #[tokio::test]
    async fn a_keyring_from_before_an_erasing_opens_nothing_that_was_erased_once_it_is_laid_over() {
        let folder = tempfile::tempdir().unwrap();
        let platform = platform_of(folder.path(), 2, wall_clock()).await;
        let (live, kept) = (folder.path().join("keyring"), folder.path().join("kept"));
        let (one, two) = (tenant(1), tenant(2));
        let subjects: Vec<Subject> =
            (0..4).map(|number| Subject::new(SubjectKind::Order, Uuid::from_u128(number))).collect();
        let mut sealed: Vec<(TenantId, Subject, Sealed<PersonName>)> = Vec::new();
        let keys = keyring(&live).await;
        for (tenant, subject) in
            [one, two].into_iter().flat_map(|tenant| subjects.iter().map(move |one| (tenant, *one)))
        {
            let sealer = keys.mint(tenant, subject).await.unwrap();
            sealed.push((tenant, subject, sealer.seal(&PersonName::new("Ana").unwrap()).unwrap()));
        }
        drop(keys);
        copy(&live, &kept);

        // Erased in both partitions: three of one tenant, one of the other. A name that is confirmed erases nobody.
        let gone = [(one, 0), (one, 1), (one, 2), (two, 3)];
        let (first, second) = (format!("{} {}", subjects[0], subjects[1]), subjects[2].to_string());
        let of_two = subjects[3].to_string();
        for (partition, event) in [
            (0, event(one, &first, true)),
            (0, event(two, &subjects[0].to_string(), false)),
            (1, event(one, &second, true)),
            (1, event(two, &of_two, true)),
            (1, event(two, &of_two, true)),
        ] {
            append(&platform, partition, event.encode(&platform.codec).unwrap()).await;
        }

        let restored = keyring(&kept).await;
        let mut pages = 0;
        let laid = lay_over(&platform, &restored, of_directory, |_| pages += 1).await.unwrap();
        assert_eq!(laid, LaidOver { read: 5, events: 4, subjects: 5, keys: 4 });
        assert_eq!(pages, 2);
        for (tenant, subject, value) in &sealed {
            let erased = gone.iter().any(|(of, number)| (of, &subjects[*number]) == (tenant, subject));
            let opened = restored.unseal(*tenant, value).await.unwrap();
            assert_eq!(matches!(opened, Opened::Erased), erased, "{tenant} {subject}");
            assert!(erased || matches!(opened, Opened::Value(_)), "{tenant} {subject}");
        }
        let again = lay_over(&platform, &restored, of_directory, |_| ()).await.unwrap();
        assert_eq!(again, LaidOver { keys: 0, ..laid });
        assert_eq!(lay_over(&platform, &restored, |_| &[], |_| ()).await.unwrap(), LaidOver::default());

        // An event that nobody here can read may erase somebody.
        append(&platform, 0, b"no record".to_vec()).await;
        let unread = lay_over(&platform, &restored, of_directory, |_| ()).await.unwrap_err();
        assert!(matches!(&unread, LayingFailed::Unread { offset: 2, .. }), "{unread}");
        assert!(unread.to_string().contains("directory.events"), "{unread}");
    }
}
