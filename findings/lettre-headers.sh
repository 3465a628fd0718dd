#!/usr/bin/env bash
# Behaviour: what lettre's builder makes of two valid texts is read as something else.
#   1. A subject in which two words with accents stand two spaces apart: each is an encoded word, and what is between two of them is
#      no text (RFC 2047, 6.2), so the words are read as one.
#   2. A subject in ASCII that looks encoded is sent as it is, and read decoded.
# Versions: lettre 0.11.23, mail-parser 0.11.9.
# Source: src/message/header/mod.rs (`HeaderValueEncoder` encodes word by word, and only words that are not ASCII).
# Guess before running: a subject is read as it was written.
# Seen: "dois espaçosé" and "Banco".
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
mkdir src
cat >Cargo.toml <<'TOML'
[package]
name = "headers"
version = "0.0.0"
edition = "2021"

[dependencies]
lettre = { version = "=0.11.23", default-features = false, features = ["builder"] }
mail-parser = "=0.11.9"

[workspace]
TOML
cat >src/main.rs <<'RUST'
use lettre::message::Message;
use mail_parser::MessageParser;

fn main() {
    for text in ["dois espaços  é", "=?utf-8?q?Banco?="] {
        let message = Message::builder().from("a@shop.example".parse().unwrap()).to("b@home.example".parse().unwrap()).subject(text);
        let bytes = message.body("Hello".to_owned()).unwrap().formatted();
        let read = MessageParser::default().parse(&bytes).unwrap();
        println!("{text:?}: subject {:?}", read.subject().unwrap());
    }
}
RUST
seen=$(CARGO_TARGET_DIR=$folder/target cargo run --quiet)
echo "$seen"
[[ $seen == *'"dois espaços  é": subject "dois espaçosé"'* ]]
[[ $seen == *'"=?utf-8?q?Banco?=": subject "Banco"' ]]
