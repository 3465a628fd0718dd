//! Counters that are there from the start: one that began to exist when it first counts would hide its first from `increase()`, which
//! Prometheus sees as where the series begins. All that the operator's book has alarms for stand here.

use std::collections::BTreeSet;

use feira_connectors::gateway::Gateways;
use feira_schemas::{
    groups::{GROUPS, Group, Role},
    records::{mails::MailOutcome, payments::EffectKind},
};
use feira_web::routing::Route;
use metrics::Label;

/// A label of a counter, and every value that it has.
type Values = (&'static str, Vec<&'static str>);

/// Begins the counters of a process that has these roles and answers by these routes, all at 0.
pub fn begin(roles: &BTreeSet<Role>, routes: &[Route]) {
    let groups: Vec<Group> = GROUPS.into_iter().filter(|group| roles.contains(&group.role)).collect();
    at_zero("feira_log_lines_lost_total", &[]);
    at_zero("feira_connections_refused_total", &[]);
    at_zero("feira_dlq_total", &[named(&groups, |_| true), ("reason", vec!["decode", "handle"])]);
    at_zero("feira_retry_total", &[named(&groups, |group| group.parks)]);
    at_zero("feira_partition_stopped_total", &[named(&groups, |group| matches!(group.role, Role::Context(_)))]);
    at_zero("feira_cache_requests_total", &[("tier", vec!["memory"]), ("result", vec!["hit", "miss"])]);
    at_zero("feira_cache_requests_total", &[("tier", vec!["redis"]), ("result", vec!["hit", "miss", "error"])]);
    for route in routes {
        of_route(route);
    }
    if roles.iter().any(|role| role.has_keys()) {
        let results = vec!["opened", "erased", "lost", "forged", "failed"];
        at_zero("feira_keyring_opened_total", &[("result", results)]);
    }
    if roles.contains(&Role::Effects) {
        of_effects();
    }
    if roles.contains(&Role::Api) {
        of_api();
    }
}

/// What fails of each route: how many of all requests that is, is said by those that came.
fn of_route(route: &Route) {
    let method = route.method.to_string();
    metrics::counter!("feira_http_requests_total", "route" => route.path, "method" => method, "status" => "5xx")
        .increment(0);
}

fn of_effects() {
    let outcomes = vec!["done", "refused", "not_sent", "question"];
    let kinds = EffectKind::ALL.map(EffectKind::word).to_vec();
    let gateways = Gateways::names().collect();
    at_zero("feira_gateway_attempts_total", &[("gateway", gateways), ("kind", kinds), ("outcome", outcomes)]);
    let ends = [MailOutcome::Sent, MailOutcome::Refused, MailOutcome::Erased, MailOutcome::Expired];
    let ends = ends.map(MailOutcome::word).to_vec();
    at_zero("feira_mails_total", &[("outcome", vec!["sent", "refused", "not_sent", "unknown"])]);
    at_zero("feira_mails_done_total", &[("outcome", ends)]);
}

fn of_api() {
    let gateways = Gateways::names().chain(["none"]).collect();
    let reasons = vec!["no_account", "no_gateway", "not_proven", "unreadable", "not_kept"];
    at_zero("feira_gateway_callbacks_refused_total", &[("gateway", gateways), ("reason", reasons)]);
    at_zero("feira_room_refused_total", &[("of", vec!["request bodies", "answers of a shop", "answers"])]);
    at_zero("feira_quota_refused_total", &[("quota", vec!["shop", "credential", "address", "carts", "coupons"])]);
}

/// The label of those groups that count.
fn named(groups: &[Group], counts: impl Fn(&Group) -> bool) -> Values {
    ("group", groups.iter().filter(|group| counts(group)).map(|group| group.name).collect())
}

