//! What the site says in few words in many places.

use feira_schemas::{
    brazil::{local_date, local_date_time},
    ids::Micros,
    records::{payments::PaymentMethod, signup::PlanLimits},
    refusals::grouped,
};

/// How often a plan is paid, as it stands behind its price.
pub(crate) fn cycle(months: i32) -> String {
    match months {
        1 => "por mês".to_owned(),
        12 => "por ano".to_owned(),
        24 => "a cada 2 anos".to_owned(),
        months => format!("a cada {months} meses"),
    }
}

/// The most that a shop of a plan may have, a line each.
pub(crate) fn limits(limits: PlanLimits) -> Vec<String> {
    let many = |most: Option<i32>, one: &str, more: &str, any: &str| match most {
        None => any.to_owned(),
        Some(1) => format!("1 {one}"),
        Some(most) => format!("até {} {more}", grouped(usize::try_from(most).unwrap_or_default())),
    };
    vec![
        many(limits.products, "produto", "produtos", "produtos sem limite"),
        many(limits.staff, "pessoa na equipe", "pessoas na equipe", "equipe sem limite"),
    ]
}

/// The word for a way to pay.
pub(crate) fn method(method: PaymentMethod) -> &'static str {
    match method {
        PaymentMethod::Card => "cartão de crédito",
        PaymentMethod::Pix => "Pix",
        PaymentMethod::Boleto => "boleto",
        PaymentMethod::Unknown => "outra forma",
    }
}

/// Ways to pay as one reads them: «cartão de crédito, Pix ou boleto».
pub(crate) fn methods(methods: &[PaymentMethod]) -> String {
    let words: Vec<&str> = methods.iter().copied().map(method).collect();
    match words.as_slice() {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} ou {last}", first.join(", ")),
    }
}

/// The day in São Paulo, as it is written there.
pub(crate) fn day(time: Micros) -> String {
    local_date(time)
        .map_or_else(|_| "–".to_owned(), |day| format!("{:02}/{:02}/{}", day.day(), day.month(), day.year()))
}

/// The day and the time in São Paulo, to the minute.
pub(crate) fn moment(time: Micros) -> String {
    let clock = local_date_time(time).map(|at| format!(" às {:02}:{:02}", at.hour(), at.minute()));
    day(time) + &clock.unwrap_or_default()
}

/// A date of a record, 2026-12-31, as it is written in Brazil.
pub(crate) fn date(text: &str) -> String {
    match text.split('-').collect::<Vec<_>>().as_slice() {
        [year, month, day] => format!("{day}/{month}/{year}"),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_plan_costs_and_holds_is_said_in_few_words() {
        for (months, words) in [(1, "por mês"), (6, "a cada 6 meses"), (12, "por ano"), (24, "a cada 2 anos")] {
            assert_eq!(cycle(months), words);
        }
        let some = PlanLimits { products: Some(1_000), staff: Some(1) };
        assert_eq!(limits(some), ["até 1.000 produtos", "1 pessoa na equipe"]);
        assert_eq!(limits(PlanLimits::default()), ["produtos sem limite", "equipe sem limite"]);
        let all = [PaymentMethod::Card, PaymentMethod::Pix, PaymentMethod::Boleto];
        assert_eq!(methods(&all), "cartão de crédito, Pix ou boleto");
        assert_eq!((methods(&all[1..2]), methods(&[])), ("Pix".to_owned(), String::new()));
    }

    #[test]
    fn times_are_those_of_sao_paulo() {
        // 2026-03-02, 01:30 UTC: the evening before.
        assert_eq!(moment(1_772_415_000_000_000), "01/03/2026 às 22:30");
        assert_eq!((date("2026-12-31"), date("x")), ("31/12/2026".to_owned(), "x".to_owned()));
        assert_eq!(day(Micros::MAX), "–");
    }
}
