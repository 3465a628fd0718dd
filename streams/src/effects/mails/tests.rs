#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[allow(dead_code, missing_docs)]
#[path = "../../../../connectors/tests/mail/server.rs"]
mod server;
mod telling;

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use feira_connectors::{
    clock::wall_clock,
    keyring::{KeyStore, Keyring, MasterKeys, Sealer, Sources},
    log::{LogRecord, TopicPartition},
    mail::{self, MailSettings, SmtpSecurity, SmtpSettings},
};
use feira_schemas::{
    groups::{Context, Role},
    ids::{AccountId, CommandId, KeyId, Micros, StaffId},
    records::{
        PaymentsCommand, PaymentsEvent, RecordSet,
        common::{CommandMeta, Outcome},
        mails::{Mail, MailDone, MailFact, MailOutcome, MailTemplate},
        payments::{
            AccountKind, AttemptOutcome, EffectKind, ReportAttempt, SaveAccount, Standing, StandingStatus, Why,
        },
    },
    row::Write,
    rows::{payments::StandingRow, platform::MailTryRow},
    sealed::{CallbackSecret, Email, Envelope, GatewayKey, Personal, Sealed, Subject, SubjectKind},
    secrets::Secrets,
    signup_link::{SignupLink, SignupPurpose},
    staff::{FORGOTTEN_FOR, INVITED_FOR, LinkPurpose, StaffLink},
    time::{Clock, DAY},
    topics,
};
use tempfile::TempDir;
use tokio::{
    runtime::Handle,
    sync::watch,
    task::JoinHandle,
    time::{sleep, timeout},
};
use uuid::Uuid;

use self::server::{Act, Rules, Server};
use super::*;
use crate::{
    testing::{platform_of, tenant},
    wiring::{Parts, Wiring, WiringSettings},
};

const SHOP_NAME: &str = "Loja São João & Filhos <3>";
const KEY: &str = "sk_test_never_in_a_mail";
const SECOND: Micros = 1_000_000;

/// Payments without gateways, by a clock that the test moves.
struct Bed {
    platform: Platform,
    keyring: Keyring,
    wiring: Wiring,
    ahead: Arc<AtomicI64>,
    folder: TempDir,
    deciding: Option<Parts>,
    _others: Parts,
}

/// The runner, which ends as a process does that is told to, or as one that is killed.
struct Running {
    stop: watch::Sender<bool>,
    task: JoinHandle<Result<(), EffectError>>,
}

impl Running {
    async fn stop(self) {
        self.stop.send(true).unwrap();
        self.task.await.unwrap().unwrap();
    }

    async fn kill(self) {
        self.task.abort();
        assert!(self.task.await.unwrap_err().is_cancelled());
    }
}

