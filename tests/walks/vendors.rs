//! The simulator of gateways, asked by those who know it by the vendors' published libraries alone.

use std::{env, path::Path};

use tokio::process::Command;

#[tokio::test]
async fn f37_the_vendors_own_client_libraries_pass_against_the_simulator_unchanged() {
    if env::var("FEIRA_REQUIRE").as_deref() != Ok("all") {
        println!("skipped: the libraries come from their registry, which is asked where FEIRA_REQUIRE=all");
        return;
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/outsiders/vendors.sh");
    let output = Command::new(script).output().await.unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}\n{errors}", String::from_utf8_lossy(&output.stdout));
}
