//! A name server on loopback that answers out of a list. It reads and writes messages of DNS (RFC 1035) by rules of its own.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv4Addr, SocketAddr},
};

use tokio::{net::UdpSocket, task::JoinHandle};

const A: u16 = 1;
const CNAME: u16 = 5;
const TXT: u16 = 16;
const AAAA: u16 = 28;
/// Bytes of a message's head.
const HEAD: usize = 12;

/// What the server says of a name.
#[derive(Debug, Clone)]
pub enum Said {
    /// These records, in order; more than the one kind that is asked for only behind an alias.
    Records(Vec<Record>),
    /// The code of an error.
    Code(u8),
    /// Nothing.
    Silence,
}

/// A record of the name that is asked for.
#[derive(Debug, Clone)]
pub enum Record {
    /// Parts of a text.
    Txt(Vec<&'static str>),
    /// An address.
    Address(IpAddr),
    /// The name that the name is an alias of.
    Alias(&'static str),
    /// The address of an alias.
    AddressOf(&'static str, Ipv4Addr),
}

/// Answers as long as it is kept.
pub struct Server {
    pub address: SocketAddr,
    answering: JoinHandle<()>,
}

impl Server {
    /// Answers this; of names that are not in the list it says that they do not exist.
    pub async fn start(names: impl IntoIterator<Item = (&'static str, Said)>) -> Self {
        let names: HashMap<String, Said> = names.into_iter().map(|(name, said)| (name.to_owned(), said)).collect();
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        let answering = tokio::spawn(async move {
            let mut buffer = [0; 1_500];
            while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
                let asked = &buffer[..length];
                let (name, kind, end) = question(asked);
                let said = names.get(&name).cloned().unwrap_or(Said::Code(3));
                if let Some(answer) = answer(asked, kind, end, said) {
                    socket.send_to(&answer, from).await.unwrap();
                }
            }
        });
        Self { address, answering }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.answering.abort();
    }
}

/// The name and kind that a message asks for, and where the question ends.
fn question(asked: &[u8]) -> (String, u16, usize) {
    let (mut at, mut labels) = (HEAD, Vec::new());
    while asked[at] > 0 {
        let end = at + 1 + usize::from(asked[at]);
        labels.push(String::from_utf8(asked[at + 1..end].to_vec()).unwrap().to_lowercase());
        at = end;
    }
    (labels.join("."), u16::from_be_bytes([asked[at + 1], asked[at + 2]]), at + 5)
}

fn answer(asked: &[u8], kind: u16, end: usize, said: Said) -> Option<Vec<u8>> {
    let (code, records) = match said {
        Said::Records(records) => (0, records),
        Said::Code(code) => (code, Vec::new()),
        Said::Silence => return None,
    };
    let written: Vec<Vec<u8>> = records.iter().filter_map(|record| write(record, kind)).collect();
    let mut answer = asked[..2].to_vec();
    // An answer, recursion wanted and had; one question, these answers, nothing beside.
    answer.extend([0x81, 0x80 | code, 0, 1, 0, u8::try_from(written.len()).unwrap(), 0, 0, 0, 0]);
    answer.extend(&asked[HEAD..end]);
    answer.extend(written.concat());
    Some(answer)
}

/// A record, if it belongs into an answer to a question of this kind.
fn write(record: &Record, asked: u16) -> Option<Vec<u8>> {
    let question = vec![0xc0, 0x0c];
    let (owner, kind, data) = match record {
        Record::Txt(parts) => {
            let part = |part: &&str| {
                let mut bytes = vec![u8::try_from(part.len()).unwrap()];
                bytes.extend(part.as_bytes());
                bytes
            };
            (question, TXT, parts.iter().map(part).collect::<Vec<_>>().concat())
        }
        Record::Address(IpAddr::V4(address)) => (question, A, address.octets().to_vec()),
        Record::Address(IpAddr::V6(address)) => (question, AAAA, address.octets().to_vec()),
        Record::Alias(name) => (question, CNAME, labels(name)),
        Record::AddressOf(name, address) => (labels(name), A, address.octets().to_vec()),
    };
    let belongs = kind == asked || kind == CNAME;
    belongs.then(|| {
        let length = u16::try_from(data.len()).unwrap().to_be_bytes();
        let head = [&kind.to_be_bytes()[..], &[0, 1, 0, 0, 0, 60], &length].concat();
        [owner, head, data].concat()
    })
}

fn labels(name: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    for label in name.split('.') {
        bytes.push(u8::try_from(label.len()).unwrap());
        bytes.extend(label.as_bytes());
    }
    bytes.push(0);
    bytes
}