impl Bed {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (ahead, machine) = (Arc::new(AtomicI64::new(0)), wall_clock());
        let (wall, steady) = ((machine.clone(), Arc::clone(&ahead)), (machine, Arc::clone(&ahead)));
        let clock = Clock::new(
            move || wall.0.now() + wall.1.load(Ordering::Relaxed),
            move || steady.0.steady() + steady.1.load(Ordering::Relaxed),
        );
        let platform = platform_of(folder.path(), 2, clock).await;
        let standing = Standing {
            status: StandingStatus::Open,
            version: 1,
            source_version: 1,
            shop_name: Some(SHOP_NAME.into()),
            settings_version: 1,
        };
        let row = StandingRow { tenant_id: tenant(1), standing };
        platform.state.write(&[Write::put(row, 1)]).await.unwrap();
        let others = Parts::on(Handle::current());
        let settings = WiringSettings {
            shards: folder.path().join("shards"),
            images: None,
            domains: None,
            gateways: None,
            mails: None,
            instance: None,
            threads: 1,
        };
        let wiring = Wiring::open(platform.clone(), settings, others.stopped()).await.unwrap();
        let keyring = keyring(&folder.path().join("keyring")).await;
        let mut bed = Self { platform, keyring, wiring, ahead, folder, deciding: None, _others: others };
        bed.decide().await;
        bed
    }

    async fn decide(&mut self) {
        let mut parts = Parts::on(Handle::current());
        self.wiring.run(&[Role::Context(Context::Payments)].into(), &mut parts).await.unwrap();
        self.deciding = Some(parts);
    }

    async fn pause(&mut self) {
        self.deciding.take().unwrap().stop().await.unwrap();
    }

    fn pass(&self, time: Micros) {
        self.ahead.fetch_add(time, Ordering::Relaxed);
    }

    async fn send(&self, command: impl Into<PaymentsCommand>) {
        let key = tenant(1).to_string();
        let sent = self.wiring.commands.send(&key, command.into(), None, Duration::from_secs(60)).await.unwrap();
        assert!(matches!(sent.outcome, Outcome::Created | Outcome::Updated), "{sent:?}");
    }

    /// The gateway refuses the key of an account of this number, whose merchant is told at an address; gives the mail.
    async fn broken(&self, number: u128, keyring: &Keyring) -> Mail {
        let account = AccountId::from_uuid(Uuid::from_u128(number));
        let sealer = keyring.mint(tenant(1), Subject::new(SubjectKind::Account, account.uuid())).await.unwrap();
        let (save, report) = (meta(number, "save"), meta(number, "report"));
        let effect_id = EffectId::from_uuid(save.command_id.uuid());
        self.send(SaveAccount {
            meta: save,
            account_id: account,
            name: "Conta <b>principal</b>".into(),
            gateway: "pagarme".into(),
            kind: AccountKind::WholeService,
            public_key: "pk_1".into(),
            key: Some(seal(&sealer, GatewayKey::new(KEY).unwrap())),
            callback: Some(seal(&sealer, CallbackSecret::new("feira:0123456789").unwrap())),
            callback_hash: None,
            make_default: false,
            simulated: false,
            notify_email: Some(seal(&sealer, Email::new("dona@loja.example").unwrap())),
            forget_notify_email: false,
        })
        .await;
        self.send(ReportAttempt {
            meta: report,
            effect_id,
            kind: EffectKind::Check,
            entity: account.to_string(),
            charge_id: None,
            attempt: 1,
            outcome: AttemptOutcome::Refused,
            why: Some(Why::Account.word().into()),
            reasons: Vec::new(),
            observed: None,
            remote_account: None,
            plan: None,
            saved_card: None,
            subscription: None,
        })
        .await;
        let of_account = |event: &PaymentsEvent| match event {
            PaymentsEvent::MailWanted(event) => {
                let of = event.mail.recipient.envelope().subject().id();
                (of == account.uuid()).then(|| event.mail.clone())
            }
            _ => None,
        };
        let wanted: Vec<Mail> = self.events().await.iter().filter_map(of_account).collect();
        let [mail] = wanted.try_into().unwrap_or_else(|all| panic!("one mail is wanted: {all:?}"));
        mail
    }

    /// Everything that payments has said.
    async fn events(&self) -> Vec<PaymentsEvent> {
        let mut events = Vec::new();
        for partition in 0..self.platform.partitions {
            let at = TopicPartition::new(topics::events(Context::Payments), partition);
            let page = self.platform.log.read(&at, 0, 1_000).await.unwrap();
            let value = |record: &LogRecord| record.value.clone().unwrap();
            let decoded = page.records.iter().map(|record| PaymentsEvent::decode(&self.platform.codec, &value(record)));
            events.extend(decoded.map(Result::unwrap));
        }
        events
    }

    async fn open(&self) -> Vec<WantedMail> {
        let page = self.platform.state.scan_table::<MailRow>(None, 100).await.unwrap();
        page.rows.into_iter().map(Into::into).collect()
    }

    /// What became of so many mails, by the events, once none is open.
    async fn done(&self, mails: usize) -> Vec<(EffectId, MailOutcome, Option<String>)> {
        let mut done = Vec::new();
        until("mails are done", async || {
            done = self.ended().await;
            done.len() >= mails && self.open().await.is_empty()
        })
        .await;
        let open = self.platform.state.scan_table::<OpenMailRow>(None, 100).await.unwrap();
        assert_eq!(open.rows, [], "rows by partition go with the others");
        assert_eq!(done.len(), mails, "each is closed once: {done:?}");
        done
    }

    async fn ended(&self) -> Vec<(EffectId, MailOutcome, Option<String>)> {
        let ended = self.events().await.into_iter().filter_map(|event| match event {
            PaymentsEvent::MailDone(MailDone { mail_id, outcome, why, .. }) => Some((mail_id, outcome, why)),
            _ => None,
        });
        ended.collect()
    }

    async fn tried(&self, mail: EffectId) -> Option<MailTryRow> {
        self.platform.state.get::<MailTryRow>(&MailTryRow::at(tenant(1), mail)).await.unwrap()
    }

    async fn run(&self, mail: &mail::Mail) -> Running {
        let ports = MailPorts { mail: mail.clone(), keyring: self.keyring.clone(), links: links() };
        let (platform, commands) = (self.platform.clone(), Arc::clone(&self.wiring.commands));
        let runner = Mails::<OfPayments>::join(platform, commands, ports, None).await.unwrap();
        let (stop, stopped) = watch::channel(false);
        Running { stop, task: tokio::spawn(runner.run(stopped)) }
    }

    fn mail_folder(&self) -> PathBuf {
        self.folder.path().join("mail")
    }
}