/// Begins a counter's series at 0, one for each choice of a value of each label. The labels stand in the order in which it counts by them.
fn at_zero(name: &'static str, labels: &[Values]) {
    let mut series: Vec<Vec<Label>> = vec![Vec::new()];
    for (label, values) in labels {
        let label = *label;
        let with = |before: &Vec<Label>| -> Vec<Vec<Label>> {
            let one_more = |value| [&before[..], &[Label::from_static_parts(label, value)]].concat();
            values.iter().copied().map(one_more).collect()
        };
        series = series.iter().flat_map(with).collect();
    }
    for labels in series {
        metrics::counter!(name, labels).increment(0);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use feira_web::problem::Problem;
    use metrics_exporter_prometheus::PrometheusBuilder;

    use super::*;
    use crate::book::{self, BOOK};

    /// The counters of the rules, each with the labels that it is asked for by: of a choice of values every one.
    fn asked(rules: &str) -> Vec<(String, Vec<String>)> {
        let mut all = Vec::new();
        for (at, _) in rules.match_indices("feira_") {
            let is_of_a_name = |sign: char| sign.is_ascii_lowercase() || sign == '_';
            let (name, rest) = rules[at..].split_at(rules[at..].find(|sign: char| !is_of_a_name(sign)).unwrap());
            if !name.ends_with("_total") {
                continue;
            }
            let pairs = rest.strip_prefix('{').map_or("", |rest| rest.split_once('}').unwrap().0);
            let pairs = pairs.split(',').filter(|pair| !pair.is_empty());
            let each = pairs.flat_map(|pair| {
                let (label, values) = pair.split_once('=').unwrap();
                let values = values.trim_start_matches('~').trim_matches('"').split("\\|");
                values.map(move |value| format!("{label}=\"{value}\"")).collect::<Vec<_>>()
            });
            all.push((name.to_owned(), each.collect()));
        }
        all
    }

    #[test]
    fn every_counter_that_an_alarm_asks_for_is_there_at_zero_from_the_start() {
        let book = book::text(BOOK);
        let rules = book.split_once("\n## 10. Alarms").unwrap().1.split_once("\n### ").unwrap().0;
        let routes = [Route::get("/readyz", |_, _| async { Err(Problem::no_such_address()) })];
        let recorder = PrometheusBuilder::new().build_recorder();
        metrics::with_local_recorder(&recorder, || begin(&Role::ALL.into(), &routes));
        let shown = recorder.handle().render();
        let has = |name: &str, labels: &[String]| {
            let of_name = |line: &&str| line.starts_with(&format!("{name}{{")) || line.starts_with(&format!("{name} "));
            shown
                .lines()
                .filter(of_name)
                .any(|line| line.ends_with(" 0") && labels.iter().all(|label| line.contains(label.as_str())))
        };
        let asked = asked(rules);
        for (name, labels) in &asked {
            let alone = labels.iter().map(|label| vec![label.clone()]);
            for labels in alone.chain([Vec::new()]) {
                assert!(has(name, &labels), "{name} {labels:?} is not there:\n{shown}");
            }
        }
        assert!(asked.contains(&("feira_mails_total".into(), vec!["outcome=\"not_sent\"".into()])), "{asked:?}");
        assert!(!has("feira_keyring_opened_total", &["result=\"found\"".into()]), "nothing is made up");
    }

    #[test]
    fn a_process_shows_what_its_roles_count() {
        let recorder = PrometheusBuilder::new().build_recorder();
        metrics::with_local_recorder(&recorder, || begin(&[Role::Search].into(), &[]));
        let shown = recorder.handle().render();
        for (line, there) in [
            ("feira_dlq_total{group=\"search\",reason=\"decode\"} 0", true),
            ("feira_retry_total{group=\"search\"} 0", true),
            ("feira_retry_total{group=\"panel\"} 0", false),
            ("feira_partition_stopped_total", false),
            ("feira_keyring_opened_total", false),
            ("feira_mails_total", false),
        ] {
            assert_eq!(shown.contains(line), there, "{line}:\n{shown}");
        }
    }
}
