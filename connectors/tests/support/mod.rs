//! What the contract suites share.

/// The address in this environment variable. Without it the adapter's part of a suite is left out, which is said; where
/// `FEIRA_REQUIRE=all` promises that every service is there, a missing one is a failure.
pub fn service(variable: &str) -> Option<String> {
    if let Ok(address) = std::env::var(variable) {
        return Some(address);
    }
    let required = std::env::var("FEIRA_REQUIRE").is_ok_and(|required| required == "all");
    assert!(!required, "FEIRA_REQUIRE=all, but {variable} is not set (tests/services/services.sh start prints it)");
    eprintln!("{variable} is not set: this suite runs on the embedded adapter alone");
    None
}