async fn keyring(folder: &Path) -> Keyring {
    let masters = MasterKeys::parse(&format!("m:{}", "ab".repeat(32)).as_str().into()).unwrap();
    Keyring::open(KeyStore::embedded(folder).unwrap(), masters, Sources::of_this_machine()).await.unwrap()
}

fn links() -> Links {
    let secrets = format!("index:{},bed:{}", "08".repeat(32), "09".repeat(32));
    Links { secrets: Secrets::parse(&secrets.as_str().into()).unwrap(), origin: "https://feira.example".into() }
}

fn seal<T: Personal>(sealer: &Sealer, value: T) -> Sealed<T> {
    sealer.seal(&value).unwrap()
}

fn meta(number: u128, verb: &str) -> CommandMeta {
    let tenant_id = tenant(1);
    CommandMeta {
        command_id: CommandId::from_client_key(tenant_id, "test", verb, "", &number.to_string()),
        tenant_id,
        actor: "test".into(),
        issued_at: 0,
        body_hash: String::new(),
        keyed: false,
        expected_version: None,
    }
}

fn settings() -> MailSettings {
    MailSettings { from: Email::new("nao-responda@feira.example").unwrap(), dkim: None }
}

fn by(server: &Server) -> mail::Mail {
    smtp(server.port())
}

fn smtp(port: u16) -> mail::Mail {
    let server = SmtpSettings::parse(&format!("smtp://127.0.0.1:{port}")).unwrap();
    mail::Mail::smtp(&SmtpSettings { security: SmtpSecurity::None, ..server }, &settings()).unwrap()
}

