//! The environment as a process reads it.

use std::process::Command;

#[test]
fn texts_of_digits_alone_stay_texts_and_the_rest_is_what_it_says() {
    let folder = tempfile::tempdir().unwrap();
    let printed = Command::new(env!("CARGO_BIN_EXE_feira"))
        .arg("config")
        .current_dir(folder.path())
        .env("FEIRA_SECRET", "0".repeat(64))
        .env("FEIRA_OPERATOR_TOKEN", "12345")
        .env("FEIRA_INSTANCE", "1")
        .env("FEIRA_PARTITIONS", "7")
        .env("FEIRA_FETCH_IMAGES", "false")
        .output()
        .unwrap();
    let text = String::from_utf8(printed.stdout).unwrap();
    assert!(printed.status.success(), "{}", String::from_utf8_lossy(&printed.stderr));
    assert!(text.contains("fetch_images: false"), "{text}");
    assert!(text.contains("partitions: 7") && text.contains(r#"instance: "1""#), "{text}");
}
