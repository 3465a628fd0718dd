//! Mail files: whole or not there, durable, for their owner alone, and gone with their subject.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use feira_connectors::mail::{Mail, MailError, Message, NotSent, Outcome};
use feira_schemas::{
    ids::{EffectId, TenantId},
    sealed::{Subject, SubjectKind},
};
use uuid::Uuid;

use crate::given::{AT, files_below, message, platform};

fn numbered(number: u128) -> Message {
    Message { effect: EffectId::from_uuid(Uuid::from_u128(number)), ..message() }
}

#[tokio::test]
async fn a_mail_lies_below_its_subject_for_its_owner_alone_and_comes_once() {
    let data = tempfile::tempdir().unwrap();
    let folder = data.path().join("mail");
    let mail = Mail::folder(&folder, &platform()).unwrap();
    assert!(!folder.exists(), "nothing is made before there is a mail");
    let message = message();
    for _ in 0..2 {
        assert_eq!(mail.send(&message, AT).await, Outcome::Sent);
    }
    let below = folder.join(message.tenant.to_string()).join(format!("order-{}", message.subject_of.id()));
    let file = below.join(format!("{}.eml", message.effect));
    assert_eq!(mail.place(&message), file.display().to_string());
    assert_eq!(files_below(data.path()), [file.as_path()]);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&file), mode(&below), mode(&folder)), (0o600, 0o700, 0o700));
}

#[tokio::test]
async fn a_subject_that_is_forgotten_leaves_no_file_and_others_stay() {
    let data = tempfile::tempdir().unwrap();
    let mail = Mail::folder(&data.path().join("mail"), &platform()).unwrap();
    let first = message();
    let other_tenant = Message { tenant: TenantId::from_uuid(Uuid::from_u128(9)), ..message() };
    let other_subject = Message { subject_of: Subject::new(SubjectKind::Staff, first.subject_of.id()), ..message() };
    mail.forget(first.tenant, first.subject_of).await.unwrap();
    for message in [&first, &numbered(5), &other_tenant, &other_subject] {
        assert_eq!(mail.send(message, AT).await, Outcome::Sent);
    }
    let below = Path::new(&mail.place(&first)).parent().unwrap().to_owned();
    // What a writing that was interrupted has left is the person's as well.
    fs::write(below.join("half.new"), "Ana").unwrap();
    for _ in 0..2 {
        mail.forget(first.tenant, first.subject_of).await.unwrap();
        let mut left: Vec<_> = files_below(data.path()).iter().map(|file| file.display().to_string()).collect();
        left.sort_unstable();
        let mut expected = [mail.place(&other_tenant), mail.place(&other_subject)];
        expected.sort_unstable();
        assert_eq!(left, expected);
    }
    assert!(!below.exists());
    assert_eq!(mail.send(&first, AT).await, Outcome::Sent, "a subject's next mail is a mail like any other");
}

#[tokio::test]
async fn a_folder_that_takes_nothing_costs_no_mail() {
    let data = tempfile::tempdir().unwrap();
    let folder = data.path().join("mail");
    fs::write(&folder, "a file where the folder belongs").unwrap();
    let mail = Mail::folder(&folder, &platform()).unwrap();
    let message = message();
    assert_eq!(mail.send(&message, AT).await, Outcome::NotSent(NotSent::Folder));
    match mail.forget(message.tenant, message.subject_of).await {
        Err(MailError::Unavailable(why)) => assert!(why.contains("mail") && !why.contains("ana@"), "{why}"),
        other => panic!("{other:?}"),
    }
    fs::remove_file(&folder).unwrap();
    assert_eq!(mail.send(&message, AT).await, Outcome::Sent);
}

const CHILD_FOLDER: &str = "FEIRA_MAIL_CHILD_FOLDER";
const SENT: &str = "sent ";

/// A process that sends one mail after the other and says which, run by this command.
fn child(folder: &Path, mut command: Command) -> std::process::Child {
    let arguments = ["--exact", "folder::child_that_sends_until_it_is_killed", "--ignored", "--nocapture"];
    command.args(arguments).env(CHILD_FOLDER, folder).stdout(Stdio::piped()).spawn().unwrap()
}