/// Waits for a condition, which a minute is enough for.
async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let wait = async {
        while !holds().await {
            sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(Duration::from_secs(60), wait).await.unwrap_or_else(|_| panic!("in vain: {what}"));
}

fn message_id(mail: &Mail) -> String {
    format!("Message-ID: <{}@feira.example>", mail.mail_id)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_is_a_file_below_its_subject_and_is_closed_by_an_event() {
    let bed = Bed::new().await;
    let in_folder = mail::Mail::folder(&bed.mail_folder(), &settings()).unwrap();
    let running = bed.run(&in_folder).await;
    let wanted = bed.broken(1, &bed.keyring).await;
    assert_eq!(bed.done(1).await, [(wanted.mail_id, MailOutcome::Sent, None)]);
    let account = AccountId::from_uuid(Uuid::from_u128(1));
    let file = bed.mail_folder().join(tenant(1).to_string()).join(format!("account-{account}"));
    let file = fs::read_to_string(file.join(format!("{}.eml", wanted.mail_id))).unwrap();
    assert!(file.contains(&message_id(&wanted)) && file.contains("To: dona@loja.example"), "{file}");
    assert!(file.contains("<nao-responda@feira.example>") && !file.contains(KEY), "{file}");
    assert_eq!(bed.tried(wanted.mail_id).await, None, "no try was in vain");
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_was_sent_and_not_reported_is_sent_again_with_the_same_bytes() {
    let mut bed = Bed::new().await;
    let server = Server::start(Rules::default()).await;
    let wanted = bed.broken(1, &bed.keyring).await;
    // Nobody decides, so that no report is heard before the process is killed.
    bed.pause().await;
    for times in 1..=2 {
        let running = bed.run(&by(&server)).await;
        until("the server has taken it", async || server.taken().len() == times).await;
        running.kill().await;
        // Minutes later, which the mail does not tell.
        bed.pass(10 * 60 * SECOND);
    }
    let taken = server.taken();
    assert!(taken[0].mail.contains(&message_id(&wanted)), "{}", taken[0].mail);
    assert_eq!(taken[0].mail, taken[1].mail);
    bed.decide().await;
    let running = bed.run(&by(&server)).await;
    assert_eq!(bed.done(1).await, [(wanted.mail_id, MailOutcome::Sent, None)], "it is reported once");
    // Another is sent beside it, and the first is closed once for all that.
    let next = bed.broken(2, &bed.keyring).await;
    let done = bed.done(2).await;
    assert!(done.contains(&(next.mail_id, MailOutcome::Sent, None)), "{done:?}");
    let id = message_id(&next);
    assert_eq!(server.taken().iter().filter(|taken| taken.mail.contains(&id)).count(), 1);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_nobody_takes_waits_longer_each_time_whichever_process_tries() {
    let bed = Bed::new().await;
    let wanted = bed.broken(1, &bed.keyring).await;
    let id = wanted.mail_id;
    // The socket keeps the port from every other server of these tests.
    let held = tokio::net::TcpSocket::new_v4().unwrap();
    held.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let nobody = smtp(held.local_addr().unwrap().port());
    let running = bed.run(&nobody).await;
    let mut tries = 0;
    for wait in [5, 20, 80, 300, 300] {
        tries += 1;
        until("it was tried", async || bed.tried(id).await.is_some_and(|row| row.tries == tries)).await;
        let row = bed.tried(id).await.unwrap();
        assert_eq!(row.due - row.tried_at, wait * SECOND, "behind try {tries}");
        assert!(row.outcome.starts_with("not sent"), "{row:?}");
        if tries < 5 {
            bed.pass(wait * SECOND);
        }
    }
    running.stop().await;
    // Unknown is tried again as well. It is another process, which keeps to the row's time.
    let ends = Server::start(Rules { acts: vec![(".", Act::End)], ..Rules::default() }).await;
    let running = bed.run(&by(&ends)).await;
    bed.pass(300 * SECOND);
    until("it was tried", async || bed.tried(id).await.is_some_and(|row| row.tries == 6)).await;
    assert!(bed.tried(id).await.unwrap().outcome.starts_with("perhaps sent"));
    assert_eq!(ends.connections(), 1, "it was not tried before its time");
    running.stop().await;
    let server = Server::start(Rules::default()).await;
    let running = bed.run(&by(&server)).await;
    bed.pass(300 * SECOND);
    assert_eq!(bed.done(1).await, [(id, MailOutcome::Sent, None)]);
    assert_eq!(server.taken().len(), 1);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_is_refused_for_good_is_closed_and_tried_once() {
    let bed = Bed::new().await;
    let wanted = bed.broken(1, &bed.keyring).await;
    let server =
        Server::start(Rules { acts: vec![("RCPT", Act::Say("550 5.1.1 no such user here"))], ..Rules::default() })
            .await;
    let running = bed.run(&by(&server)).await;
    let done = bed.done(1).await;
    let [(id, MailOutcome::Refused, Some(why))] = &done[..] else { panic!("{done:?}") };
    assert!(*id == wanted.mail_id && why.contains("550 5.1.1") && !why.contains("user here"), "{why}");
    assert_eq!((server.taken().len(), server.connections()), (0, 1));
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recipient_that_was_erased_gets_none() {
    let bed = Bed::new().await;
    let wanted = bed.broken(1, &bed.keyring).await;
    let subject = wanted.recipient.envelope().subject();
    assert!(bed.keyring.erase(tenant(1), subject).await.unwrap() > 0);
    let server = Server::start(Rules::default()).await;
    let running = bed.run(&by(&server)).await;
    assert_eq!(bed.done(1).await, [(wanted.mail_id, MailOutcome::Erased, None)]);
    assert_eq!(server.connections(), 0);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_whose_key_is_lost_is_no_erased_one_and_waits_until_its_time_is_over() {
    let bed = Bed::new().await;
    // The key was minted in a keyring that this one knows nothing of.
    let other = keyring(&bed.folder.path().join("other")).await;
    let lost = bed.broken(1, &other).await;
    let server = Server::start(Rules::default()).await;
    let running = bed.run(&by(&server)).await;
    // What comes later passes it.
    let second = bed.broken(2, &bed.keyring).await;
    until("the other one is closed", async || bed.ended().await == [(second.mail_id, MailOutcome::Sent, None)]).await;
    assert_eq!(server.taken().len(), 1);
    bed.pass(7 * DAY);
    assert!(bed.done(2).await.contains(&(lost.mail_id, MailOutcome::Expired, None)));
    running.stop().await;
}
