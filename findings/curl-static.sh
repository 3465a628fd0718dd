#!/usr/bin/env bash
# Behaviour: the feature `curl-static` compiles libcurl, but librdkafka is built without it. The build passes, and only
#   configure's output, which cargo hides, says so. At run time the settings of OAUTHBEARER's method oidc are errors.
#   With the feature `cmake-build` too, they are accepted.
# Versions: crate rdkafka 0.39.0, rdkafka-sys 4.10.0 (librdkafka 2.12.1), curl-sys 0.4.91 (libcurl 8.22.0).
#   Needs the OpenSSL headers, pkg-config, make, cmake and a C and a C++ compiler, and no libcurl of the system
#   to link with: librdkafka would take that one, so the script skips there.
# Source: rdkafka-sys' build.rs gives librdkafka's configure the folder of libcurl's headers, but no folder of the
#   library. So the check that links with -lcurl fails, and configure goes on without (fede1024/rust-rdkafka#804).
# Guess before running: both ways have libcurl.
# Seen: libcurl.a is there. The producer is an error by configure and Ok by cmake.
#   No broker is needed, because the settings are read first.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo 'int main(void) { return 0; }' >link.c
if pkg-config --exists libcurl || cc link.c -o link -lcurl 2>link.log; then
    echo "skipped: libcurl of the system is there"
    exit 0
fi
mkdir src
cat >Cargo.toml <<'TOML'
[package]
name = "curl"
version = "0.0.0"
edition = "2021"

[features]
cmake = ["rdkafka/cmake-build"]

[dependencies]
rdkafka = { version = "=0.39.0", features = ["ssl", "curl-static"] }

[workspace]
TOML
cat >src/main.rs <<'RUST'
use rdkafka::{producer::BaseProducer, ClientConfig};

fn main() {
    let producer = ClientConfig::new()
        .set("bootstrap.servers", "127.0.0.1:9")
        .set("security.protocol", "SASL_SSL")
        .set("sasl.mechanism", "OAUTHBEARER")
        .set("sasl.oauthbearer.method", "oidc")
        .set("sasl.oauthbearer.client.id", "shop")
        .set("sasl.oauthbearer.client.secret", "secret")
        .set("sasl.oauthbearer.token.endpoint.url", "https://127.0.0.1:9/token")
        .create::<BaseProducer>();
    match producer {
        Ok(_) => println!("Ok"),
        Err(error) => println!("{error}"),
    }
}
RUST
cargo update --quiet --package rdkafka-sys --precise 4.10.0+2.12.1
cargo update --quiet --package curl-sys --precise 0.4.91+curl-8.22.0

# Both ways share the target folder, so libcurl is compiled once and is the same.
try() {
    CARGO_TARGET_DIR=$folder/target cargo run --quiet "$@"
}
configure=$(try)
echo "configure: $configure"
built=$(find target -path '*/curl-sys-*/build/libcurl.a' | wc -l)
echo "libcurl.a built: $built"
cmake=$(try --features cmake)
echo "cmake: $cmake"
# The settings are set in no fixed order, so the one that the error names varies.
[[ $configure == *'"sasl.oauthbearer.'*'" not supported in this build: OAuth/OIDC depends on libcurl and OpenSSL which were not available at build time'* ]]
[[ $built == 1 && $cmake == Ok ]]
