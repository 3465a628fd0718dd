//! Sign-ups that nobody pays: each holds a name, so few of them may wait at a time for one document, one e-mail address, and one place that people
//! ask from.

use std::collections::BTreeSet;

use feira_schemas::{
    ids::{Micros, SubscriptionId, TenantId},
    records::signup::SubscriptionStatus,
    row::RowKey,
    rows::{
        sessions::{ASKING_KEPT, AskingRow},
        signup::SubscriptionRow,
    },
    secrets::Term,
    staff::email_term,
    time::{DAY, MINUTE},
};
use feira_web::{
    askings::{self, Asking},
    context::Api,
    problem::Problem,
    routing::Request,
};

use super::{checked::Checked, offer::Ids};

/// Subscriptions that may wait to be paid at a time.
const MOST: usize = 3;
/// The newest of those that one has asked for, which are looked at: enough, since whoever is refused has none more.
const LOOKED: usize = 10;
/// The microseconds for which a subscription counts that nobody has decided on: a command is too late by then, and is refused.
const UNDECIDED_FOR: Micros = 15 * MINUTE;
/// The microseconds for which one counts that was refused: it holds no name, and whoever wants to goes on by its page.
const REFUSED_FOR: Micros = DAY;

/// What one is known by: how its terms begin, and how people are told of it.
const DOCUMENT: (&str, &str) = ("subscribe:document:", "com este CPF ou CNPJ");
const EMAIL: (&str, &str) = ("subscribe:email:", "com este e-mail");
const SOURCE: (&str, &str) = ("subscribe:source:", "deste endereço de internet");

/// Writes down that a subscription is asked for. Where too many wait of whoever asks, it is taken back, and the words for that are given. A
/// subscription that is known already is not another one.
///
/// # Errors
/// 503 where the store of sessions or the state is away.
pub(crate) async fn too_many(
    api: &Api,
    request: &Request,
    ids: Ids,
    checked: &Checked,
) -> Result<Option<String>, Problem> {
    let key = SubscriptionRow::at(ids.tenant, ids.subscription);
    if api.platform.state.get::<SubscriptionRow>(&key).await?.is_some() {
        return Ok(None);
    }
    let asking = Asking::begin(api, whose(api, request, checked)?, ids.tenant, ids.subscription.uuid()).await?;
    let now = api.platform.now();
    for (whose, others) in asking.others(api, now - ASKING_KEPT, LOOKED).await? {
        if waiting(api, &others, now).await? >= MOST {
            asking.take_back(api).await?;
            return Ok(Some(refusal(whose)));
        }
    }
    Ok(None)
}

/// Everything that whoever asks is known by; nothing of it can be read.
fn whose(api: &Api, request: &Request, checked: &Checked) -> Result<Vec<String>, Problem> {
    let document = askings::term(api, Term::Search, checked.document.expose());
    let email = email_term(&api.config.secrets, TenantId::PLATFORM, &checked.email).map_err(Problem::internal)?;
    let source = request.client.map(|client| askings::source(api, client));
    let terms = [(DOCUMENT, Some(document)), (EMAIL, Some(email)), (SOURCE, source)];
    Ok(terms.into_iter().filter_map(|((begin, _), term)| Some(format!("{begin}{}", term?))).collect())
}

fn refusal(whose: &str) -> String {
    let known = [DOCUMENT, EMAIL, SOURCE].into_iter().find(|(begin, _)| whose.starts_with(begin));
    let words = known.map_or(SOURCE.1, |(_, words)| words);
    format!("Já há três assinaturas à espera de pagamento {words}. Pague uma delas ou espere que vençam.")
}

/// The number of subscriptions, of those that were asked for, that wait to be paid.
async fn waiting(api: &Api, askings: &[AskingRow], now: Micros) -> Result<usize, Problem> {
    let mut seen = BTreeSet::new();
    let distinct: Vec<&AskingRow> = askings.iter().filter(|asking| seen.insert(asking.entity_id)).collect();
    let key = |asking: &&AskingRow| SubscriptionRow::at(asking.shop_id, SubscriptionId::from_uuid(asking.entity_id));
    let keys: Vec<RowKey> = distinct.iter().map(key).collect();
    let known = api.platform.state.get_many::<SubscriptionRow>(&keys).await?;
    let pairs = distinct.iter().zip(&known);
    Ok(pairs.filter(|(asking, known)| waits(asking.asked_at(), known.as_ref(), now)).count())
}

/// True if a subscription that was asked for at this time may still come, or waits to be paid.
fn waits(asked_at: Micros, known: Option<&SubscriptionRow>, now: Micros) -> bool {
    let Some(SubscriptionRow { subscription, .. }) = known else { return now < asked_at + UNDECIDED_FOR };
    match subscription.status {
        SubscriptionStatus::Naming | SubscriptionStatus::Paying => true,
        SubscriptionStatus::NameTaken | SubscriptionStatus::Refused => now < subscription.changed_at + REFUSED_FOR,
        SubscriptionStatus::Expired
        | SubscriptionStatus::NameLost
        | SubscriptionStatus::Securing
        | SubscriptionStatus::Paid
        | SubscriptionStatus::Active
        | SubscriptionStatus::Ended
        | SubscriptionStatus::Unknown => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_refused_is_told_of_what_it_is_known_by() {
        let told = [(DOCUMENT, "este CPF ou CNPJ."), (EMAIL, "este e-mail."), (SOURCE, "de internet.")];
        for ((begin, _), words) in told {
            assert!(refusal(&format!("{begin}0f")).contains(words), "{begin}");
        }
    }

    #[test]
    fn what_nobody_decides_on_counts_until_it_is_too_late() {
        assert!(waits(0, None, UNDECIDED_FOR - 1) && !waits(0, None, UNDECIDED_FOR));
    }
}
