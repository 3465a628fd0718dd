//! `/assinatura/{link}/eventos`: how far a subscription is, told as it changes.

use std::{
    collections::HashMap,
    convert::Infallible,
    net::IpAddr,
    sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use feira_schemas::{problem::Code, records::signup::Subscription, signup_link::SignupLink};
use feira_web::{
    addresses::Source,
    context::Api,
    problem::Problem,
    reply::{self, Response},
    routing::{Request, Route},
};
use serde_json::json;
use tokio::sync::{
    Semaphore, SemaphorePermit,
    mpsc::{self, Sender},
};
use tokio_stream::wrappers::ReceiverStream;

use super::{
    TRIED, known, link,
    model::{self, Sent},
    sent,
};

/// Streams of a process: each is a connection, of which it has 10,000. Who finds no place asks again by and by.
const STREAMS: usize = 2_000;
/// Streams of one source: a person has a page or two open, and some people have one address. With more, one source would take all places.
const STREAMS_OF_ONE: usize = 20;
/// The time between two looks at the row.
const BETWEEN: Duration = Duration::from_millis(500);
/// Looks of one stream: two minutes. A browser connects again by itself.
const LOOKS: u32 = 240;
/// Looks after which something is sent though nothing is new, by which who has gone is noticed.
const SILENT: u32 = 30;
/// Bytes of a stream that are in memory at once: an event has some dozens.
const HELD: usize = 1_024;

/// The places of this process.
static PLACES: Semaphore = Semaphore::const_new(STREAMS);
/// The places that each source has taken.
static TAKEN: LazyLock<Mutex<HashMap<Source, usize>>> = LazyLock::new(Mutex::default);

pub(super) fn route() -> Route {
    Route::get("/assinatura/{link}/eventos", events)
        .on_platform()
        .query([TRIED])
        .holds(HELD)
        .gives(200, "Events of the type `status`, for two minutes at most.", Some(("text/event-stream", "Text")))
        .problems(&[503])
        .says("Tells how far a subscription is, as it changes.")
}

/// A stream's place, which is free again once this is dropped.
struct Place {
    source: Option<Source>,
    _permit: SemaphorePermit<'static>,
}

impl Place {
    /// A place for this client; none where all are taken, or all that one source may have.
    fn take(client: Option<IpAddr>) -> Option<Self> {
        let permit = PLACES.try_acquire().ok()?;
        let source = client.map(Source::from);
        if let Some(source) = source {
            let mut taken = taken();
            let of_source = taken.entry(source).or_default();
            if *of_source >= STREAMS_OF_ONE {
                return None;
            }
            *of_source += 1;
        }
        Some(Self { source, _permit: permit })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let Some(source) = self.source else { return };
        let mut taken = taken();
        let left = taken.get(&source).map_or(0, |of_source| of_source.saturating_sub(1));
        if left == 0 {
            taken.remove(&source);
        } else {
            taken.insert(source, left);
        }
    }
}

fn taken() -> MutexGuard<'static, HashMap<Source, usize>> {
    TAKEN.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn events(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let link = link(&api, &request)?;
    let sent = sent(&request, link);
    let Some(place) = Place::take(request.client) else {
        let detail = "Há páginas demais abertas neste momento. Esta se atualiza sozinha em alguns segundos.";
        return Err(Problem::new(Code::Unavailable, detail));
    };
    let (sender, receiver) = mpsc::channel(4);
    tokio::spawn(async move {
        let _place = place;
        tell(&api, link, sent, &sender).await;
    });
    Ok(reply::events(ReceiverStream::new(receiver)))
}

/// Whoever listens, and what it was told.
struct Listener<'a> {
    sender: &'a Sender<Result<Bytes, Infallible>>,
    state: String,
    /// Looks since something was sent.
    silent: u32,
}

/// Tells what is new until nothing more comes by itself, nobody listens, or the time is over.
async fn tell(api: &Api, link: SignupLink, sent: Sent, sender: &Sender<Result<Bytes, Infallible>>) {
    let mut listener = Listener { sender, state: String::new(), silent: 0 };
    let mut stop = api.stop.clone();
    for _ in 0..LOOKS {
        // What can't be read now is read by the next look.
        if let Ok(known) = known(api, link).await
            && !listener.is_told(api, known.as_ref(), sent).await
        {
            return;
        }
        tokio::select! {
            () = tokio::time::sleep(BETWEEN) => {}
            () = sender.closed() => return,
            _ = stop.changed() => return,
        }
    }
}

impl Listener<'_> {
    /// Tells how far a subscription is, if that is new; false where nothing more is to be told, or nobody listens.
    async fn is_told(&mut self, api: &Api, known: Option<&Subscription>, sent: Sent) -> bool {
        let now = api.platform.now();
        let known = model::seen(known, sent, now);
        let state = model::state(known, sent.at, now);
        self.silent = if state == self.state { self.silent + 1 } else { 0 };
        let news = match (state == self.state, self.silent) {
            (false, _) => Some(event(model::word(known), &state)),
            (true, SILENT) => Some(Bytes::from_static(b": \n\n")),
            (true, _) => None,
        };
        self.silent %= SILENT;
        if let Some(news) = news
            && self.sender.send(Ok(news)).await.is_err()
        {
            return false;
        }
        self.state = state;
        model::said(known, sent.at, now).waits
    }
}

fn event(status: &str, state: &str) -> Bytes {
    format!("event: status\ndata: {}\n\n", json!({"status": status, "state": state})).into()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_one_line_of_json_under_its_name() {
        let event = event("paying", "3-late");
        assert_eq!(&event[..], b"event: status\ndata: {\"status\":\"paying\",\"state\":\"3-late\"}\n\n");
    }

    #[test]
    fn a_source_has_some_places_and_not_all() {
        let client = |text: &str| text.parse::<IpAddr>().ok();
        let (one, other) = (client("2001:db8:7::1"), client("2001:db8:8::1"));
        let mut places: Vec<Option<Place>> = (0..STREAMS_OF_ONE).map(|_| Place::take(one)).collect();
        assert!(places.iter().all(Option::is_some));
        assert!(Place::take(one).is_none() && Place::take(client("2001:db8:7::2")).is_none(), "it is one source");
        assert!(Place::take(other).is_some() && Place::take(None).is_some());
        places.pop();
        assert!(Place::take(one).is_some(), "what is let go is free");
        drop(places);
        assert!(!taken().contains_key(&Source::from(one.unwrap())), "nobody is remembered");
    }
}
