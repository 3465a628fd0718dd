//! Variables of the environment that begin with `FEIRA_` and were meant for nobody: Kubernetes sets some in every pod for a Service whose
//! name begins with `feira`.

/// True for one of the variables by which Kubernetes tells where a Service is, as its page "Service" lists them:
/// `<S>_SERVICE_HOST`, `<S>_SERVICE_PORT` with a port's name or without, and Docker's `<S>_PORT`,
/// `<S>_PORT_<number>_<protocol>` with `_PROTO`, `_PORT` or `_ADDR` or without. `name` is in small letters and begins
/// behind `FEIRA_`, in the middle of `<S>` or at its end.
pub(super) fn is_of_a_service(name: &str, text: &str) -> bool {
    let name = format!("_{name}");
    let behind = |marker: &str| -> Vec<&str> {
        name.match_indices(marker).map(|(at, found)| name.get(at + found.len()..).unwrap_or_default()).collect()
    };
    behind("_service_").iter().any(|rest| matches!(*rest, "host" | "port") || rest.starts_with("port_"))
        || behind("_port").iter().any(|rest| if rest.is_empty() { text.contains("://") } else { is_of_a_port(rest) })
}

/// True for `_<number>_<protocol>`, alone or followed by `_proto`, `_port` or `_addr`.
fn is_of_a_port(rest: &str) -> bool {
    let parts: Vec<&str> = rest.split('_').collect();
    let ["", number, protocol, said @ ..] = parts.as_slice() else { return false };
    number.parse::<u16>().is_ok()
        && matches!(*protocol, "tcp" | "udp" | "sctp")
        && matches!(said, [] | ["proto" | "port" | "addr"])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_kubernetes_sets_for_a_service_is_known_by_its_form() {
        for (name, text) in [
            ("service_host", "10.0.171.239"),
            ("service_port", "8080"),
            ("service_port_http", "8080"),
            ("port", "tcp://10.0.171.239:8080"),
            ("port_8080_tcp", "tcp://10.0.171.239:8080"),
            ("port_8080_tcp_proto", "tcp"),
            ("port_8080_tcp_port", "8080"),
            ("port_8080_tcp_addr", "10.0.171.239"),
            ("port_5353_udp", "udp://10.0.171.239:5353"),
            ("kafka_service_host", "10.0.0.1"),
            ("kafka_port", "tcp://10.0.0.1:9092"),
            ("kafka_port_9092_tcp_addr", "10.0.0.1"),
            ("port_8080_port_9092_sctp_port", "9092"),
        ] {
            assert!(is_of_a_service(name, text), "{name}");
        }
        for (name, text) in [
            ("port", "8080"),
            ("service", "x"),
            ("services_host", "x"),
            ("service_hosts", "x"),
            ("port_http", "8080"),
            ("port_8080", "8080"),
            ("port_8080_http", "8080"),
            ("port_8080_tcp_name", "http"),
            ("port_99999_tcp", "tcp://h:99999"),
            ("port_8080_tcp_port_8080", "8080"),
            ("kafka_broker", "h:9092"),
            ("kafka_support", "tcp://h:9092"),
        ] {
            assert!(!is_of_a_service(name, text), "{name}");
        }
    }
}