#[tokio::test]
async fn a_process_that_is_killed_leaves_whole_mails_alone() {
    let data = tempfile::tempdir().unwrap();
    let folder = data.path().join("mail");
    let mail = Mail::folder(&folder, &platform()).unwrap();
    for round in 0..20 {
        let mut child = child(&folder, Command::new(std::env::current_exe().unwrap()));
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        // At another moment of a writing each time.
        let mut said = lines.by_ref().map(Result::unwrap).filter(|line| line.contains(SENT));
        said.next().unwrap();
        std::thread::sleep(Duration::from_micros(137 * round));
        child.kill().unwrap();
        child.wait().unwrap();
        let sent: Vec<String> = said.collect();
        let files = files_below(&folder);
        for file in &files {
            match file.extension().and_then(|kind| kind.to_str()) {
                Some("eml") => {
                    let written = fs::read_to_string(file).unwrap();
                    let whole = written.starts_with("From: ") && written.ends_with("--\r\n");
                    assert!(whole, "{}: half a mail", file.display());
                }
                other => assert_eq!(other, Some("new"), "{}", file.display()),
            }
        }
        for line in sent {
            let (_, effect) = line.split_once(SENT).unwrap();
            assert!(files.iter().any(|file| file.ends_with(format!("{effect}.eml"))), "{effect} was sent");
        }
        // What is left of an interrupted writing hinders neither the next one nor the forgetting.
        assert_eq!(mail.send(&numbered(0), AT).await, Outcome::Sent);
        mail.forget(message().tenant, message().subject_of).await.unwrap();
        assert!(files_below(&folder).is_empty());
    }
}

/// True where strace can watch a process; says so where it can't.
fn can_trace() -> bool {
    let tried = Command::new("strace").args(["-f", "-o", "/dev/null", "true"]).stderr(Stdio::null()).status();
    if tried.is_ok_and(|status| status.success()) {
        return true;
    }
    assert_ne!(std::env::var("FEIRA_REQUIRE").as_deref(), Ok("all"), "FEIRA_REQUIRE=all, but strace can't trace");
    println!("skipped: strace is not installed or may not trace");
    false
}

#[tokio::test]
async fn a_process_that_is_killed_between_writing_and_moving_leaves_no_mail() {
    if !can_trace() {
        return;
    }
    let data = tempfile::tempdir().unwrap();
    let folder = data.path().join("mail");
    let mut strace = Command::new("strace");
    strace.args(["-f", "-qq", "-e", "inject=rename,renameat,renameat2:signal=KILL:when=1", "-o"]);
    strace.arg(data.path().join("trace")).arg(std::env::current_exe().unwrap());
    let mut child = child(&folder, strace);
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert_eq!(lines.map(Result::unwrap).filter(|line| line.contains(SENT)).count(), 0);
    child.wait().unwrap();
    let files = files_below(&folder);
    let [half] = &files[..] else { panic!("{files:?}") };
    assert_eq!(half.extension().and_then(|kind| kind.to_str()), Some("new"));
    let mail = Mail::folder(&folder, &platform()).unwrap();
    assert_eq!(mail.send(&numbered(1), AT).await, Outcome::Sent);
    assert_eq!(files_below(&folder), [half.with_extension("eml")], "sent again, it takes the place of what was left");
}

/// Seen from outside, in the order of the system calls: a mail's bytes, and then its place, are on the disk before it counts as sent.
#[test]
fn a_mail_is_on_the_disk_before_it_is_said_to_be_sent() {
    if !can_trace() {
        return;
    }
    let data = tempfile::tempdir().unwrap();
    let trace = data.path().join("trace");
    let mut strace = Command::new("strace");
    strace
        .args(["-f", "-y", "-qq", "-s", "256", "-e", "trace=fsync,rename,renameat,renameat2,write", "-o"])
        .arg(&trace);
    strace.arg(std::env::current_exe().unwrap());
    let mut child = child(&data.path().join("mail"), strace);
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert_eq!(lines.map(Result::unwrap).filter(|line| line.contains(SENT)).take(3).count(), 3);
    // Its output is closed, so the next line ends it, and strace with it.
    child.wait().unwrap();
    let (mut file, mut moved, mut folder, mut sent) = (0, 0, 0, 0);
    for line in fs::read_to_string(trace).unwrap().lines() {
        if line.contains("fsync(") && line.contains(".new") {
            file += 1;
        }
        if line.contains("rename") && line.contains(".eml") {
            moved += 1;
            assert!(file >= moved, "moved to its place before its bytes were on the disk");
        }
        if line.contains("fsync(") && line.contains("/order-") && !line.contains(".new") {
            folder += 1;
        }
        if line.contains("write(1<") && line.contains(SENT) {
            sent += 1;
            assert!(moved >= sent && folder >= sent, "{sent} were said to be sent, {moved} moved, {folder} synced");
        }
    }
    assert!(sent >= 3, "{sent}");
}

/// Not a test of its own: the process that the tests above watch.
#[tokio::test]
#[ignore = "is run by the tests above"]
async fn child_that_sends_until_it_is_killed() {
    let folder = std::env::var(CHILD_FOLDER).expect("set by the test that starts this process");
    let mail = Mail::folder(Path::new(&folder), &platform()).unwrap();
    for number in 1.. {
        let long = Message { html: "é".repeat(100 << 10).into(), ..numbered(number) };
        assert_eq!(mail.send(&long, AT).await, Outcome::Sent);
        let line = format!("{SENT}{}\n", long.effect);
        if std::io::stdout().write_all(line.as_bytes()).is_err() {
            return;
        }
    }
}
